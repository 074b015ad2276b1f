public import Contract

/// Extracts documentation comments from Swift sources: those of types, properties and cases by their qualified names,
/// those of methods and event types by their names on the wire.
public struct DocCommentReader {
  private var texts: [String: String] = [:]
  /// The enclosing types, each with the brace depth of its members.
  private var types: [(name: String, depth: Int)] = []
  private var depth = 0
  private var comment: [String] = []
  /// The type to which the next opening brace belongs.
  private var announced: String?
  private var isInText = false

  private init() {}

  /// Returns the comments of several sources.
  public static func comments(in sources: [String]) -> DocComments {
    var reader = DocCommentReader()
    for source in sources { reader.read(source) }
    return DocComments(reader.texts)
  }

  private mutating func read(_ source: String) {
    (types, depth, comment, announced, isInText) = ([], 0, [], nil, false)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for index in lines.indices { read(lines, at: index) }
  }

  private mutating func read(_ lines: [String], at index: Int) {
    let line = lines[index].trimmingPrefix { $0 == " " }
    if line.hasPrefix("///"), !isInText {
      comment.append(String(line.dropFirst(3).trimmingPrefix { $0 == " " }))
      return
    }
    if line.hasPrefix("@"), !line.contains(" ") { return }
    let text = Self.paragraphs(comment)
    comment = []
    declare(lines[index...].prefix(4).joined(separator: "\n"), String(line), text)
    follow(String(line))
  }

  // MARK: Declarations

  private mutating func declare(_ declaration: String, _ line: String, _ text: String?) {
    guard !isInText else { return }
    if let match = line.firstMatch(of: /^(?:\w+ )*(?:struct|enum|class|actor|protocol|extension) ([\w.]+)/) {
      let name = String(match.1)
      announced = name
      if !line.hasPrefix("extension"), !line.contains(" extension ") { note(text, (types.map(\.name) + [name])) }
      return
    }
    guard let text, types.last.map({ $0.depth == depth }) ?? false else { return }
    if let name = declaration.firstMatch(
      of: /^(?: *)public static (?:let|func) [^"]*?(?:EventType<|Route<|Route\()[^"]*"([\w.]+)"/)?.1
    {
      texts[String(name)] = text
    } else if let name = line.firstMatch(of: /^(?:\w+(?:\(set\))? )*(?:var|let) `?(\w+)`?/)?.1 {
      note(text, types.map(\.name) + [String(name)])
    } else if line.hasPrefix("case ") {
      for name in line.dropFirst(5).split(separator: ",").compactMap({ $0.firstMatch(of: /`?(\w+)`?/)?.1 }) {
        note(text, types.map(\.name) + [String(name)])
      }
    }
  }

  private mutating func note(_ text: String?, _ names: [String]) {
    if let text { texts[names.joined(separator: ".")] = text }
  }

  /// Joins a comment's lines into paragraphs, without the parts about parameters, results and errors.
  private static func paragraphs(_ lines: [String]) -> String? {
    let own = lines.prefix { !$0.hasPrefix("- Throws") && !$0.hasPrefix("- Parameter") && !$0.hasPrefix("- Returns") }
    let paragraphs = own.split(separator: "").map { $0.joined(separator: " ") }
    return paragraphs.isEmpty ? nil : paragraphs.joined(separator: "\n\n")
  }

  // MARK: Braces

  /// Counts the braces of a line outside of strings and comments.
  private mutating func follow(_ line: String) {
    var code = line
    if code.contains("\"\"\"") {
      isInText.toggle()
      return
    }
    guard !isInText else { return }
    code = code.replacing(/"(?:\\.|[^"\\])*"/, with: "").replacing(/\/(?:[^\/\s][^\/]*)\/(?=[,)\s.]|$)/, with: "")
    if let start = code.firstRange(of: "//") { code.removeSubrange(start.lowerBound...) }
    for character in code {
      switch character {
      case "{":
        depth += 1
        guard let name = announced else { continue }
        types.append((name, depth))
        announced = nil
      case "}":
        if types.last?.depth == depth { types.removeLast() }
        depth -= 1
      default: continue
      }
    }
  }
}
