import JSON
import LaunchModel
import Testing

@Suite("What differs between two templates") struct TemplateDiffTests {
  private func item(_ key: ItemKey, _ change: (inout TemplateItem) -> Void = { _ in }) -> TemplateItem {
    var item = TemplateItem(
      key: key, title: key, section: "Product readiness", function: .engineering, tiers: [.major],
      due: DueRule(offset: -5, unit: .business), why: "a test")
    change(&item)
    return item
  }

  private func diff(_ before: [TemplateItem], _ after: [TemplateItem]) -> TemplateDiff {
    TemplateDiff(
      from: ChecklistTemplate(version: 3, items: before), to: ChecklistTemplate(version: 4, items: after), version: 4)
  }

  @Test("Added, removed and changed items are distinguished by key") func membership() {
    let diff = diff([item("a"), item("b"), item("c")], [item("d"), item("a"), item("c")])
    #expect(diff.from == 3 && diff.to == 4)
    #expect(diff.added.map(\.key) == ["d"])
    #expect(diff.removed.map(\.key) == ["b"])
    #expect(diff.changed.isEmpty && diff.unchanged == 2 && !diff.reordered && !diff.isEmpty)
  }

  /// Each row: a change of an item, and the field with its values as a template file writes them.
  @Test(
    "Each field is compared as in a file, with the default if the file omits it",
    arguments: [
      ("due", "5 business days before", "1 day after"), ("gate", "blocking", "advisory"), ("phase", "before", "after"),
      ("review", false, true), ("evidence", .array([]), ["link", "text"]), ("tiers", [1], [0, 1]),
      ("approvals", .array([]), ["legal"]), ("shelfLifeDays", nil, 30), ("ownerRole", nil, "lead"),
      ("why", "a test", "another"), ("strict", false, true), ("dependencies", .array([]), ["b"]),
      ("requires", nil, [["link": true, "text": 40], ["person": "rollback"]]), ("guidance", nil, "two lines"),
      ("when", nil, ["any": ["pricing", ["not": "breaking"]]]),
    ] as [(String, JSONValue?, JSONValue?)])
  func fields(_ field: String, _ from: JSONValue?, _ to: JSONValue?) {
    let after = item("a") {
      switch field {
      case "due": $0.due = DueRule(offset: 1, unit: .calendar)
      case "gate": $0.gate = .advisory
      case "phase": $0.phase = .after
      case "review": $0.review = true
      case "evidence": $0.evidence = [.link, .text]
      case "tiers": $0.tiers = [.launchEvent, .major]
      case "approvals": $0.approvals = [ApprovalRule(group: "legal")]
      case "shelfLifeDays": $0.shelfLifeDays = 30
      case "ownerRole": $0.ownerRole = "lead"
      case "why": $0.why = "another"
      case "strict": $0.strict = true
      case "requires": $0.requires = [.evidence([.link, .text(characters: 40)]), .person(role: "rollback")]
      case "guidance": $0.guidance = "two lines"
      case "when": $0.when = .any([.flag(.pricing), .not(.flag(.breaking))])
      default: $0.dependencies = ["b"]
      }
    }
    let diff = diff([item("a"), item("b")], [after, item("b")])
    #expect(diff.changed.map(\.key) == ["a"])
    #expect(diff.changed.first?.changes == [TemplateDiff.FieldChange(field: field, from: from, to: to)])
    #expect(diff.unchanged == 1)
  }

  @Test("An added, removed or changed owner of a function is a difference") func owners() {
    var before = ChecklistTemplate(version: 3, items: [item("a")], owners: ["support": "grace", "product": "priya"])
    let after = ChecklistTemplate(version: 4, items: [item("a")], owners: ["engineering": "lena", "product": "pat"])
    let diff = TemplateDiff(from: before, to: after, version: 4)
    #expect(
      diff.owners?.sorted { $0.field < $1.field } == [
        TemplateDiff.FieldChange(field: "engineering", from: nil, to: "lena"),
        TemplateDiff.FieldChange(field: "product", from: "priya", to: "pat"),
        TemplateDiff.FieldChange(field: "support", from: "grace", to: nil),
      ])
    #expect(!diff.isEmpty)
    before.owners = after.owners
    #expect(TemplateDiff(from: before, to: after, version: 4).isEmpty)
  }

  @Test("An item's changed fields are listed in the order of a template file") func order() {
    let after = item("a") {
      $0.why = "w"
      $0.title = "t"
      $0.gate = .advisory
    }
    #expect(diff([item("a")], [after]).changed.first?.changes.map(\.field) == ["title", "gate", "why"])
  }

  @Test("A changed order of the same items is a difference; an insertion does not change the order") func reordered() {
    #expect(diff([item("a"), item("b")], [item("b"), item("a")]).reordered)
    #expect(!diff([item("a"), item("b")], [item("c"), item("a"), item("b")]).reordered)
    #expect(diff([item("a"), item("b")], [item("a"), item("b")]).isEmpty)
  }
}
