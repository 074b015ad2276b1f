import ChecklistCore
import Contract
import LaunchModel
import Testing

/// The launch is on Tuesday 2027-03-02 in New York, so that its last six weeks begin on 2027-01-19 and its last five business
/// days on 2027-02-23.
@Suite("Confirming dates again") struct DateConfirmationTests {
  private static func record(
    _ confirmedAt: String?, tier: Tier = .major, status: LaunchStatus = .preparing,
    rule: ReconfirmationRule = .standard
  ) -> LaunchRecord {
    var record = Fixture.record(tier: tier, status: status)
    record.confirmation = confirmedAt.map { DateConfirmation(at: Fixture.at($0), by: "petra", rule: rule) }
    return record
  }

  @Test(
    "A confirmation is valid for 14 days, and at least until the last six weeks begin",
    arguments: [
      ("2027-01-04T12:00:00Z", "2027-01-19", DateStanding.confirmed(until: Fixture.day("2027-01-19"))),
      ("2027-01-04T12:00:00Z", "2027-01-20", .lapsed(Fixture.day("2027-01-19"))),
      ("2027-01-10T12:00:00Z", "2027-01-24", .confirmed(until: Fixture.day("2027-01-24"))),
      ("2027-01-10T12:00:00Z", "2027-01-25", .lapsed(Fixture.day("2027-01-24"))),
      // Still 10 February in New York.
      ("2027-02-11T03:00:00Z", "2027-02-24", .confirmed(until: Fixture.day("2027-02-24"))),
      ("2027-02-11T03:00:00Z", "2027-02-25", .lapsed(Fixture.day("2027-02-24"))),
      ("2027-02-15T12:00:00Z", "2027-03-02", .lapsed(Fixture.day("2027-03-01"))),
      ("2027-02-16T12:00:00Z", "2027-03-02", .unneeded), ("2027-02-15T12:00:00Z", "2027-03-03", .unneeded),
    ])
  func standing(confirmedAt: String, today: String, expected: DateStanding) throws {
    let standing = Self.record(confirmedAt).dateStanding(on: Fixture.day(today), in: try ZoneRules(Fixture.zone))
    #expect(standing == expected)
  }

  @Test("No confirmation is needed in other tiers, after exposure, or if none is recorded")
  func unneeded() throws {
    let (zone, today) = (try ZoneRules(Fixture.zone), Fixture.day("2027-02-25"))
    let stale = "2027-01-04T12:00:00Z"
    let records = [
      Self.record(stale, tier: .moderate), Self.record(stale, tier: .minor), Self.record(stale, status: .live),
      Self.record(stale, status: .postponed), Self.record(stale, status: .cancelled), Self.record(nil),
      Self.record(stale, rule: ReconfirmationRule(everyDays: 14, lastWeeks: 6, tiers: [])),
    ]
    for record in records { #expect(record.dateStanding(on: today, in: zone) == .unneeded) }
    #expect(Self.record(stale, tier: .launchEvent).dateStanding(on: today, in: zone) != .unneeded)
  }

  @Test("The policy's interval is used")
  func interval() throws {
    let rule = ReconfirmationRule(everyDays: 3, lastWeeks: 1, tiers: [.moderate])
    let record = Self.record("2027-02-24T12:00:00Z", tier: .moderate, rule: rule)
    // The last week begins on 2027-02-23; three days after 2027-02-24 is later.
    let zone = try ZoneRules(Fixture.zone)
    #expect(
      record.dateStanding(on: Fixture.day("2027-02-28"), in: zone) == .lapsed(Fixture.day("2027-02-27")))
  }

  @Test(
    "An unconfirmed date is a risk, and becomes a reason against GO five business days before the launch",
    arguments: [
      ("2027-01-19", 0, 0), ("2027-01-20", 1, 0), ("2027-02-22", 1, 0), ("2027-02-23", 0, 1), ("2027-03-02", 0, 1),
    ])
  func reasons(today: String, risks: Int, reasons: Int) throws {
    var checklist = DecisionTests.ready(.major)
    checklist.record.confirmation = DateConfirmation(at: Fixture.at("2027-01-04T12:00:00Z"), by: "petra")
    let view = checklist.readiness(at: try Fixture.noon(today), isExposed: false)
    #expect(view.reasons.map(\.code) == Array(repeating: "date-unconfirmed", count: reasons))
    #expect((view.risks ?? []).map(\.code) == Array(repeating: "date-unconfirmed", count: risks))
    #expect(view.recommendation == (reasons == 0 ? .go : .noGo))
    checklist.record.confirmation = DateConfirmation(at: Fixture.at("2027-02-20T12:00:00Z"), by: "dana")
    let confirmed = checklist.readiness(at: try Fixture.noon(today), isExposed: false)
    #expect(confirmed.recommendation == .go && confirmed.risks == nil)
  }

  @Test("Neither a lapsed confirmation nor a new one makes a GO stale")
  func standingGo() throws {
    var checklist = DecisionTests.ready(.major)
    checklist.record.confirmation = DateConfirmation(at: Fixture.at("2027-02-05T12:00:00Z"), by: "petra")
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-02-18")])
    // The confirmation counts until 2027-02-19.
    let later = try Fixture.noon("2027-03-02")
    #expect(checklist.reasonsAgainstGo(at: later, isExposed: false).map(\.code) == ["date-unconfirmed"])
    #expect(history.worsened(in: checklist, at: later) == [])
    checklist.record.confirmation = DateConfirmation(at: Fixture.at("2027-02-26T12:00:00Z"), by: "petra")
    #expect(history.worsened(in: checklist, at: later) == [])
  }
}
