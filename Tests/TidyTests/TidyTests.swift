import Testing

@Suite("The sources follow the style")
struct TidyTests {
  static let rules = Rule.language + Rule.text + Rule.layers
  private static let sources = Result { try Repository.here.sources() }

  @Test("No source violates a rule", arguments: rules)
  func sources(keepTo rule: Rule) throws {
    let sources = try Self.sources.get()
    #expect(sources.count > 50, "the sources are where this test looks for them")
    let breaches = sources.flatMap(rule.breaches)
    #expect(breaches.isEmpty, "\(rule.name)\n\(breaches.joined(separator: "\n"))")
  }

  @Test("No file contains a path of somebody's machine")
  func machinePaths() throws {
    let texts = try Repository.here.paths(endingIn: [
      ".swift", ".md", ".sh", ".py", ".yaml", ".yml", ".json", "Dockerfile", "quickstart", "test", "run",
    ])
    var breaches: [String] = []
    for path in texts where !path.hasPrefix("Tests/TidyTests/") {
      let lines = try Repository.here.text(of: path).split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where MachinePath.isIn(String(line), isTest: path.hasPrefix("Tests/")) {
        breaches.append("\(path):\(index + 1): \(line)")
      }
    }
    #expect(breaches.isEmpty, "\(breaches.joined(separator: "\n"))")
  }

  @Test("Decision records are numbered without gaps and discuss alternatives")
  func decisions() throws {
    let paths = try Repository.here.paths(endingIn: [".md"]).filter {
      $0.hasPrefix("docs/decisions/") && !$0.hasSuffix("/README.md")
    }
    let numbers = paths.compactMap { path in Int(path.dropFirst("docs/decisions/".count).prefix(4)) }
    #expect(numbers == Array(1..<(paths.count + 1)), "each record is docs/decisions/NNNN-title.md, from 0001")
    for path in paths {
      let text = try Repository.here.text(of: path)
      #expect(text.contains("\n## Alternatives\n"), "\(path) names no alternatives")
    }
  }
}

/// Folders that exist on one machine only; a test may make up somebody's home.
enum MachinePath {
  static func isIn(_ line: String, isTest: Bool = false) -> Bool {
    (["/Users/", "/root/", "/work/"] + (isTest ? [] : ["/home/"])).contains { folder in
      line.ranges(of: folder).contains { range in
        let before = range.lowerBound == line.startIndex ? nil : line[line.index(before: range.lowerBound)]
        let after = range.upperBound == line.endIndex ? nil : line[range.upperBound]
        return !(before.map(isPathCharacter) ?? false) && (after.map(isPathCharacter) ?? false)
      }
    }
  }

  private static func isPathCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "._-~*$}".contains(character)
  }
}
