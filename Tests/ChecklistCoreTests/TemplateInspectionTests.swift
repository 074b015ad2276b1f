import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

/// What `template lint` finds in a template that can be adopted.
@Suite struct TemplateInspectionTests {
  private func findings(_ items: TemplateItem..., owners: [String: PersonID] = [:], roster: Roster? = nil) -> [String] {
    let template = ChecklistTemplate(version: 1, items: items, owners: owners)
    return TemplateInspection.report(on: template, roster: roster).findings.map {
      "\($0.severity.rawValue) \($0.code) \($0.item ?? "-") \($0.pointer)"
    }
  }

  /// Each row: an item, and whether completing it says more than a tick.
  @Test(
    "Items that require nothing are reported",
    arguments: [
      (Fixture.item("a"), false), (Fixture.item("a", requires: []), false),
      (Fixture.item("a", evidence: [.link]), true),
      (Fixture.item("a", requires: [.field(.rollout)]), true), (Fixture.item("a", review: true), true),
      (Fixture.item("a", approvals: [ApprovalRule(group: "legal")]), true), (Fixture.item("rollout-plan"), true),
      (Fixture.item("rollback-procedure"), true), (Fixture.item("internal-demo"), true),
      (Fixture.item("m", completedBy: CompletionRule(type: Announcements.metricsSealed.name)), true),
      (Fixture.item("k", completedBy: CompletionRule(type: SignalTests.articlePublished)), false),
    ] as [(TemplateItem, Bool)])
  func assertions(item: TemplateItem, asserts: Bool) {
    let report = TemplateInspection.report(on: Fixture.template(item), roster: nil)
    #expect(report.items == 1 && report.asserting == (asserts ? 1 : 0))
    #expect(report.findings.map(\.code) == (asserts ? [] : ["asserts-nothing"]))
    #expect(report.findings.allSatisfy { $0.severity == .warning && $0.pointer == "/items/0" })
  }

  @Test("An item whose condition no facts can meet is reported")
  func unreachable() {
    let never = FactCondition.all([.flag(.pricing), .not(.flag(.pricing))])
    let sound = Fixture.item("a", when: .flag(.pricing), requires: [.evidence([.link])])
    let broken = Fixture.item("b", when: never, requires: [.evidence([.link])])
    #expect(findings(sound, broken) == ["warning never-applies b /items/1/when"])
  }

  /// The window is 28 days for tiers 0 and 1 and 14 for tier 2; tier 3 has none. Ten business days are two weeks.
  @Test(
    "An item that is due before the window of one of its tiers begins is reported",
    arguments: [
      ([.moderate], -10, true), ([.moderate], -11, false), ([.major], -20, true), ([.launchEvent, .major], -21, false),
      ([.major, .moderate], -15, false), ([.minor], -30, true), ([.moderate], 5, true),
    ] as [([Tier], Int, Bool)])
  func windows(tiers: [Tier], due: Int, fits: Bool) {
    let phase: ItemPhase = due > 0 ? .after : .before
    let item = Fixture.item(
      "a", tiers: tiers, due: due, gate: due > 0 ? .advisory : .blocking, requires: [.evidence([.link])], phase: phase)
    #expect(findings(item) == (fits ? [] : ["warning exceeds-window a /items/0/due"]))
  }

  @Test("Groups, roles, owners and functions that are missing from the roster are reported")
  func references() {
    let link: [Requirement] = [.evidence([.link])]
    let item = Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "leagl")], requires: link)
    let attended = Fixture.item("demo", .cs, requires: [.people([.cs, .sales])])
    let owned = Fixture.item("steps", requires: link, ownerRole: "captains")
    let led = Fixture.item("qa", requires: link, ownerRole: "engineering-lead")
    #expect(
      findings(item, attended, owned, led, owners: ["support": "grace", "cs": "cora"], roster: Fixture.roster) == [
        "warning function-empty demo /items/1/requires", "warning approval-unreachable copy /items/0/approvals",
        "warning template-owner-left - /owners/support", "warning role-vacant steps /items/2/ownerRole",
      ])
    #expect(findings(item, attended, owned, led, owners: ["support": "grace"]) == [], "nobody is known before a roster")
  }

  @Test("A template that cannot be adopted gets its errors, each with its position and item")
  func errors() {
    let document: JSONValue = [
      "version": 1,
      "items": [
        [
          "key": "a", "title": "T", "section": "S", "function": "enginering", "tiers": [1],
          "due": "5 business days before", "why": "w",
        ]
      ],
    ]
    let report = TemplateInspection.report(onReading: document, roster: nil)
    #expect(report.items == 0)
    #expect(report.findings.map(\.severity) == [.error])
    #expect(report.findings.first?.item == "a" && report.findings.first?.pointer == "/items/0/function")
    #expect(report.findings.first?.detail.contains("did you mean \"engineering\"?") == true)
  }
}

/// Who owns the items of a new launch.
@Suite struct DefaultOwnerTests {
  private static let template = ChecklistTemplate(
    version: 1,
    items: [
      Fixture.item("led"), Fixture.item("named", .support), Fixture.item("role", ownerRole: "legal"),
      Fixture.item("vacant", .marketing, ownerRole: "captains"), Fixture.item("lead", .cs, ownerRole: "product-lead"),
      Fixture.item("nobody", .sales),
    ], owners: ["support": "erin", "cs": "ghost"])

  private func checklist(roster: Roster?) -> LaunchChecklist {
    let record = Fixture.record()
    return LaunchChecklist(
      of: record, from: Self.template, in: LaunchCalendars(of: record.plan, from: CalendarSet([:])), roster: roster)
  }

  /// In the fixture's roster Ibrahim, Mia and Petra lead Engineering, Marketing and Product, and Lena and Lex are Legal.
  @Test("The role comes first, then the template's owner, then the function's lead")
  func order() {
    let owners = checklist(roster: Fixture.roster).items.map(\.owner)
    #expect(owners == ["ibrahim", "erin", "lena", "mia", "petra", nil])
  }

  @Test("Before a roster is adopted, only the template names owners")
  func beforeRoster() {
    #expect(checklist(roster: nil).items.map(\.owner) == [nil, "erin", nil, nil, "ghost", nil])
  }

  @Test("Being a default owner is not an assignment: it books nobody, and assigning replaces it")
  func assignee() throws {
    var checklist = checklist(roster: Fixture.roster)
    #expect(checklist.items.allSatisfy { $0.assignee == nil })
    #expect(checklist.bookedWork().allSatisfy { $0.who.kind == .sameFunction })
    try checklist.act(.assign, "led", as: "ibrahim") { $0.to = "erin" }
    #expect(checklist.items[0].owner == "erin" && checklist.items[0].assignee == "erin")
    #expect(checklist.bookedWork().contains { $0.who == .person("erin") })
  }

  @Test("An item that is added later gets its default owner, and existing items keep theirs")
  func appears() throws {
    var checklist = checklist(roster: Fixture.roster)
    try checklist.act(.assign, "led", as: "ibrahim") { $0.to = "erin" }
    var template = Self.template
    template.items.append(Fixture.item("new", .product))
    template.version = 2
    _ = checklist.upgrade(to: template, at: try Fixture.noon("2027-02-11"))
    #expect(checklist.items.map(\.owner) == ["erin", "erin", "lena", "mia", "petra", nil, "petra"])
  }

  @Test("An expanded item names its instance in its title")
  func titles() throws {
    let checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("points", expand: .dealStages), Fixture.item("qa"))
    let titles = checklist.itemViews(at: try Fixture.noon("2027-02-11")).map(\.title)
    #expect(titles == ["points: prospecting", "points: evaluation", "points: negotiation", "qa"])
  }
}
