import Documents
import LaunchModel
import TestSupport
import Testing

@Suite("Checklists in Markdown") struct ChecklistImportTests {
  private static func imported(_ text: String) throws -> ChecklistImport {
    try ChecklistImport(
      of: try MarkdownDocument(parsing: Array(text.utf8)), file: "list.md", tiers: [.launchEvent, .major])
  }

  /// Counted in the files by hand (`checklists` in the data's README).
  @Test(
    "Published checklists yield the expected number of items, as templates that can be adopted",
    .enabled(if: TestData.isAvailable, Comment(rawValue: TestData.unavailable)),
    arguments: [
      ("k8s-cut-release.md", 11), ("k8s-comms-progress.md", 94), ("mercari-pre-production.md", 74),
      ("18f-good-production-practices.md", 48),
    ])
  func published(_ file: String, _ count: Int) throws {
    let document = try MarkdownDocument(parsing: try TestData.bytes("checklists/\(file)"))
    let imported = try ChecklistImport(of: document, file: file, tiers: [.launchEvent, .major])
    #expect(imported.template.items.count == count)
    #expect(imported.items.map(\.key) == imported.template.items.map(\.key))
    #expect(try ChecklistTemplate(reading: imported.template.document) == imported.template)
    for item in imported.items { #expect(item.guesses.prefix(2).map(\.field) == ["function", "due"]) }
  }

  /// From kubernetes/sig-release, `.github/ISSUE_TEMPLATE/cut-release.md` (Apache-2.0), shortened.
  @Test("Tasks become items, a plain entry around them their group; comments are skipped") func tasks() throws {
    let imported = try Self.imported(
      """
      ---
      name: Cut a release
      ---
      ## Scheduled to happen: <!-- Tue, YYYY-MM-DD -->

      ## Release Steps

      - [ ] Ensure a green signal has been given by Release Signal **on the day of the cut**
      - [ ] Create a thread on #release-management: <!-- Paste link to slack -->
      <!-- Uncomment for non-patch releases
      - Mock Run
        - [ ] Stage
        - [ ] Release
      -->
      - NoMock Run
        - [ ] Stage
        - [x] Release
      - [ ] Update [`schedule.yaml` file](https://example.com/schedule.yaml) (_patch releases only_)
        - see [the tool](https://example.com/builder)
      """)
    #expect(
      imported.template.items.map(\.title) == [
        "Ensure a green signal has been given by Release Signal on the day of the cut",
        "Create a thread on #release-management", "Stage", "Release", "Update schedule.yaml file (patch releases only)",
      ])
    #expect(imported.items.map(\.line) == [8, 9, 16, 17, 18])
    let sections = imported.template.items.map(\.section)
    #expect(sections[1] == "Release Steps" && sections[2] == "Release Steps / NoMock Run" && sections[3] == sections[2])
    #expect(imported.template.items[0].due.description == "launch day")
    #expect(imported.template.items[0].phase == .launchDay)
    #expect(
      imported.template.items[4].why
        == "Imported from list.md, line 18. See https://example.com/schedule.yaml https://example.com/builder")
    #expect(imported.leftOut.map(\.line) == [10, 19])
    #expect(imported.leftOut.first?.because == "inside a comment" && imported.leftOut.first?.text == "2 tasks")
  }

  /// From mercari/production-readiness-checklist (MIT), shortened; the columns Owner and When are added.
  @Test("A checklist table's rows become items, with owner and due day from their columns") func tables() throws {
    let imported = try Self.imported(
      """
      # Pre-production Checklist
      See the list of [levels](levels.md):
      - Level A
      ## :wrench: Maintainability
      | Check name | Short Description | Owner | When |
      | :--------- | :---------------- | :---- | :--- |
      | Unit test | It has unit tests. | Engineering | 2 weeks before |
      | [No latest tag](https://example.com/tag) | Its tag is not `latest`. | Product Marketing | T-3 |
      | [ ] Announce | | CS | day of launch |
      | | nothing | | |
      | Level | Meaning |
      """)
    let items = imported.template.items
    #expect(items.map(\.title) == ["Unit test", "No latest tag", "Announce", "Level"])
    #expect(items.map(\.function) == [.engineering, .marketing, .cs, .engineering])
    #expect(
      items.map(\.due.description) == ["14 days before", "3 days before", "launch day", "5 business days before"])
    #expect(items.map(\.section) == Array(repeating: "Maintainability", count: 4))
    #expect(items[1].why == "Imported from list.md, line 8. Its tag is not latest. See https://example.com/tag")
    #expect(imported.leftOut.map(\.line) == [3, 10])
  }

  /// From 18F's good production practices (CC0), shortened; the nested entries are added.
  @Test("Without tasks and tables, the innermost list entries become items, except links within the file")
  func entries() throws {
    let imported = try Self.imported(
      """
      # Practices
      - [Backups](#backups)

      ### Backups
      - **All volatile data storage is on redundant infrastructure**
      - Ideally, point-in-time recovery is possible
      1. Recovery
         - is documented
         - is tested
      ### Useful links
      - [Pin dependencies](../pinning-dependencies/)
      """)
    let items = imported.template.items
    #expect(
      items.map(\.key) == [
        "all-volatile-data-storage-is-on-redundant-infrastructure", "ideally-point-in-time-recovery-is-possible",
        "is-documented", "is-tested",
      ])
    #expect(items.map(\.section) == ["Backups", "Backups", "Backups / Recovery", "Backups / Recovery"])
    #expect(items.map(\.gate) == [.blocking, .advisory, .blocking, .blocking])
    #expect(imported.leftOut.map(\.because) == ["a link within the file", "listed under \"Useful links\""])
  }

  @Test("In a file with tasks, a table counts only if it has an owner, a due date or a status") func besideTasks()
    throws
  {
    let imported = try Self.imported(
      """
      - [ ] Stage

      | Step | Command | Start |
      | --- | --- | --- |
      | Stage | `krel stage` | |

      | Task | Owner |
      | --- | --- |
      | Write the post | Marketing |
      """)
    #expect(imported.template.items.map(\.title) == ["Stage", "Write the post"])
    #expect(imported.leftOut.map(\.line) == [3])
  }

  /// Each row: the title of a task below a heading, and what is guessed from it, with the words that say so.
  @Test(
    "Due day, gate and function are guessed from words, and marked as guesses",
    arguments: [
      ("Freeze the schema 2 weeks before launch", "14 days before", "2 weeks before", .blocking),
      ("Rehearse 3-5 business days prior to the release", "5 business days before", "5 business days prior", .blocking),
      ("L-10: book the room", "10 days before", "L-10", .blocking),
      ("T+2 weeks: look at the tickets", "14 days after", "T+2 weeks", .advisory),
      ("After launch: thank everybody", "1 business day after", "after launch", .advisory),
      ("Publish on launch day", "launch day", "launch day", .blocking),
      ("Reply 2 days after the mail", "5 business days before", nil, .blocking),
      ("Plan what happens after the release of others", "5 business days before", nil, .blocking),
      ("Optional: a cake", "5 business days before", nil, .advisory),
      ("99999999999999999999 weeks before launch", "5 business days before", nil, .blocking),
    ] as [(String, String, String?, GateKind)])
  func guesses(_ title: String, _ due: String, _ words: String?, _ gate: GateKind) throws {
    let imported = try Self.imported("## Sales readiness\n- [ ] \(title)\n")
    let item = try #require(imported.template.items.first)
    #expect(item.due.description == due)
    #expect(item.gate == gate)
    #expect(item.function == .sales)
    let guesses = try #require(imported.items.first).guesses
    #expect(guesses.first { $0.field == "due" }?.from == words)
    #expect(guesses.first { $0.field == "function" }?.from == "sales")
    #expect(guesses.contains { $0.field == "gate" } == (gate == .advisory))
    #expect(try ChecklistTemplate(reading: imported.template.document) == imported.template)
  }

  @Test("Keys are unique and bounded, whatever the titles") func keys() throws {
    let long = String(repeating: "very ", count: 40)
    let imported = try Self.imported(
      "- [ ] Stage\n- [ ] stage!\n- [ ] Stage 2\n- [ ] \(long)\n- [ ] 日本語\n- [ ] STAGE\n")
    let keys = imported.items.map(\.key)
    #expect(keys.prefix(3) == ["stage", "stage-2", "stage-2-2"])
    #expect(keys[4] == "item-5" && keys[5] == "stage-3")
    #expect(keys.allSatisfy { LaunchID($0) != nil }, "\(keys)")
    #expect(imported.template.items[3].title.count <= 121)
  }

  @Test("Struck-out and empty tasks are left out; unknown kinds of boxes count as tasks") func boxes() throws {
    let imported = try Self.imported("- [ ] ~~gone~~\n- [ ]\n- [] one\n- ☐ two\n1. [X] three\n- four\n")
    #expect(imported.template.items.map(\.title) == ["one", "two", "three"])
    #expect(imported.leftOut.map(\.because) == ["struck through", "it has no text", "not a task"])
  }

  @Test("CRLF and a byte order mark are accepted, and line numbers match the file") func form() throws {
    let imported = try Self.imported("\u{FEFF}---\r\nt: x\r\n---\r\n# A\r\n\r\n- [ ] one\r\n- [x] two\r\n")
    #expect(imported.items.map(\.line) == [6, 7])
    #expect(imported.template.items.map(\.section) == ["A", "A"])
  }

  @Test(
    "A file without items is refused, and the error says what an item is",
    arguments: ["", "\n\n", "# Title\n\nProse.\n", "> [ ] x"])
  func nothing(_ text: String) {
    let problem = #expect(throws: Problem.self) { try Self.imported(text) }
    #expect(problem?.code == "no-items")
    #expect(problem?.detail.contains("- [ ] Load test") == true)
  }

  @Test("A file that is not text is refused with the line") func bytes() {
    for (bytes, line) in [(Array("- [ ] a\n- \u{0}\n".utf8), 2), (Array("- [ ] a\n\n- ".utf8) + [0xff], 3)] {
      let problem = #expect(throws: Problem.self) { try MarkdownDocument(parsing: bytes) }
      #expect(problem?.errors.map(\.line) == [line])
    }
  }

  /// Each would take memory or time out of proportion, or overflow the stack of a recursive reader.
  private static let hostileTexts: [String] = [
    String(repeating: ">", count: 200_000), String(repeating: "1. ", count: 100_000),
    String(repeating: "- [ ] a\n", count: 20_000), String(repeating: "[", count: 200_000),
    String(repeating: "*a ", count: 60_000), wideTable,
    String(repeating: "a", count: MarkdownDocument.maximumBytes + 1),
  ]

  /// A table whose short rows stand for 25 million cells.
  private static var wideTable: String {
    let header = "|" + String(repeating: "a|", count: 5_000)
    let rule = "|" + String(repeating: "-|", count: 5_000)
    return [header, rule, String(repeating: "|x|\n", count: 5_000)].joined(separator: "\n")
  }

  @Test("Hostile files are refused with a problem", .timeLimit(.minutes(1))) func hostile() {
    var codes: [String?] = []
    for text in Self.hostileTexts {
      let problem = #expect(throws: Problem.self) { try Self.imported(text) }
      codes.append(problem?.code)
    }
    #expect(
      codes == [
        "no-items", "no-items", "too-many-items", "no-items", "no-items", "unreadable-document", "too-large",
      ])
  }

  @Test("Deeply nested tasks become separate items") func deep() throws {
    let lines = (0..<300).map { String(repeating: "  ", count: $0) + "- [ ] level \($0)" }
    #expect(try Self.imported(lines.joined(separator: "\n")).items.count == 300)
  }
}
