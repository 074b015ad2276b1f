import Testing

@Suite("The documentation says what the sources do")
struct DocumentationTests {
  @Test("docs/events.md lists the event types that there are")
  func eventTypes() throws {
    let declared = try Repository.here.sources().filter { $0.path.hasPrefix("Shared/Contract/") }
      .flatMap { types(in: $0.lines.joined(separator: "\n"), between: "\"") }
    let listed = types(in: try Repository.here.text(of: "docs/events.md"), between: "`")
    #expect(Set(declared).count > 30, "the types are where this test looks for them")
    #expect(Set(listed).symmetricDifference(declared) == [])
  }

  @Test("Links between the repository's own pages lead somewhere")
  func links() throws {
    let pages = try Repository.here.paths(endingIn: [".md"])
    for page in pages {
      let folder = page.split(separator: "/").dropLast().joined(separator: "/")
      for target in targets(in: try Repository.here.text(of: page)) {
        #expect(
          Repository.here.exists(folder.isEmpty ? target : "\(folder)/\(target)"), "\(page) links to \(target)")
      }
    }
  }

  @Test(
    "Paths of sources that the pages name lead somewhere",
    arguments: ["CONTRIBUTING.md", "docs/architecture.md", "SECURITY.md"])
  func sourcePaths(page: String) throws {
    for path in try Repository.here.text(of: page).split(separator: "`") {
      let isPath = ["Services/", "Shared/", "Tests/", "docs/"].contains(where: path.hasPrefix) && !path.contains(" ")
      guard isPath, !path.contains("<"), !path.contains("NNNN"), !path.contains("*") else { continue }
      #expect(Repository.here.exists(String(path)), "\(page) names \(path)")
    }
  }

  private func types(in text: String, between quote: Character) -> [String] {
    text.split(separator: quote).filter { $0.hasPrefix("dev.gonogo.") && $0.hasSuffix(".v1") }.map(String.init)
  }

  /// What the Markdown links of a page point to, those to other hosts and within the page left out.
  private func targets(in text: String) -> [String] {
    text.split(separator: "](").dropFirst().compactMap { rest in
      let target = rest.prefix { $0 != ")" && $0 != "#" && $0 != "\n" }
      return target.isEmpty || target.contains("://") ? nil : String(target)
    }
  }
}
