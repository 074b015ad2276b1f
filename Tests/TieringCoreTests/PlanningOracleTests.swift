import Documents
import JSON
import LaunchModel
import TestSupport
import Testing
import TieringCore

/// Compares earliest dates with an independent search in Python: it walks day by day to the first launch date on which
/// no item is due before work begins.
@Suite("Earliest dates compared with a search") struct PlanningOracleTests {
  private static let search = """
    import sys, json
    from datetime import date, datetime, timedelta, timezone
    from zoneinfo import ZoneInfo
    day = timedelta(days=1)
    def due(launch, days, unit, weekend, holidays):
        if unit == 'calendar': return launch - days * day
        while days > 0:
            launch -= day
            if launch.weekday() not in weekend and launch.isoformat() not in holidays: days -= 1
        return launch
    answers = []
    for case in json.load(sys.stdin):
        moment = datetime.fromtimestamp(case['at'], timezone.utc).astimezone(ZoneInfo(case['zone']))
        start = moment.date()
        earliest = start + case['window'] * day
        holidays = set(case['holidays'])
        for days, unit in case['items']:
            launch = start
            while due(launch, days, unit, case['weekend'], holidays) < start: launch += day
            earliest = max(earliest, launch)
        answers.append([start.isoformat(), earliest.isoformat()])
    json.dump(answers, sys.stdout)
    """

  private struct Case {
    var at: Timestamp
    var zone: String
    var calendar: String
    var tier: Tier
    var due: [DueRule]
  }

  /// Times around clock changes, year ends, weekends and holidays, in time zones on both sides of UTC.
  private static func cases(using generator: inout SeededGenerator) -> [Case] {
    let moments = [
      "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-10-25T00:30:00Z", "2026-11-01T05:59:00Z",
      "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2027-12-24T22:00:00Z", "2028-02-28T13:00:00Z",
      "2027-04-04T15:30:00Z", "2026-12-31T10:00:00Z",
    ].compactMap { Timestamp($0) }
    let zones = ["America/New_York", "Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland", "America/St_Johns", "UTC"]
    let keys = ["US", "DE-BY", "IL", "AE", "JP", "NZ"]
    return (0..<120).map { _ in
      Case(
        at: moments.randomElement(using: &generator) ?? moments[0],
        zone: zones.randomElement(using: &generator) ?? "UTC", calendar: keys.randomElement(using: &generator) ?? "US",
        tier: [.launchEvent, .major, .moderate].randomElement(using: &generator) ?? .major,
        due: (0..<3).map { _ in
          DueRule(
            offset: -Int.random(in: 1...40, using: &generator),
            unit: Bool.random(using: &generator) ? .business : .calendar)
        })
    }
  }

  private static func question(_ entry: Case) throws -> JSONValue {
    let calendar = try #require(BuiltIn.calendars[entry.calendar])
    let weekend = Weekday.allCases.enumerated().filter { calendar.weekend.contains($0.element) }
    return [
      "at": .integer(entry.at.microseconds / 1_000_000), "zone": .string(entry.zone),
      "window": .integer([28, 28, 14, 0][entry.tier.rawValue]),
      "weekend": .array(weekend.map { .integer(Int64($0.offset)) }),
      "holidays": .array(calendar.holidays.keys.map { .string($0.description) }),
      "items": .array(entry.due.map { [.integer(Int64(-$0.offset)), .string($0.unit.rawValue)] }),
    ]
  }

  private static func template(_ due: [DueRule]) -> ChecklistTemplate {
    ChecklistTemplate(
      version: 1,
      items: due.enumerated().map { index, rule in
        TemplateItem(
          key: "i\(index)", title: "t", section: "s", function: .marketing, tiers: Tier.allCases, due: rule, why: "w")
      })
  }

  @Test(
    "Earliest dates agree across time zones, clock changes, unusual weekends, holidays and year ends",
    .enabled(if: PythonOracle.has("zoneinfo"), "python3 is not installed"), arguments: 0..<3)
  func earliest(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let cases = Self.cases(using: &generator)
    let questions = JSONValue.array(try cases.map(Self.question))
    let answers = try JSONValue(
      parsing: Array(try await PythonOracle.run(Self.search, input: questions.serialized()).utf8))
    let policy = try PolicyFixture.policy()
    for (entry, answer) in zip(cases, try #require(answers.arrayValue)) {
      let assessor = LaunchAssessor(policy: policy, template: Self.template(entry.due)) { key in
        key.flatMap { BuiltIn.calendars[$0]?.business } ?? .standard
      }
      let plan = LaunchPlan(
        launch: try #require(LaunchID("x")), name: "x", owner: "dana", feature: "x",
        date: try #require(LocalDate("2030-01-01")), timeZone: entry.zone, calendar: entry.calendar,
        facts: Facts(kinds: [.bugFix]))
      let assessment = try assessor.assess(plan, override: entry.tier, now: entry.at)
      #expect(assessment.reachedOn["3"]?.description == answer.arrayValue?.first?.stringValue, "\(entry)")
      #expect(assessment.feasibility.earliestDate.description == answer.arrayValue?.last?.stringValue, "\(entry)")
    }
  }
}
