import ChecklistCore
import Contract
import LaunchModel
import TestSupport
import Testing

@Suite("Moving a launch to another template version") struct UpgradeTests {
  private static let day = "2027-02-10"

  private let start = Fixture.template(
    Fixture.item("qa", due: -2), Fixture.item("load", due: -5),
    Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]), Fixture.item("press", .marketing))

  private func checklist(_ template: ChecklistTemplate) -> LaunchChecklist {
    let record = Fixture.record()
    return LaunchChecklist(of: record, from: template, in: LaunchCalendars(of: record.plan, from: CalendarSet([:])))
  }

  private func upgrade(
    _ checklist: inout LaunchChecklist, _ items: TemplateItem..., version: Int = 2
  ) throws -> [ItemEvent] {
    checklist.upgrade(to: ChecklistTemplate(version: version, items: items), at: try Fixture.noon(Self.day))
  }

  @Test("Items are added in the template's order, and removed ones are voided with their evidence") func membership()
    throws
  {
    var launch = checklist(start)
    try launch.act(.attach, "press", as: "mia") { $0.evidence = Evidence(kind: .text, value: "the list of editors") }
    let events = try upgrade(
      &launch, Fixture.item("dpa", .product), Fixture.item("qa", due: -2), Fixture.item("load", due: -5),
      Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]))
    #expect(launch.templateVersion == 2)
    #expect(launch.items.map(\.definition.key) == ["dpa", "qa", "load", "copy", "press"])
    #expect(launch.state("dpa") == .open && launch.state("press") == .voided)
    #expect(launch.items[4].evidence.map(\.value) == ["the list of editors"])
    #expect(events.map(\.item.key) == ["press", "dpa"])
    #expect(events.map(\.step.action) == ["voided", "appeared"])
    #expect(events[0].step.detail == "template version 2 removed it")
  }

  @Test("An item that returns with a later version has its old evidence and the new requirements") func comeback()
    throws
  {
    var launch = checklist(Fixture.template(Fixture.item("qa"), Fixture.item("press", .marketing)))
    try launch.act(.done, "press", as: "mia")
    _ = try upgrade(&launch, Fixture.item("qa"))
    #expect(launch.state("press") == .voided)
    let items = [Fixture.item("qa"), Fixture.item("press", .marketing, evidence: [.link])]
    _ = launch.upgrade(to: ChecklistTemplate(version: 3, items: items), at: try Fixture.noon(Self.day))
    #expect(launch.state("press") == .open, "it was done, and lacks the link that it asks for now")
  }

  /// Five business days before Tuesday 2 March 2027 is Tuesday 23 February, ten is Tuesday 16 February.
  @Test("An open item gets the new due day, a done one keeps its own unless it is strict") func dueDays() throws {
    var launch = checklist(Fixture.template(Fixture.item("a"), Fixture.item("b"), Fixture.item("c", strict: true)))
    for key in ["b", "c"] { try launch.act(.done, key, as: "erin") }
    let events = try upgrade(
      &launch, Fixture.item("a", due: -10), Fixture.item("b", due: -10), Fixture.item("c", due: -10, strict: true))
    #expect(launch.items.map(\.due.description) == ["2027-02-16", "2027-02-23", "2027-02-16"])
    #expect(launch.items.map(\.state) == [.open, .done, .done])
    #expect(events.filter { $0.item.key == "b" }.map(\.step.action) == ["upgraded"])
    #expect(events.filter { $0.item.key == "b" }.map(\.step.detail) == ["the template changed its due"])
  }

  @Test("A done item stays done under a new title, and is reopened if it does not meet new requirements")
  func requirements() throws {
    var launch = checklist(start)
    for key in ["qa", "load"] { try launch.act(.done, key, as: "erin") }
    try launch.act(.submit, "copy", as: "mia")
    try launch.act(.approve, "copy", as: "lena")
    #expect(launch.state("copy") == .done)
    var titled = Fixture.item("qa", due: -2)
    titled.title = "QA passed"
    let events = try upgrade(
      &launch, titled, Fixture.item("load", due: -5, evidence: [.link]),
      Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal"), ApprovalRule(group: "product")]))
    #expect(launch.state("qa") == .done)
    #expect(launch.state("load") == .open)
    #expect(launch.state("copy") == .open, "product has not approved it")
    #expect(launch.items.map { $0.approvals.filter(\.stands).count } == [0, 0, 0, 0])
    #expect(events.first { $0.item.key == "load" }?.step.to == .open)
    let details = events.compactMap(\.step.detail).joined(separator: "\n")
    #expect(details.contains("the template changed its evidence; it lacks evidence: link"))
    #expect(details.contains("it needs approval by legal and product"))
  }

  @Test("A lower quorum leaves an approved item done") func fewerApprovals() throws {
    let both = [ApprovalRule(group: "legal"), ApprovalRule(group: "product")]
    var launch = checklist(Fixture.template(Fixture.item("copy", .marketing, approvals: both)))
    try launch.act(.submit, "copy", as: "mia")
    try launch.act(.approve, "copy", as: "lena")
    try launch.act(.approve, "copy", as: "petra")
    _ = try upgrade(&launch, Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]))
    #expect(launch.state("copy") == .done)
    #expect(launch.items[0].approvals.map(\.stands) == [true, true])
  }

  @Test("An item in review loses approvals if others are needed, and leaves review if none are") func inReview() throws
  {
    let legal = [ApprovalRule(group: "legal", quorum: 2)]
    var launch = checklist(
      Fixture.template(
        Fixture.item("copy", .marketing, approvals: legal), Fixture.item("page", .marketing, approvals: legal)))
    for key in ["copy", "page"] {
      try launch.act(.submit, key, as: "mia")
      try launch.act(.approve, key, as: "lena")
    }
    _ = try upgrade(
      &launch, Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "product")]),
      Fixture.item("page", .marketing))
    #expect(launch.state("copy") == .inReview)
    #expect(launch.state("page") == .open)
    #expect(launch.items.allSatisfy { $0.approvals.count == 1 && !$0.approvals[0].stands })
  }

  @Test("An advisory item's waiver ends if the item becomes blocking; a blocking item's waiver remains") func waivers()
    throws
  {
    var launch = checklist(
      Fixture.template(Fixture.item("a", gate: .advisory), Fixture.item("b"), Fixture.item("c", gate: .advisory)))
    for key in ["a", "b", "c"] { try launch.act(.waive, key, as: "dana") }
    _ = try upgrade(&launch, Fixture.item("a"), Fixture.item("b", due: -3), Fixture.item("c", due: -3, gate: .advisory))
    #expect(launch.items.map(\.state) == [.open, .waived, .waived])
    #expect(launch.items[0].waiver == nil)
  }

  @Test("The plan changes nothing, lists what is lost, and needs Product Ops if a failing item disappears") func plan()
    throws
  {
    var launch = checklist(start)
    try launch.act(.submit, "copy", as: "mia")
    try launch.act(.approve, "copy", as: "lena")
    try launch.act(.block, "load", as: "erin") { $0.reason = "no rig" }
    let before = launch
    let next = Fixture.template(Fixture.item("qa", due: -3), Fixture.item("dpa", .product), version: 2)
    let moment = try Fixture.noon(Self.day)
    let plan = try launch.planUpgrade(to: next, decisions: DecisionHistory([]), isExposed: false, at: moment)
    #expect(launch == before)
    #expect(plan.from == 1 && plan.to == 2)
    #expect(plan.changed.map(\.key) == ["qa"])
    #expect(plan.changed.first?.changes.map(\.field) == ["due"])
    #expect(plan.checklist.added.map(\.key) == ["dpa"])
    #expect(plan.checklist.removed.map(\.key) == ["load", "copy", "press"])
    #expect(plan.checklist.approvalsFalling == ["copy: legal (lena)"])
    #expect(plan.needs == ["failing items would disappear (load), so only Product Ops may upgrade it, with a reason"])
    func refused(_ person: PersonID, _ reason: String?) -> String? {
      refusal { try plan.require(Fixture.actor(person), owner: "petra", reason: reason) }
    }
    #expect(refused("petra", "no rig") == "forbidden")
    #expect(refused("erin", "no rig") == "forbidden")
    #expect(refused("dana", " ") == "missing-reason")
    #expect(refused("dana", "no rig") == nil)
  }

  @Test("The owner may upgrade a launch without GO; the same version changes nothing; an older one is refused")
  func owner() throws {
    var launch = checklist(start)
    let moment = try Fixture.noon(Self.day)
    let none = DecisionHistory([])
    let next = ChecklistTemplate(version: 2, items: start.items + [Fixture.item("dpa", .product)])
    let plan = try launch.planUpgrade(to: next, decisions: none, isExposed: false, at: moment)
    #expect(plan.needs.isEmpty)
    let refused = refusal { try plan.require(Fixture.actor("petra"), owner: "petra", reason: nil) }
    #expect(refused == nil)
    let live = try launch.planUpgrade(to: next, decisions: none, isExposed: true, at: moment)
    #expect(live.needs == ["customers have the launch, so only Product Ops may upgrade it, with a reason"])
    _ = launch.upgrade(to: next, at: moment)
    let upgraded = launch
    let again = launch.upgrade(to: next, at: moment)
    #expect(again.isEmpty)
    #expect(launch == upgraded)
    let older = refusal {
      _ = try launch.planUpgrade(to: start, decisions: none, isExposed: false, at: moment)
    }
    #expect(older == "older-template")
  }

  /// Two templates by chance, of items from one pool: what an upgrade gives must be what the new version alone gives.
  @Test("After an upgrade the launch has everything that the new version has, and has lost nothing", arguments: 0..<80)
  func sameAsNew(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let record = Fixture.record(locales: ["en", "de"])
    let calendars = LaunchCalendars(of: record.plan, from: CalendarSet([:]))
    let moment = try Fixture.noon(Self.day, record: record)
    let first = ChecklistTemplate(version: 1, items: Self.items(&random))
    let second = ChecklistTemplate(version: 2, items: Self.items(&random))
    var launch = LaunchChecklist(of: record, from: first, in: calendars)
    for _ in 0..<30 {
      guard let item = launch.items.randomElement(using: &random) else { break }
      let verb = [ItemVerb.start, .done, .submit, .approve, .attach, .waive].randomElement(using: &random) ?? .start
      let person = ["dana", "lena", "petra", "erin"].randomElement(using: &random) ?? "dana"
      // A refused action changes nothing.
      _ = refusal {
        try launch.act(verb, item.definition.key, as: person, instance: item.instance) {
          if verb == .attach { $0.evidence = Evidence(kind: .link, value: "https://example.com/1") }
        }
      }
    }
    let before = launch
    _ = launch.upgrade(to: second, at: moment)
    let fresh = LaunchChecklist(of: record, from: second, in: calendars)
    let present = launch.items.filter { $0.state != .voided }
    #expect(present.map(\.reference) == fresh.items.map(\.reference))
    #expect(present.map(\.definition) == fresh.items.map(\.definition))
    for (item, new) in zip(present, fresh.items) where item.state != .done || item.definition.strict {
      #expect(item.due == new.due, "\(item.name)")
    }
    #expect(Set(launch.items.map(\.reference)).isSuperset(of: before.items.map(\.reference)))
    for item in before.items {
      let after = try #require(launch.items.first { $0.reference == item.reference })
      #expect(after.evidence == item.evidence, "\(item.name)")
      #expect(after.approvals.count == item.approvals.count, "\(item.name)")
      if second.item(item.definition.key) == item.definition {
        #expect(after == item, "\(item.name) has the same definition")
      }
      if after.state == .done { #expect(after.missingEvidence.isEmpty, "\(item.name)") }
    }
  }

  /// Some of six items, each in one of a few forms.
  private static func items(_ random: inout SeededGenerator) -> [TemplateItem] {
    let keys: [ItemKey] = ["a", "b", "c", "d", "e", "f"]
    return keys.shuffled(using: &random).filter { _ in Bool.random(using: &random) }.map { key in
      Fixture.item(
        key, due: Int.random(in: -6...(-3), using: &random), gate: Bool.random(using: &random) ? .blocking : .advisory,
        expand: Bool.random(using: &random) ? .locales : nil,
        approvals: Bool.random(using: &random) ? [ApprovalRule(group: "legal")] : [],
        evidence: Bool.random(using: &random) ? [.link] : [], strict: Bool.random(using: &random))
    }
  }
}
