import Testing

@Suite("The documentation matches the sources")
struct DocumentationTests {
  @Test("docs/events.md lists all existing event types")
  func eventTypes() throws {
    let declared = try Repository.here.sources().filter { $0.path.hasPrefix("Shared/Contract/") }
      .flatMap { types(in: $0.lines.joined(separator: "\n"), between: "\"") }
    let listed = types(in: try Repository.here.text(of: "docs/events.md"), between: "`")
    #expect(Set(declared).count > 30, "the types are where this test looks for them")
    #expect(Set(listed).symmetricDifference(declared) == [])
  }

  @Test("Links between the repository's own pages resolve")
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
    "Source paths named in the pages exist",
    arguments: ["CONTRIBUTING.md", "docs/architecture.md", "SECURITY.md"])
  func sourcePaths(page: String) throws {
    for path in try Repository.here.text(of: page).split(separator: "`") {
      let isPath = ["Services/", "Shared/", "Tests/", "docs/"].contains(where: path.hasPrefix) && !path.contains(" ")
      guard isPath, !path.contains("<"), !path.contains("NNNN"), !path.contains("*") else { continue }
      #expect(Repository.here.exists(String(path)), "\(page) names \(path)")
    }
  }

  @Test("docs/architecture.md lists, for each of three paths, existing files, and the right number of them")
  func filesOfPaths() throws {
    let sections = try Repository.here.text(of: "docs/architecture.md").split(separator: "\n## ")
    let section = try #require(sections.first { $0.hasPrefix("Three paths, file by file") })
    let listed = section.split(separator: "\n- **").dropFirst().map { list($0) }
    let lists = Dictionary(listed, uniquingKeysWith: { first, _ in first })
    #expect(lists.count == 6, "the lists are where this test looks for them")
    let paths = try Repository.here.paths(endingIn: [".swift"]).filter { !$0.hasPrefix("Tests/") }
    let sources = Set(paths.compactMap { $0.split(separator: "/").last.map(String.init) })
    for name in lists.values.joined() {
      #expect(sources.contains("\(name).swift"), "the page names \(name), and there is no such file")
    }
    let callers = try #require(lists["Every call, from the caller"]).count
    let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
    #expect(rows.count == 3, "the table is where this test looks for it")
    for row in rows {
      let cells = row.split(separator: "|").map { String(trimmed(String($0))) }
      let own = try #require(lists[cells[0]]).count
      #expect(cells[1] == "\(own)", "the list of \(cells[0]) has \(own) files")
      let services = try #require(Int(cells[2]))
      #expect(cells[3] == "\(services + callers)", "\(cells[0]) passes \(callers) files of the caller")
    }
  }

  /// The title of a list of files, and the names in it.
  private func list(_ text: Substring) -> (String, [String]) {
    let parts = text.split(separator: ".**", maxSplits: 1)
    let quoted = parts.last?.split(separator: "`") ?? []
    let names = quoted.indices.filter { !$0.isMultiple(of: 2) }.map { String(quoted[$0]) }
    return (String(parts.first ?? ""), names)
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
