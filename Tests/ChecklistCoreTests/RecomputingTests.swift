import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct RecomputingTests {
  private let template = Fixture.template(
    Fixture.item("qa"), Fixture.item("load", tiers: [.launchEvent, .major], condition: .addsServerCompute),
    Fixture.item("kb", .support, expand: .locales))

  private func start(_ record: LaunchRecord = Fixture.record(locales: ["en", "de"])) -> LaunchChecklist {
    LaunchChecklist(of: record, from: template, in: LaunchCalendars(of: record.plan, from: CalendarSet([:])))
  }

  private func update(_ checklist: inout LaunchChecklist, to record: LaunchRecord) -> [String] {
    checklist.update(to: record, template: template, in: LaunchCalendars(of: record.plan, from: CalendarSet([:])))
      .map { "\($0.item.name) \($0.step.action)" }
  }

  @Test("A fact changed to false voids its item but preserves the state; changed to unknown, it restores the item")
  func facts() throws {
    var checklist = start()
    try checklist.act(.done, "load", as: "erin")
    let dropped = Fixture.record(flags: [.addsServerCompute: .known(false)], locales: ["en", "de"], version: 2)
    #expect(update(&checklist, to: dropped) == ["load voided"])
    #expect(checklist.items[1].reason == "not needed because addsServerCompute is false")
    let back = Fixture.record(flags: [.addsServerCompute: .unknown], locales: ["en", "de"], version: 3)
    #expect(update(&checklist, to: back) == ["load appeared"])
    #expect(checklist.state("load") == .done)
  }

  @Test("Raising a tier adds items; lowering it voids items and deletes nothing")
  func tiers() {
    var checklist = start(Fixture.record(tier: .moderate, locales: ["en", "de"]))
    #expect(checklist.items.map(\.name) == ["qa", "kb/en", "kb/de"])
    #expect(update(&checklist, to: Fixture.record(locales: ["en", "de"], version: 2)) == ["load appeared"])
    #expect(checklist.items.map(\.name) == ["qa", "load", "kb/en", "kb/de"])
    let lowered = Fixture.record(tier: .moderate, locales: ["en", "de"], version: 3)
    #expect(update(&checklist, to: lowered) == ["load voided"])
    #expect(checklist.items.count == 4)
  }

  @Test("Instances follow the launch's locales")
  func instances() {
    var checklist = start()
    let events = update(&checklist, to: Fixture.record(locales: ["de", "fr"], version: 2))
    #expect(events == ["kb/en voided", "kb/fr appeared"])
  }

  @Test("A new date moves open items but not done ones")
  func date() throws {
    var checklist = start()
    try checklist.act(.done, "qa", as: "erin")
    let before = checklist.items.map(\.due)
    let events = update(
      &checklist, to: Fixture.record(date: Fixture.day("2027-03-09"), locales: ["en", "de"], version: 2))
    #expect(events == ["load rescheduled", "kb/en rescheduled", "kb/de rescheduled"])
    #expect(checklist.items[0].due == before[0])
    #expect(checklist.items[1].due == Fixture.day("2027-03-02"))
  }

  @Test(
    "Votes are discarded if the date or tier changes, and kept otherwise",
    arguments: [("2027-03-02", Tier.major, 1), ("2027-03-03", .major, 0), ("2027-03-02", .launchEvent, 0)])
  func votes(date: String, tier: Tier, count: Int) throws {
    var checklist = start()
    let answer = PollAnswer(launch: checklist.launch, answer: .go)
    try checklist.answer(answer, by: Fixture.actor("ibrahim"), at: Fixture.at("2027-02-01T12:00:00Z"))
    let next = Fixture.record(tier: tier, date: Fixture.day(date), locales: ["en", "de"], version: 2)
    _ = update(&checklist, to: next)
    #expect(checklist.votes.count == count)
  }

  @Test("Recomputing for an unchanged launch changes nothing")
  func idempotent() {
    var checklist = start()
    #expect(update(&checklist, to: Fixture.record(locales: ["en", "de"], version: 2)) == [])
  }
}
