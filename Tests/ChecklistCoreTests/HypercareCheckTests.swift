import ChecklistCore
import Contract
import LaunchModel
import Testing

/// The launch is planned for Tuesday, 2 March 2027, in New York.
@Suite("Daily checks of hypercare") struct HypercareCheckTests {
  /// A launch of tier 0 that was exposed at 10 in the morning of its date.
  private static func launched(_ items: TemplateItem...) -> LaunchChecklist {
    var checklist = LaunchChecklist(
      of: Fixture.record(tier: .launchEvent), from: ChecklistTemplate(version: 1, items: items),
      in: LaunchCalendars(of: Fixture.record().plan, from: CalendarSet([:])))
    let start = Fixture.at("2027-03-02T15:00:00Z")
    checklist.exposedSince = start
    checklist.latestAttempt = ExposureAttempt(attempt: 1, startedAt: start)
    return checklist
  }

  private static func check(
    _ checklist: inout LaunchChecklist, _ day: Int? = nil, on date: String, as person: PersonID = "sam",
    finding: String = "3 tickets", _ outcome: HypercareOutcome? = nil
  ) throws {
    let request = CheckHypercare(launch: checklist.launch, day: day, finding: finding, outcome: outcome)
    _ = try checklist.checkHypercare(request, by: Fixture.actor(person), at: try Fixture.noon(date))
  }

  private static func states(_ checklist: LaunchChecklist, on date: String) throws -> [HypercareDay.State] {
    checklist.hypercareView(at: try Fixture.noon(date)).days.map(\.state)
  }

  private static func days(_ parts: (HypercareDay.State, Int)...) -> [HypercareDay.State] {
    parts.flatMap { Array(repeating: $0.0, count: $0.1) }
  }

  @Test("A check is due on each day from the exposure on, and overdue afterwards")
  func due() throws {
    var checklist = Self.launched()
    #expect(try Self.states(checklist, on: "2027-03-02") == Self.days((.due, 1), (.upcoming, 13)))
    try Self.check(&checklist, on: "2027-03-02")
    try Self.check(&checklist, 2, on: "2027-03-04", .problem)
    let expected = Self.days((.ok, 1), (.problem, 1), (.due, 1), (.upcoming, 11))
    #expect(try Self.states(checklist, on: "2027-03-04") == expected)
    #expect(try Self.states(checklist, on: "2027-03-20") == Self.days((.ok, 1), (.problem, 1), (.overdue, 12)))
    let view = checklist.hypercareView(at: try Fixture.noon("2027-03-04"))
    #expect(view.days.map(\.date).first == Fixture.date && view.days.map(\.date).last == Fixture.day("2027-03-15"))
    #expect(view.days[0].finding == "3 tickets" && view.days[0].by == "sam")
  }

  @Test("If a day is checked again, the later finding counts; the earlier one stays recorded")
  func again() throws {
    var checklist = Self.launched()
    try Self.check(&checklist, on: "2027-03-02", finding: "quiet")
    try Self.check(&checklist, on: "2027-03-02", finding: "40 tickets", .problem)
    let day = try #require(checklist.hypercareView(at: try Fixture.noon("2027-03-02")).days.first)
    #expect(day.finding == "40 tickets" && day.state == .problem)
    #expect(checklist.hypercare.checks.map(\.finding) == ["quiet", "40 tickets"])
    #expect(checklist.hypercare.checks.map(\.sequence) == [1, 2])
  }

  @Test("Hypercare begins when the launch ships, not on its planned date")
  func late() throws {
    var checklist = Self.launched()
    checklist.latestAttempt?.startedAt = Fixture.at("2027-03-04T15:00:00Z")
    try Self.check(&checklist, on: "2027-03-05")
    #expect(checklist.hypercare.checks.map(\.day) == [2])
    #expect(checklist.hypercareView(at: try Fixture.noon("2027-03-05")).startsOn == Fixture.day("2027-03-04"))
  }

  @Test("A rollback ends the days without a check; a new attempt has its own days")
  func rollback() throws {
    var checklist = Self.launched()
    try Self.check(&checklist, on: "2027-03-02")
    checklist.latestAttempt?.rolledBackAt = Fixture.at("2027-03-04T12:00:00Z")
    #expect(try Self.states(checklist, on: "2027-03-06") == Self.days((.ok, 1), (.notApplicable, 13)))
    try Self.check(&checklist, 3, on: "2027-03-06", finding: "errors doubled", .problem)
    #expect(refusal { try Self.check(&checklist, 4, on: "2027-03-06") } == "rolled-back")
    checklist.record.plan.date = Fixture.day("2027-03-23")
    #expect(try Self.states(checklist, on: "2027-03-06") == Self.days((.upcoming, 14)))
    #expect(refusal { try Self.check(&checklist, 1, on: "2027-03-06") } == "not-exposed-yet")
    checklist.latestAttempt = ExposureAttempt(attempt: 2, startedAt: Fixture.at("2027-03-23T15:00:00Z"))
    #expect(try Self.states(checklist, on: "2027-03-24") == Self.days((.overdue, 1), (.due, 1), (.upcoming, 12)))
  }

  @Test("An invalid check is refused, and nothing is recorded")
  func refused() throws {
    var checklist = Self.launched()
    #expect(refusal { try Self.check(&checklist, 2, on: "2027-03-02") } == "unfit-day", "the day has not come")
    #expect(refusal { try Self.check(&checklist, 0, on: "2027-03-02") } == "unfit-day")
    #expect(refusal { try Self.check(&checklist, 15, on: "2027-03-20") } == "unfit-day")
    #expect(refusal { try Self.check(&checklist, on: "2027-03-16") } == "unfit-day", "day 15 is the day after the last")
    #expect(refusal { try Self.check(&checklist, on: "2027-03-02", finding: " ") } == "missing-finding")
    #expect(refusal { try Self.check(&checklist, on: "2027-03-02", as: "erin") } == "forbidden")
    var unexposed = Fixture.checklist(Fixture.record(tier: .launchEvent))
    #expect(refusal { try Self.check(&unexposed, on: "2027-03-02") } == "not-exposed-yet")
    checklist.record.tier = .major
    #expect(refusal { try Self.check(&checklist, on: "2027-03-02") } == "no-hypercare")
    checklist.record.status = .cancelled
    #expect(refusal { try Self.check(&checklist, on: "2027-03-02") } == "launch-cancelled")
    #expect(checklist.hypercare.checks.isEmpty)
  }

  private static func roster(_ person: PersonID) throws -> HypercareRoster {
    let from = try #require(LocalDateTime("2027-03-04T08:00"))
    let to = try #require(LocalDateTime("2027-03-04T20:00"))
    return HypercareRoster(
      responseMinutes: 30, hours: CoverageHours(from: from.time, to: to.time),
      shifts: [HypercareShift(person: person, from: from, to: to)])
  }

  @Test("Anyone who has a shift may record checks, in any tier")
  func shifts() throws {
    var checklist = Self.launched()
    checklist.record.tier = .major
    checklist.hypercare.roster = try Self.roster("erin")
    try Self.check(&checklist, on: "2027-03-02", as: "erin")
    #expect(checklist.hypercare.checks.map(\.by) == ["erin"])
    #expect(refusal { try Self.check(&checklist, on: "2027-03-02", as: "ibrahim") } == "forbidden")
  }

  @Test("The board shows the day, who is on shift, and what is missing; nothing outside hypercare")
  func summary() throws {
    var checklist = Self.launched()
    checklist.hypercare.roster = try Self.roster("sam")
    try Self.check(&checklist, 2, on: "2027-03-04", .problem)
    func summary(_ date: String) throws -> HypercareSummary? {
      checklist.readiness(at: try Fixture.noon(date), isExposed: true).hypercare
    }
    let today = try #require(try summary("2027-03-04"))
    #expect(today.day == 3 && today.days == 14 && today.overdue == [1] && today.problems == [2])
    let until = LocalDateTime("2027-03-04T20:00")
    #expect(today.onShift.map(\.person) == ["sam"] && today.onShift.map(\.until) == [until].compactMap(\.self))
    #expect(!today.uncovered && today.gaps == 13, "one for each other day")
    let next = try #require(try summary("2027-03-05"))
    #expect(next.uncovered && next.onShift.isEmpty)
    #expect(try summary("2027-03-15")?.day == 14)
    #expect(try summary("2027-03-16") == nil)
    checklist.latestAttempt?.rolledBackAt = Fixture.at("2027-03-04T12:00:00Z")
    #expect(try summary("2027-03-04") == nil)
    var other = Self.launched()
    other.record.tier = .major
    #expect(other.readiness(at: try Fixture.noon("2027-03-04"), isExposed: true).hypercare == nil)
  }

  @Test("The last missing check completes the item for the checks, with the findings")
  func completes() throws {
    let item = Fixture.item("hypercare-check", .support, due: 14, gate: .advisory, phase: .after)
    var checklist = Self.launched(item)
    for day in 1...13 { try Self.check(&checklist, day, on: "2027-03-20", day == 5 ? .problem : nil) }
    #expect(checklist.completeHypercareChecks(at: try Fixture.noon("2027-03-20")) == nil)
    try Self.check(&checklist, 14, on: "2027-03-20")
    let event = try #require(checklist.completeHypercareChecks(at: try Fixture.noon("2027-03-20")))
    #expect(event.step.from == .open && event.step.to == .done)
    #expect(checklist.state("hypercare-check") == .done)
    let evidence = checklist.items.flatMap(\.evidence).map(\.value)
    #expect(evidence == ["all 14 days were checked: 13 ok, 1 with a problem"])
    #expect(checklist.completeHypercareChecks(at: try Fixture.noon("2027-03-20")) == nil, "it is done already")
  }

  @Test("If the item lacks something else, completing the checks leaves it open")
  func lacking() throws {
    let item = Fixture.item(
      "hypercare-check", .support, due: 14, gate: .advisory, evidence: [.link], phase: .after)
    var checklist = Self.launched(item)
    for day in 1...14 { try Self.check(&checklist, day, on: "2027-03-20") }
    #expect(checklist.completeHypercareChecks(at: try Fixture.noon("2027-03-20")) == nil)
    #expect(checklist.state("hypercare-check") == .open)
  }

  @Test("Support and the people on shift are reminded on the day, and again if it passes without a check")
  func reminders() throws {
    var checklist = Self.launched()
    checklist.hypercare.roster = try Self.roster("sam")
    try Self.check(&checklist, on: "2027-03-02")
    let moment = try Fixture.noon("2027-03-04")
    let reminders = checklist.reminders(at: moment)
    #expect(
      reminders.map { $0.key(of: checklist.launch) } == [
        "overdue/smart-routing/hypercare-check/day-2/2027-03-03", "due/smart-routing/hypercare-check/day-3/2027-03-04",
      ])
    #expect(reminders.map(\.people) == [[], ["sam"]])
    #expect(reminders.allSatisfy { $0.functions == [.support] })
    #expect(checklist.nextReminderDay(after: moment) == Fixture.day("2027-03-05"))
    #expect(checklist.reminders(at: try Fixture.noon("2027-03-16")).count == 13)
    #expect(checklist.reminders(at: try Fixture.noon("2027-03-17")).isEmpty, "hypercare is over")
    checklist.latestAttempt?.rolledBackAt = Fixture.at("2027-03-04T12:00:00Z")
    #expect(checklist.reminders(at: moment).isEmpty)
  }

  @Test("Somebody who has left the company's roster is reported while they have a future shift")
  func departed() throws {
    var checklist = Self.launched()
    checklist.hypercare.roster = try Self.roster("sam")
    var people = Fixture.roster
    people.people["sam"] = nil
    let before = checklist.referenceFaults(at: try Fixture.noon("2027-03-04", roster: people))
    #expect(before.map(\.code) == [.shiftLeft] && before.map(\.person) == ["sam"])
    #expect(before.first?.detail.contains("gonogo hypercare roster smart-routing FILE") == true)
    #expect(checklist.referenceFaults(at: try Fixture.noon("2027-03-04")).isEmpty)
    #expect(checklist.referenceFaults(at: try Fixture.noon("2027-03-05", roster: people)).isEmpty, "it is over")
  }

  @Test("Hypercare never gives a reason against GO")
  func gate() throws {
    var checklist = Self.launched()
    checklist.seal = Seal(digest: "d", sealedAt: Fixture.at("2027-02-01T15:00:00Z"))
    let moment = try Fixture.noon("2027-03-10")
    #expect(checklist.hypercareView(at: moment).days.contains { $0.state == .overdue })
    #expect(checklist.reasonsAgainstGo(at: moment, isExposed: true).isEmpty)
  }
}
