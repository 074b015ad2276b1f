import ChecklistCore
import Contract
import LaunchModel
import Testing

/// A rollback ends the GO (product.md, section 2).
@Suite struct RollbackTests {
  private static func step(
    _ sequence: Int, _ at: String, _ percentage: Double, recordedAt: String? = nil, reason: String? = nil,
    decisions: Int = 1
  ) -> ExposureStep {
    ExposureStep(
      sequence: sequence, at: Fixture.at(at), percentage: percentage, recordedAt: Fixture.at(recordedAt ?? at),
      by: "ibrahim", reason: reason, decisions: decisions)
  }

  private let shipped = step(1, "2027-03-02T15:00:00Z", 5)
  private let back = step(2, "2027-03-02T15:30:00Z", 0, reason: "errors doubled")

  private func view(
    _ checklist: LaunchChecklist, _ decisions: [Decision], _ steps: [ExposureStep], at moment: String
  ) throws -> DecisionView {
    var now = try Fixture.noon("2027-03-02", record: checklist.record)
    now.now = Fixture.at(moment)
    return DecisionHistory(decisions).view(of: checklist, at: now, exposure: Exposure(steps))
  }

  @Test("The gate closes at once, naming who rolled back and why", arguments: [Tier.major, .moderate, .minor])
  func closes(tier: Tier) throws {
    let checklist = DecisionTests.ready(tier)
    let decision = try DecisionTests.decision(checklist, on: "2027-03-02")
    var go = decision
    go.at = Fixture.at("2027-03-02T14:00:00Z")
    #expect(try view(checklist, [go], [shipped], at: "2027-03-02T15:29:59Z").inForce)
    let ended = try view(checklist, [go], [shipped, back], at: "2027-03-02T15:30:00Z")
    #expect(!ended.inForce)
    #expect(ended.reasons.first?.code == "rolled-back")
    #expect(
      ended.reasons.first?.detail
        == "ibrahim rolled the launch back at 2027-03-02T15:30:00Z: errors doubled; another attempt needs a GO of its own"
    )
    // The day after, the reason is still the rollback, and not that the GO lapsed.
    let later = try view(checklist, [go], [shipped, back], at: "2027-03-03T15:30:00Z")
    #expect(later.reasons.first?.code == "rolled-back")
  }

  @Test("A GO given after the rollback is in force, even if both have the same time")
  func again() throws {
    let checklist = DecisionTests.ready()
    var first = try DecisionTests.decision(checklist, on: "2027-03-02")
    first.at = Fixture.at("2027-03-02T14:00:00Z")
    var second = first
    second.sequence = 2
    second.at = back.at
    #expect(try view(checklist, [first, second], [shipped, back], at: "2027-03-02T16:00:00Z").inForce)
    let relaunched = Self.step(3, "2027-03-02T16:00:00Z", 5, decisions: 2)
    let violations = Exposure([shipped, back, relaunched]).violations(
      of: checklist.record, seal: checklist.seal, decisions: DecisionHistory([first, second]),
      in: try ZoneRules(Fixture.zone))
    #expect(violations == [])
  }

  @Test("A relaunch without a new GO is a violation that names the rollback")
  func relaunch() throws {
    let checklist = DecisionTests.ready()
    var go = try DecisionTests.decision(checklist, on: "2027-03-02")
    go.at = Fixture.at("2027-03-02T14:00:00Z")
    let violations = Exposure([shipped, back, Self.step(3, "2027-03-02T16:00:00Z", 5)]).violations(
      of: checklist.record, seal: checklist.seal, decisions: DecisionHistory([go]), in: try ZoneRules(Fixture.zone))
    #expect(
      violations == [
        "no-go-in-force: shipped without a GO (5% exposed since 2027-03-02T16:00:00Z; the rollback at "
          + "2027-03-02T15:30:00Z ended the GO)"
      ])
  }

  @Test("A rollback that becomes known after a later GO also ends that GO, from then on")
  func late() throws {
    let checklist = DecisionTests.ready()
    var go = try DecisionTests.decision(checklist, on: "2027-03-02")
    go.at = Fixture.at("2027-03-02T16:00:00Z")
    let late = Self.step(2, "2027-03-02T15:30:00Z", 0, recordedAt: "2027-03-02T17:00:00Z", reason: "outage")
    #expect(try view(checklist, [go], [shipped, late], at: "2027-03-02T16:59:59Z").inForce)
    #expect(try !view(checklist, [go], [shipped, late], at: "2027-03-02T17:00:00Z").inForce)
  }

  @Test(
    "A rollback and a stage of 0 need a reason", arguments: [(ExposureVerb.rollback, nil), (.stage, 0)])
  func reason(verb: ExposureVerb, percentage: Double?) throws {
    func record(_ reason: String?) throws -> ExposureStep {
      try Exposure([shipped]).step(
        verb, ExposureRequest(launch: Fixture.launch, percentage: percentage, reason: reason), rollout: nil,
        by: Fixture.actor("dana"), now: Fixture.at("2027-03-10T12:00:00Z"))
    }
    #expect(refusal { _ = try record(nil) } == "missing-reason")
    #expect(refusal { _ = try record("  ") } == "missing-reason")
    #expect(try record("errors doubled").reason == "errors doubled")
  }

  @Test("For a flag that is set to 0%, that is the recorded reason")
  func flag() {
    let step = Exposure([shipped]).step(flagAt: back.at, percentage: 0, event: "//flags 7", now: back.at)
    #expect(step?.reason == "the flag was set to 0% in production")
    #expect(step?.by == "//flags 7")
  }

  @Test("In tier 3, the next GO is given only after an item was reopened and completed again")
  func tierThree() throws {
    var checklist = DecisionTests.ready(.minor)
    checklist.seal = nil
    let moment = try Fixture.noon("2027-03-05", record: checklist.record)
    var go = try DecisionTests.decision(checklist, on: "2027-03-02")
    go.staleAt = Fixture.at("2027-03-03T12:00:00Z")
    func isDue() -> Bool {
      DecisionHistory([go]).isAutomaticGoDue(for: checklist, at: moment, exposure: Exposure([shipped, late]))
    }
    let late = Self.step(2, "2027-03-02T18:00:00Z", 0, reason: "errors doubled")
    #expect(!isDue())
    try checklist.act(.reopen, "qa", as: "erin", on: "2027-03-04")
    #expect(!isDue())
    try checklist.act(.done, "qa", as: "erin", on: "2027-03-04")
    #expect(isDue())
  }

  @Test(
    "A lapsed GO says what did not happen",
    arguments: [(Tier.moderate, "with nothing shipped"), (.major, "without")])
  func lapsed(tier: Tier, why: String) throws {
    let checklist = DecisionTests.ready(tier)
    let go = try DecisionTests.decision(checklist, on: "2027-02-26")
    let steps = tier == .major ? [Self.step(1, "2027-03-03T15:00:00Z", 5)] : []
    let reasons = try view(checklist, [go], steps, at: "2027-03-04T15:00:00Z").reasons
    #expect(reasons.first?.code == "lapsed")
    #expect(reasons.first?.detail.contains(why) == true)
  }
}
