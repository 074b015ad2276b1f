import LaunchModel
import Testing

@Suite("Clocks and time zones") struct ClockTests {
  struct FixedClock: ServiceClock {
    var moment: Timestamp
    func now() -> Timestamp { moment }
    var setting: String? { nil }
  }

  static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

  @Test("A scaled clock begins at its start and runs at its rate") func scaled() throws {
    let setting = "2027-03-02T08:00:00Z@60#2026-11-25T22:00:00Z"
    let wall = FixedClock(moment: try Self.moment("2026-11-25T22:00:30Z"))
    let clock = try ScaledClock(setting: setting, wall: wall)
    #expect(clock.now().description == "2027-03-02T08:30:00Z")
    #expect(clock.setting == setting)
    let anchor = try Self.moment("2026-11-25T22:00:00Z")
    #expect(try ScaledClock.setting("2027-03-02T08:00:00Z@60", anchoredAt: anchor) == setting)
  }

  @Test(
    "An invalid clock setting is refused",
    arguments: ["", "now", "2027-03-02@60#x", "2027-03-02T08:00:00Z@0#2026-11-25T22:00:00Z", "2027-03-02T08:00:00Z@60"])
  func badSetting(_ setting: String) {
    #expect(throws: Problem.self) { try ScaledClock(setting: setting) }
  }

  @Test("The system clock reads a plausible time") func system() throws {
    #expect(SystemClock().now() > (try Self.moment("2025-01-01T00:00:00Z")))
  }

  /// From the IANA database: New York changes on 2027-03-14 and 2027-11-07; Apia skipped 2011-12-30; Beirut and
  /// Asunción have changed at midnight.
  @Test(
    "A local day begins at its first moment",
    arguments: [
      ("America/New_York", "2027-03-02", "2027-03-02T05:00:00Z"),
      ("America/New_York", "2027-03-14", "2027-03-14T05:00:00Z"),
      ("America/New_York", "2027-03-15", "2027-03-15T04:00:00Z"),
      ("America/New_York", "2027-11-07", "2027-11-07T04:00:00Z"),
      ("America/New_York", "2027-11-08", "2027-11-08T05:00:00Z"),
      ("Asia/Kolkata", "2027-01-01", "2026-12-31T18:30:00Z"),
      ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z"), ("America/Asuncion", "2023-10-01", "2023-10-01T04:00:00Z"),
      ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"), ("UTC", "2027-03-02", "2027-03-02T00:00:00Z"),
    ])
  func startOfDay(_ zone: String, _ date: String, _ moment: String) throws {
    let rules = try ZoneRules(zone)
    let start = rules.startOfDay(try #require(LocalDate(date)))
    #expect(start.description == moment)
    #expect(rules.localDate(at: start).description == date)
    #expect(rules.localDate(at: Timestamp(microseconds: start.microseconds - 1)).description < date)
  }

  @Test("Each day of a year with clock changes is directly followed by the next") func nextMidnight() throws {
    for zone in ["America/New_York", "Europe/Warsaw", "Australia/Lord_Howe", "America/Asuncion", "UTC"] {
      let rules = try ZoneRules(zone)
      var date = try #require(LocalDate("2023-01-01"))
      var start = rules.startOfDay(date)
      for _ in 0..<365 {
        start = rules.nextMidnight(after: start.adding(seconds: 1))
        date = date.adding(days: 1)
        #expect(rules.localDate(at: start) == date)
        #expect(start == rules.startOfDay(date))
      }
    }
  }

  @Test("An unknown time zone is refused by name", arguments: ["Mars/Olympus", "", "America/New York"])
  func unknownZone(_ name: String) {
    let problem = #expect(throws: Problem.self) { try ZoneRules(name) }
    #expect(problem?.code == "unknown-zone")
    #expect(problem?.detail.contains("\"\(name)\"") == true)
  }

  @Test(
    "Timestamps are read in RFC 3339 format",
    arguments: [
      ("1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.52Z"), ("1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z"),
      ("1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"), ("1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.87Z"),
      ("2027-03-02t09:00:00z", "2027-03-02T09:00:00Z"), ("2027-03-02T09:00:00.1234567Z", "2027-03-02T09:00:00.123456Z"),
    ])
  func timestamps(_ text: String, _ written: String) { #expect(Timestamp(text)?.description == written) }

  @Test(
    "Other formats are refused",
    arguments: [
      "2027-03-02", "2027-03-02T09:00:00", "2027-02-30T09:00:00Z", "2027-03-02T24:00:00Z", "2027-03-02T09:00:00.Z",
      "2027-03-02T09:00:00+1:00", "2027-03-02 09:00:00Z", "",
    ])
  func badTimestamps(_ text: String) { #expect(Timestamp(text) == nil) }
}
