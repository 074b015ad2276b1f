import ChecklistCore
import Contract
import LaunchModel
import Testing

/// Days are those from Tuesday, 2 March 2027, in New York, unless a test says otherwise.
@Suite("Coverage by a roster of shifts") struct HypercareCoverageTests {
  private static func local(_ text: String) throws -> LocalDateTime { try #require(LocalDateTime(text)) }

  private static func hours(_ from: String, _ to: String) throws -> CoverageHours {
    CoverageHours(from: try #require(LocalTime(from)), to: try #require(LocalTime(to)))
  }

  /// A shift on each of a number of days.
  private static func shifts(
    _ person: PersonID, _ from: String, _ to: String, days: Int, without: Set<Int> = []
  ) throws -> [HypercareShift] {
    let first = HypercareShift(person: person, from: try local(from), to: try local(to))
    return (0..<days).filter { !without.contains($0) }.map { day in
      HypercareShift(person: person, from: first.from.adding(days: day), to: first.to.adding(days: day))
    }
  }

  private static func coverage(
    _ shifts: [HypercareShift], hours: CoverageHours, from start: String = "2027-03-02"
  ) throws -> HypercareCoverage {
    HypercareCoverage(
      roster: HypercareRoster(responseMinutes: 30, hours: hours, shifts: shifts), start: Fixture.day(start),
      zone: try ZoneRules(Fixture.zone))
  }

  /// A gap in the form `2027-03-05T14:00 2027-03-05T20:00 360`.
  private static func texts(_ gaps: [HypercareGap]) -> [String] { gaps.map { "\($0.from) \($0.to) \($0.minutes)" } }

  @Test("Two people share the hours of each day; a missing shift is a gap")
  func twoPeople() throws {
    let grace = try Self.shifts("grace", "2027-03-02T08:00", "2027-03-02T14:00", days: 14)
    let jonas = try Self.shifts("jonas", "2027-03-02T14:00", "2027-03-02T20:00", days: 14)
    let hours = try Self.hours("08:00", "20:00")
    #expect(try Self.coverage(grace + jonas, hours: hours).isComplete(days: 14))
    let missing = try Self.shifts("jonas", "2027-03-02T14:00", "2027-03-02T20:00", days: 14, without: [3])
    let coverage = try Self.coverage(grace + missing, hours: hours)
    #expect(Self.texts(coverage.gaps()) == ["2027-03-05T14:00 2027-03-05T20:00 360"])
    #expect(coverage.isComplete(days: 3) && !coverage.isComplete(days: 4))
  }

  @Test("Shifts may overlap, and a longer one does not hide the gap after it")
  func overlapping() throws {
    let shifts =
      try Self.shifts("a", "2027-03-02T08:00", "2027-03-02T12:00", days: 1)
      + Self.shifts("b", "2027-03-02T09:00", "2027-03-02T10:00", days: 1)
      + Self.shifts("c", "2027-03-02T10:00", "2027-03-02T15:00", days: 1)
      + Self.shifts("d", "2027-03-02T16:00", "2027-03-02T21:00", days: 1)
    let coverage = try Self.coverage(shifts, hours: try Self.hours("07:30", "20:00"))
    #expect(
      Self.texts(coverage.gaps(days: 1)) == [
        "2027-03-02T07:30 2027-03-02T08:00 30", "2027-03-02T15:00 2027-03-02T16:00 60",
      ])
  }

  @Test("A gap that continues on the next day is one gap")
  func severalDays() throws {
    let shifts = try Self.shifts("a", "2027-03-02T00:00", "2027-03-03T00:00", days: 14, without: [3, 4])
    let gaps = try Self.coverage(shifts, hours: .wholeDay).gaps()
    #expect(Self.texts(gaps) == ["2027-03-05T00:00 2027-03-07T00:00 2880"])
  }

  /// Sunday, 14 March 2027 has 23 hours in New York, and Sunday, 7 November 25.
  @Test(
    "The shifts of any other day cover a day with a clock change, however long it is",
    arguments: [("2027-03-02", 12, "2027-03-14", 1_380), ("2027-11-01", 6, "2027-11-07", 1_500)])
  func clockChange(start: String, place: Int, date: String, minutes: Int) throws {
    let next = Fixture.day(date).adding(days: 1)
    let day = try Self.shifts("day", "\(start)T06:00", "\(start)T22:00", days: 14)
    let nightBefore = Fixture.day(start).adding(days: -1)
    let night = try Self.shifts("night", "\(nightBefore)T22:00", "\(start)T06:00", days: 15)
    #expect(try Self.coverage(day + night, hours: .wholeDay, from: start).gaps().isEmpty)
    let shifts = try Self.shifts("a", "\(start)T00:00", "\(start)T24:00", days: 14, without: [place])
    let gaps = try Self.coverage(shifts, hours: .wholeDay, from: start).gaps()
    #expect(Self.texts(gaps) == ["\(date)T00:00 \(next)T00:00 \(minutes)"])
    // Whoever takes over at a time that the clock skips or shows twice leaves no gap.
    let first = try Self.shifts("a", "\(date)T00:00", "\(date)T02:30", days: 1)
    let second = try Self.shifts("b", "\(date)T02:30", "\(date)T24:00", days: 1)
    let third = try Self.shifts("c", "\(date)T00:00", "\(date)T01:30", days: 1)
    let fourth = try Self.shifts("d", "\(date)T01:30", "\(date)T24:00", days: 1)
    for pair in [first + second, third + fourth] {
      #expect(try Self.coverage(pair, hours: .wholeDay, from: date).isComplete(days: 1))
    }
  }

  @Test("Shifts keep their dates when the launch moves: days that they no longer cover are gaps")
  func moved() throws {
    let shifts = try Self.shifts("a", "2027-03-02T08:00", "2027-03-02T20:00", days: 14)
    let gaps = try Self.coverage(shifts, hours: try Self.hours("08:00", "20:00"), from: "2027-03-04").gaps()
    #expect(
      Self.texts(gaps) == ["2027-03-16T08:00 2027-03-16T20:00 720", "2027-03-17T08:00 2027-03-17T20:00 720"])
  }

  @Test("A roster without shifts covers nothing")
  func empty() throws {
    let gaps = try Self.coverage([], hours: .wholeDay).gaps(days: 2)
    #expect(Self.texts(gaps) == ["2027-03-02T00:00 2027-03-04T00:00 2880"])
  }

  /// New York is 5 hours behind UTC until 14 March, and then 4.
  @Test(
    "Who is on shift follows from the local time; a shift ends when the next one begins",
    arguments: [
      ("2027-03-02T12:59:59Z", []), ("2027-03-02T13:00:00Z", ["grace"]), ("2027-03-02T18:30:00Z", ["grace", "jonas"]),
      ("2027-03-02T19:00:00Z", ["jonas"]), ("2027-03-03T01:00:00Z", []), ("2027-03-15T12:00:00Z", ["grace"]),
      ("2027-03-16T13:00:00Z", []),
    ])
  func onShift(moment: String, people: [PersonID]) throws {
    let grace = try Self.shifts("grace", "2027-03-02T08:00", "2027-03-02T14:00", days: 14)
    let jonas = try Self.shifts("jonas", "2027-03-02T13:00", "2027-03-02T20:00", days: 14)
    let coverage = try Self.coverage(grace + jonas, hours: .wholeDay)
    #expect(coverage.onShift(at: Fixture.at(moment)).map(\.person) == people)
  }
}
