import ChecklistCore
import Contract
import LaunchModel
import TestSupport
import Testing

@Suite("Previewing changes to a checklist") struct PreviewTests {
  private let template = Fixture.template(
    Fixture.item("qa", due: -2), Fixture.item("load", tiers: [.launchEvent, .major], due: -5),
    Fixture.item("copy", .marketing, tiers: [.launchEvent, .major], approvals: [ApprovalRule(group: "legal")]),
    Fixture.item("kb", .support, due: -3, expand: .locales, shelfLife: 20),
    Fixture.item("demo", .cs, due: -5, strict: true))

  private func start(_ record: LaunchRecord = Fixture.record(locales: ["en", "de"])) -> LaunchChecklist {
    LaunchChecklist(of: record, from: template, in: LaunchCalendars(of: record.plan, from: CalendarSet([:])))
  }

  private func preview(
    _ checklist: LaunchChecklist, _ next: LaunchRecord, on day: String, decisions: DecisionHistory = DecisionHistory([])
  ) throws -> ChecklistPreview {
    checklist.preview(
      of: next, template: template, decisions: decisions, at: try Fixture.noon(day, record: checklist.record),
      then: try Fixture.noon(day, record: next))
  }

  @Test("Lowering a tier shows the removed items with their states, and the approvals and votes that are lost")
  func lowering() throws {
    var checklist = start()
    try checklist.act(.submit, "copy", as: "mia")
    try checklist.act(.approve, "copy", as: "lena")
    try checklist.act(.block, "load", as: "erin") { $0.reason = "no rig" }
    checklist.votes = [
      PollVote(function: .engineering, answer: .go, by: "ibrahim", at: Fixture.at("2027-02-20T00:00:00Z"))
    ]
    let next = Fixture.record(tier: .moderate, locales: ["en", "de"], version: 2)
    let before = checklist
    let preview = try preview(checklist, next, on: "2027-02-20")
    #expect(checklist == before)
    #expect(preview.removed.map(\.key) == ["load", "copy"])
    #expect(preview.removed.map(\.failing) == [true, false])
    #expect(preview.removed.map(\.state) == [.blocked, .done])
    #expect(preview.kept == 4)
    #expect(preview.added.isEmpty)
    #expect(preview.approvalsFalling == ["copy: legal (lena)"])
    #expect(preview.approvalsStanding.isEmpty)
    #expect(preview.votesFalling == [.engineering])
  }

  @Test("Raising a tier shows the added items") func raising() throws {
    let checklist = start(Fixture.record(tier: .moderate, locales: ["en"]))
    let preview = try preview(checklist, Fixture.record(locales: ["en", "fr"], version: 2), on: "2027-02-20")
    #expect(preview.added.map(\.key) == ["load", "copy", "kb"])
    #expect(preview.added.last?.instance == "fr")
    #expect(preview.removed.isEmpty)
  }

  /// Tuesday 2 March is five business days after 23 February; for a launch on the 23rd, the demo was due on the 16th.
  @Test("An earlier date shows moved and impossible items, a later one shows items that would go stale")
  func sooner() throws {
    var checklist = start()
    for locale in ["en", "de"] {
      try checklist.act(.done, "kb", as: "sam", on: "2027-02-18") { $0.instance = locale }
    }
    let sooner = try preview(
      checklist, Fixture.record(date: Fixture.day("2027-02-23"), locales: ["en", "de"], version: 2), on: "2027-02-18")
    #expect(sooner.moved.map(\.key) == ["qa", "load", "copy", "demo"])
    #expect(sooner.moved.first?.wasDue == Fixture.day("2027-02-26"))
    #expect(sooner.moved.first?.due == Fixture.day("2027-02-19"))
    #expect(sooner.impossible.map(\.key) == ["load", "copy", "demo"])
    #expect(sooner.stale.isEmpty)
    let later = try preview(
      checklist, Fixture.record(date: Fixture.day("2027-03-30"), locales: ["en", "de"], version: 2), on: "2027-02-18")
    #expect(later.impossible.isEmpty)
    #expect(later.stale.map(\.instance) == ["en", "de"])
  }

  @Test("An unchanged launch has an empty preview") func nothing() throws {
    let preview = try preview(start(), Fixture.record(locales: ["en", "de"], version: 2), on: "2027-02-10")
    #expect(preview.added.isEmpty && preview.removed.isEmpty && preview.moved.isEmpty && preview.stale.isEmpty)
    #expect(preview.kept == 6)
  }

  /// After arbitrary actions, and through arbitrary tiers.
  @Test("A tier changed back restores the same items without losing history", arguments: 0..<40) func thereAndBack(
    seed: UInt64
  ) throws {
    var random = SeededGenerator(seed: seed)
    var checklist = start()
    for _ in 0..<25 {
      let verb =
        [ItemVerb.start, .done, .block, .unblock, .submit, .approve, .attach, .assign]
        .randomElement(using: &random) ?? .start
      let key = ["qa", "load", "copy", "demo"].randomElement(using: &random) ?? "qa"
      let person = ["erin", "mia", "lena", "cora", "dana"].randomElement(using: &random) ?? "dana"
      // A refused action changes nothing.
      _ = refusal {
        try checklist.act(verb, key, as: person) {
          $0.reason = "r"
          $0.to = "max"
          if verb == .attach { $0.evidence = Evidence(kind: .text, value: "v") }
        }
      }
    }
    let before = checklist
    let tiers = (0..<Int.random(in: 1...4, using: &random)).map { _ in
      Tier.allCases.randomElement(using: &random) ?? .major
    }
    for (index, tier) in (tiers + [.major]).enumerated() {
      let next = Fixture.record(tier: tier, locales: ["en", "de"], version: index + 2)
      _ = checklist.update(
        to: next, template: template, in: LaunchCalendars(of: next.plan, from: CalendarSet([:])))
    }
    #expect(checklist.items.map(\.reference) == before.items.map(\.reference))
    for (item, earlier) in zip(checklist.items, before.items) {
      #expect(item.state == earlier.state)
      #expect(item.due == earlier.due)
      #expect(item.evidence == earlier.evidence)
      #expect(item.approvals == earlier.approvals)
      #expect(item.owner == earlier.owner)
      #expect(item.doneOn == earlier.doneOn)
    }
  }
}
