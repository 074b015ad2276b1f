import ChecklistCore
import Contract
import LaunchModel
import Testing

/// Clocks of histories, counted by hand. New York is five hours behind UTC, and four from Sunday, 14 March 2027, on, a day of 23
/// hours. 1 February is a Monday.
@Suite("The reviewer's clock") struct ReviewClockTests {
  /// What happened to launch copy that Legal approves, and the clock at the end.
  struct History: Sendable, CustomTestStringConvertible {
    var name: String
    var calendar: String?
    var steps: [(at: String, verb: ItemVerb, by: PersonID)]
    var requestedAt: String
    var response: Int
    var waited: Int
    var waitsFor: ApprovalClock.Party?

    var testDescription: String { name }
  }

  /// `US` has Presidents' Day; in `SUN`, Friday and Saturday are the weekend.
  private static let calendars = CalendarSet([
    "US": CalendarDocument(
      key: "US", weekend: [.saturday, .sunday], holidays: [Fixture.day("2027-02-15"): "Presidents' Day"],
      years: 2027...2027),
    "SUN": CalendarDocument(key: "SUN", weekend: [.friday, .saturday], holidays: [:], years: nil),
  ])

  static let histories = [
    History(
      name: "Monday 10:00 to Tuesday 16:00 are 30 hours",
      steps: [("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-02T21:00:00Z", .approve, "lena")],
      requestedAt: "2027-02-01T15:00:00Z", response: 30 * 60, waited: 30 * 60),
    History(
      name: "Of Friday noon to Monday noon, half of each day counts",
      steps: [("2027-02-05T17:00:00Z", .submit, "max"), ("2027-02-08T17:00:00Z", .approve, "lena")],
      requestedAt: "2027-02-05T17:00:00Z", response: 24 * 60, waited: 24 * 60),
    History(
      name: "What is asked on Saturday waits from Monday 0:00 on",
      steps: [("2027-02-06T15:00:00Z", .submit, "max"), ("2027-02-08T13:00:00Z", .approve, "lena")],
      requestedAt: "2027-02-06T15:00:00Z", response: 8 * 60, waited: 8 * 60),
    History(
      name: "A holiday of the launch's calendar does not count for a group that is no function", calendar: "US",
      steps: [("2027-02-12T17:00:00Z", .submit, "max"), ("2027-02-16T17:00:00Z", .approve, "lena")],
      requestedAt: "2027-02-12T17:00:00Z", response: 24 * 60, waited: 24 * 60),
    // Twelve hours of Thursday, and eleven twenty-thirds of a day of 23 hours: 720 + 688.7 minutes.
    History(
      name: "Noon of a day of 23 hours is eleven twenty-thirds into it", calendar: "SUN",
      steps: [("2027-03-11T17:00:00Z", .submit, "max"), ("2027-03-14T16:00:00Z", .approve, "lena")],
      requestedAt: "2027-03-11T17:00:00Z", response: 1_408, waited: 1_408),
    History(
      name: "Two business days end at the same time of day, over a clock change too", calendar: "SUN",
      steps: [("2027-03-11T17:00:00Z", .submit, "max"), ("2027-03-15T16:00:00Z", .approve, "lena")],
      requestedAt: "2027-03-11T17:00:00Z", response: 48 * 60, waited: 48 * 60),
    History(
      name: "From a rejection until the item changes, it waits for its author",
      steps: [
        ("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-01T19:00:00Z", .reject, "lena"),
        ("2027-02-03T15:00:00Z", .attach, "max"), ("2027-02-03T18:00:00Z", .approve, "lena"),
      ],
      requestedAt: "2027-02-01T15:00:00Z", response: 4 * 60, waited: 7 * 60),
    History(
      name: "A block stops the clock",
      steps: [
        ("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-01T17:00:00Z", .block, "max"),
        ("2027-02-02T17:00:00Z", .unblock, "max"), ("2027-02-02T18:00:00Z", .approve, "lena"),
      ],
      requestedAt: "2027-02-01T15:00:00Z", response: 3 * 60, waited: 3 * 60),
    History(
      name: "Reopened in review and submitted again, it is the same request",
      steps: [
        ("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-01T16:00:00Z", .reopen, "max"),
        ("2027-02-01T20:00:00Z", .submit, "max"), ("2027-02-01T21:00:00Z", .approve, "lena"),
      ],
      requestedAt: "2027-02-01T15:00:00Z", response: 2 * 60, waited: 2 * 60),
    History(
      name: "Reopened after it was done, it starts from the beginning",
      steps: [
        ("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-01T16:00:00Z", .approve, "lena"),
        ("2027-02-02T14:00:00Z", .reopen, "max"), ("2027-02-02T15:00:00Z", .submit, "max"),
        ("2027-02-02T17:00:00Z", .approve, "lena"),
      ],
      requestedAt: "2027-02-02T15:00:00Z", response: 2 * 60, waited: 2 * 60),
    History(
      name: "A rejected item waits for its author, and no longer for the group",
      steps: [
        ("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-01T19:00:00Z", .reject, "lena"),
        ("2027-02-05T15:00:00Z", .comment, "max"),
      ],
      requestedAt: "2027-02-01T15:00:00Z", response: 4 * 60, waited: 4 * 60, waitsFor: .author),
    History(
      name: "Unanswered, the clock runs",
      steps: [("2027-02-01T15:00:00Z", .submit, "max"), ("2027-02-02T15:00:00Z", .comment, "max")],
      requestedAt: "2027-02-01T15:00:00Z", response: 24 * 60, waited: 24 * 60, waitsFor: .reviewers),
  ]

  @Test("Only business time counts, and not the time when it is the author's turn", arguments: histories)
  func clock(history: History) throws {
    let record = Fixture.record(date: Fixture.day("2027-04-06"), calendar: history.calendar)
    var checklist = Fixture.checklist(
      record, Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]))
    for step in history.steps { try checklist.act(step.verb, by: step.by, at: step.at, Self.calendars) }
    let last = try #require(history.steps.last)
    let moment = try checklist.moment(last.at, Self.calendars)
    let clock = try #require(checklist.view(of: checklist.items[0], at: moment).approvals.first?.clock)
    #expect(clock.requestedAt == Fixture.at(history.requestedAt))
    #expect(clock.responseMinutes == history.response)
    #expect(clock.waitedMinutes == history.waited)
    #expect(clock.waitsFor == history.waitsFor)
    #expect((clock.resolvedAt != nil) == (last.verb == .approve))
  }

  @Test("Each group has its own clock, and an item that was never submitted has none") func groups() throws {
    var checklist = Fixture.checklist(
      Fixture.record(),
      Fixture.item(
        "copy", .marketing, approvals: [ApprovalRule(group: "product"), ApprovalRule(group: "legal")]))
    let before = try checklist.moment("2027-02-01T14:00:00Z")
    #expect(checklist.view(of: checklist.items[0], at: before).approvals.map(\.clock) == [nil, nil])
    try checklist.act(.submit, by: "max", at: "2027-02-01T15:00:00Z")
    try checklist.act(.approve, by: "petra", at: "2027-02-01T16:00:00Z")
    let after = try checklist.moment("2027-02-01T20:00:00Z")
    let clocks = checklist.view(of: checklist.items[0], at: after).approvals.map(\.clock)
    #expect(clocks.map { $0?.waitedMinutes } == [60, 300])
    #expect(clocks.map { $0?.waitsFor } == [nil, .reviewers])
    #expect(clocks[1]?.firstResponseAt == nil)
  }

  @Test("An item that was in review before its rounds were recorded has a clock from its next change on")
  func older() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]))
    checklist.items[0].state = .inReview
    checklist.recordWaits(at: Fixture.at("2027-02-01T15:00:00Z"))
    checklist.recordWaits(at: Fixture.at("2027-02-01T16:00:00Z"))
    let moment = try checklist.moment("2027-02-01T17:00:00Z")
    let clock = checklist.view(of: checklist.items[0], at: moment).approvals.first?.clock
    #expect(clock?.requestedAt == Fixture.at("2027-02-01T15:00:00Z"))
    #expect(clock?.waitedMinutes == 120)
  }
}

extension LaunchChecklist {
  func moment(
    _ time: String, _ calendars: CalendarSet = CalendarSet([:]), roster: Roster = Fixture.roster
  ) throws -> LaunchMoment {
    LaunchMoment(
      now: Fixture.at(time), zone: try ZoneRules(Fixture.zone),
      calendars: LaunchCalendars(of: record.plan, from: calendars), roster: roster)
  }

  /// Acts on the only item at a time, with what the verb needs.
  mutating func act(
    _ verb: ItemVerb, by person: PersonID, at time: String, _ calendars: CalendarSet = CalendarSet([:]),
    roster: Roster = Fixture.roster
  ) throws {
    try act(verb, as: Fixture.actor(person, roster: roster), at: time, calendars, roster: roster)
  }

  mutating func act(
    _ verb: ItemVerb, as actor: Actor, at time: String, _ calendars: CalendarSet = CalendarSet([:]),
    roster: Roster = Fixture.roster, _ change: (inout ItemAction) -> Void = { _ in }
  ) throws {
    var action = ItemAction(launch: launch, reason: "because", text: "hm")
    if verb == .attach { action.evidence = Evidence(kind: .text, value: "draft of \(time)") }
    change(&action)
    let moment = try moment(time, calendars, roster: roster)
    _ = try perform(verb, action, on: items[0].reference, by: actor, at: moment)
    recordWaits(at: moment.now)
  }
}
