/// A Swift source, as text and as code alone.
struct SourceFile: Sendable {
  /// Relative to the repository's root.
  let path: String
  /// As written.
  let lines: [String]
  /// The same lines with comments and the contents of string literals blanked.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = Self.lines(of: text)
    code = Self.lines(of: CodeOnly.text(of: text))
  }

  var name: String { String(path.split(separator: "/").last ?? "") }
  var isTest: Bool { path.hasPrefix("Tests/") || path.hasPrefix("Shared/TestSupport/") }
  /// What is built into a library or an executable of the product.
  var isProduct: Bool { (path.hasPrefix("Shared/") || path.hasPrefix("Services/")) && !isTest }

  /// Whether the line has a comment, or the line before it that is no attribute is one.
  func isExplained(at index: Int) -> Bool {
    if lines[index].contains("//") { return true }
    var above = index - 1
    while above >= 0, trimmed(lines[above]).hasPrefix("@") { above -= 1 }
    return above >= 0 && trimmed(lines[above]).hasPrefix("//")
  }

  /// The modules that it imports, each with its line.
  var imports: [(line: Int, module: String)] {
    code.enumerated().compactMap { index, line in
      let words = line.split(separator: " ")
      guard let position = words.firstIndex(of: "import"), position <= 2, position + 1 < words.count,
        words[..<position].allSatisfy(Self.importPrefixes.contains)
      else { return nil }
      let name = words[words.count - 1].split(separator: ".")[0]
      return (index + 1, String(name))
    }
  }

  private static let importPrefixes: Set<Substring> = [
    "public", "internal", "package", "private", "fileprivate", "@testable", "@_exported", "@preconcurrency",
  ]

  private static func lines(of text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}

/// Without the spaces around it.
func trimmed(_ line: String) -> Substring {
  var text = line[...]
  while text.first == " " { text.removeFirst() }
  while text.last == " " { text.removeLast() }
  return text
}
