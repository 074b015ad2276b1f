import Documents
import LaunchModel
import Testing

/// What an import does not take over is named in its report, by line.
@Suite("Reports on imported checklists") struct ChecklistReportTests {
  private static func imported(_ text: String, version: Int = 1) throws -> ChecklistImport {
    let imported = try ChecklistImport(
      of: try MarkdownDocument(parsing: Array(text.utf8)), file: "list.md", tiers: [.launchEvent, .major],
      version: version)
    #expect(try ChecklistTemplate(reading: imported.template.document) == imported.template)
    return imported
  }

  /// Each entry of the report as `line: text`.
  private static func lines(_ entries: [ChecklistImport.LeftOut]) -> [String] {
    entries.map { "\($0.line): \($0.text)" }
  }

  @Test("Of nested lists, the innermost entries are items, and each one around them is named as a section")
  func nested() throws {
    let imported = try Self.imported(
      """
      - Rehearse the migration
        - Back up the data
          - Copy the tables
          - Compare the counts
        - Tell support
      - Announce
      """)
    #expect(
      imported.template.items.map(\.title) == ["Copy the tables", "Compare the counts", "Tell support", "Announce"])
    #expect(
      imported.template.items.map(\.section) == [
        "Rehearse the migration / Back up the data", "Rehearse the migration / Back up the data",
        "Rehearse the migration", "Checklist",
      ])
    #expect(Self.lines(imported.sections) == ["1: Rehearse the migration", "2: Back up the data"])
    #expect(imported.leftOut.isEmpty)
  }

  @Test("A plain entry around tasks is named as their section") func aroundTasks() throws {
    let imported = try Self.imported("- Mock run\n  - Stage it\n    - [ ] Stage\n- [ ] Release\n")
    #expect(imported.template.items.map(\.title) == ["Stage", "Release"])
    #expect(imported.template.items[0].section == "Mock run / Stage it")
    #expect(Self.lines(imported.sections) == ["1: Mock run", "2: Stage it"])
  }

  @Test("A heading with a check box is an item, and the section of what is below it") func headings() throws {
    let imported = try Self.imported(
      """
      # Launch
      ## [ ] Load test
      - [ ] Write the script
      ## [x] Announce
      ## [ ] ~~Print flyers~~
      ## [ ]
      ## ✅ Afterwards
      - [ ] Thank everybody
      """)
    #expect(
      imported.template.items.map(\.title) == ["Load test", "Write the script", "Announce", "Thank everybody"])
    #expect(imported.items.map(\.line) == [2, 3, 4, 8])
    #expect(
      imported.template.items.map(\.section) == ["Checklist", "Load test", "Checklist", "✅ Afterwards"])
    #expect(Self.lines(imported.leftOut) == ["5: Print flyers", "6: "])
    #expect(imported.leftOut.map(\.because) == ["struck through", "it has no text"])
  }

  @Test("Cells give the owner's function, the due day and the gate; what no field can hold is named")
  func cells() throws {
    let imported = try Self.imported(
      """
      | Task | Owner | Due | Status | Blocking | Priority |
      | --- | --- | --- | --- | --- | --- |
      | Load test | Engineering | T-10bd | done | yes | P0 |
      | Battle card | lena | T-5 | | no | |
      | Blog post | Lena (Marketing) | 2027-03-02 | [ ] | - | |
      | Runbook | Support lead | soon | [x] | maybe | |
      | Thank you | CS | T+3 | in progress | yes | |
      """)
    let items = imported.template.items
    #expect(items.map(\.function) == [.engineering, .sales, .marketing, .support, .cs])
    #expect(
      items.map(\.due.description) == [
        "10 business days before", "5 days before", "5 business days before", "5 business days before", "3 days after",
      ])
    #expect(items.map(\.gate) == [.blocking, .advisory, .blocking, .blocking, .advisory])
    #expect(items.map(\.ownerRole) == [nil, nil, nil, "support-lead", nil])
    #expect(items[1].why == "Imported from list.md, line 4. Owner: lena.")
    #expect(
      Self.lines(imported.leftOut).sorted() == [
        "1: Priority", "3: Status: done", "4: Owner: lena", "5: Due: 2027-03-02", "5: Owner: Lena (Marketing)",
        "6: Blocking: maybe", "6: Due: soon", "6: Status: done", "7: Blocking: yes", "7: Status: in progress",
      ])
    #expect(imported.leftOut.map(\.line) == imported.leftOut.map(\.line).sorted())
    let date = imported.leftOut.first { $0.text == "Due: 2027-03-02" }
    #expect(date?.because.hasPrefix("a date; ") == true)
    let gate = try #require(imported.items.first).guesses.first { $0.field == "gate" }
    #expect(gate?.from == "Blocking: yes")
  }

  @Test("Rows that are struck through are left out, with or without a check box") func struckRows() throws {
    let imported = try Self.imported(
      """
      | Task | Owner |
      | --- | --- |
      | ~~Print flyers~~ | Marketing |
      | [ ] ~~Fax the press~~ | Marketing |
      | Post ~~twice~~ | Marketing |
      """)
    #expect(imported.template.items.map(\.title) == ["Post twice"])
    #expect(imported.leftOut.map(\.line) == [3, 4])
    #expect(imported.leftOut.map(\.because) == ["struck through", "struck through"])
  }

  @Test("Tasks in the cells of tables are items, several of a cell each its own") func cellTasks() throws {
    let checklist = try Self.imported(
      """
      | Task | Owner |
      | --- | --- |
      | - [ ] Load test | Engineering |
      | - [ ] Post<br>- [x] Film | Marketing |
      """)
    #expect(checklist.template.items.map(\.title) == ["Load test", "Post", "Film"])
    #expect(checklist.template.items.map(\.function) == [.engineering, .marketing, .marketing])
    let other = try Self.imported(
      """
      | Phase | Work |
      | --- | --- |
      | Before | Prepare:<br>- [ ] Load test<br>- [ ] Rehearse |
      | After | nothing |
      """)
    #expect(other.template.items.map(\.title) == ["Load test", "Rehearse"])
    #expect(other.template.items.map(\.section) == ["Prepare", "Prepare"])
  }

  @Test("Escape sequences and control characters do not reach titles and reports") func controls() throws {
    let imported = try Self.imported(
      "- [ ] Load\u{1B}[31m test\u{1B}[0m\u{7}\n- [ ] \u{202E}Post\u{9B} it\n- no\u{8} task\n")
    #expect(imported.template.items.map(\.title) == ["Load test", "Post it"])
    #expect(imported.leftOut.map(\.text) == ["no task"])
    let texts = imported.template.items.map(\.why) + imported.template.items.map(\.section)
    let isControl = { (scalar: Unicode.Scalar) in scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) }
    #expect(!texts.joined().unicodeScalars.contains(where: isControl))
  }

  @Test("The template has the version that it replaces", arguments: [1, 7]) func version(_ version: Int) throws {
    #expect(try Self.imported("- [ ] Load test\n", version: version).template.version == version)
  }
}
