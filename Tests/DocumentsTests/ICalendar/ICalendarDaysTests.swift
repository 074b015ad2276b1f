import Documents
import Foundation
import JSON
import LaunchModel
import TestSupport
import Testing

/// An iCalendar file with the days that other readers find in it.
struct ICalendarCase: Sendable, CustomTestStringConvertible {
  var name: String
  var file: String
  var days: [String]

  var testDescription: String { name }

  /// The cases in `Tests/Outside/icalendar-days.json`, which `icalendar-days.py` writes beside it.
  static func all() throws -> (years: ClosedRange<Int>, cases: [ICalendarCase]) {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../Outside/icalendar-days.json")
    let document = try JSONValue(parsing: [UInt8](Data(contentsOf: path.standardized)))
    let years = document["years"]?.arrayValue?.compactMap(\.integerValue).map { Int($0) } ?? []
    let cases = (document["cases"]?.arrayValue ?? []).map { entry in
      ICalendarCase(
        name: entry["name"]?.stringValue ?? "", file: entry["file"]?.stringValue ?? "",
        days: (entry["days"]?.arrayValue ?? []).compactMap(\.stringValue))
    }
    return ((years.first ?? 0)...(years.last ?? 0), cases)
  }
}

@Suite("Days of iCalendar files, compared with other readers")
struct ICalendarDaysTests {
  @Test("The days equal those found by Python's icalendar and recurring_ical_events")
  func days() throws {
    let (years, cases) = try ICalendarCase.all()
    #expect(cases.count >= 100)
    for entry in cases {
      do throws(Problem) {
        let found = try ICalendarReader(years: years).holidays(of: Array(entry.file.utf8))
        #expect(found.keys.sorted().map(\.description) == entry.days, "\(entry.name)")
      } catch {
        Issue.record("\(entry.name): \(error.errors)")
      }
    }
  }

  @Test("Lines may end with CRLF, LF or CR alone, and be folded within a character")
  func bytes() throws {
    let lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "SUMMARY:Brücke", "DTSTART;VALUE=DATE:20270507"]
    for ending in ["\r\n", "\n", "\r"] {
      let text = (lines + ["END:VEVENT", "END:VCALENDAR"]).joined(separator: ending) + ending
      var bytes = Array(text.utf8)
      let inside = try #require(bytes.firstIndex(of: 0xC3)) + 1
      bytes.insert(contentsOf: Array("\(ending) ".utf8), at: inside)
      let days = try ICalendarReader(years: 2027...2027).holidays(of: bytes)
      #expect(days.values.map(\.self) == ["Brücke"])
    }
  }

  private static func problem(_ lines: [String]) -> Problem? {
    let text = (["BEGIN:VCALENDAR", "VERSION:2.0"] + lines + ["END:VCALENDAR"]).map { $0 + "\r\n" }.joined()
    return #expect(throws: Problem.self) {
      try ICalendarReader(years: 2026...2030).holidays(of: Array(text.utf8))
    }
  }

  @Test(
    "Unsupported content that may affect a day is an error with its line",
    arguments: [
      (["RRULE:FREQ=YEARLY", "RRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=5"], "a second RRULE", 6),
      (["RRULE:FREQ=YEARLY", "EXRULE:FREQ=YEARLY;INTERVAL=2"], "EXRULE is not supported", 6),
      (["DTSTART;VALUE=DATE:20261021"], "a second DTSTART", 5),
      (["RRULE:FREQ=YEARLY;UNTIL=20281019T230000Z"], "depends on a time zone", 5),
      (["RRULE:FREQ=YEARLY;UNTIL=20281020;COUNT=2"], "exclude each other", 5),
      (["RRULE:FREQ=YEARLY;RSCALE=HEBREW"], "RSCALE", 5), (["RRULE:FREQ=YEARLY;UNTIL=2028"], "is not a valid date", 5),
      (["RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20271023"], "does not occur on that day", 6),
      (["RRULE:FREQ=YEARLY", "EXDATE:20271019T230000Z"], "depending on a time zone", 6),
      (["RRULE:FREQ=YEARLY", "EXDATE:20271020T090000"], "is not a whole day", 6),
      (["RDATE;VALUE=PERIOD:20271020T000000Z/P1D"], "is not a valid date", 5), (["RDATE:"], "is not a valid date", 5),
      (["DTEND;VALUE=DATE:20261021", "DURATION:P1D"], "either DTEND or DURATION", 6),
      (["DURATION:P1DT1H"], "does not cover whole days", 3), (["DURATION:-P1D"], "does not cover whole days", 3),
      (["DURATION:PT"], "does not cover whole days", 3),
      (["STATUS:CANCELED"], "is not a STATUS", 5), (["SEQUENCE:x"], "is not a SEQUENCE", 5),
      (["DTSTAMPED:20261020"], "might change which days are holidays", 5),
      (["RECURRENCE-ID;VALUE=DATE:20261020"], "RECURRENCE-ID", 5),
    ])
  func faults(_ lines: [String], _ words: String, _ line: Int) {
    let problem = Self.problem(["BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261020"] + lines + ["END:VEVENT"])
    #expect(problem?.errors.first?.detail.contains(words) == true, "\(problem?.errors ?? [])")
    #expect(problem?.errors.first?.line == line)
  }

  @Test(
    "A rule without days, with an empty part, or with an unclear last day is an error with its line",
    arguments: [
      ("BYMONTH=5,", "\"\" is invalid"), ("BYMONTH=,", "\"\" is invalid"), ("BYMONTH=", "malformed"),
      ("BYMONTHDAY=5,,6", "\"\" is invalid"), ("BYMONTH=5;BYDAY=,", "BYDAY= is invalid"),
      ("BYMONTH=5;BYDAY=1MO,", "BYDAY= is invalid"),
      ("BYMONTH=2;BYMONTHDAY=30", "gives no day on or after 2026-10-20"),
      ("BYMONTH=2,4;BYMONTHDAY=31,-31", "gives no day"), ("INTERVAL=4;BYMONTH=2;BYMONTHDAY=29", "gives no day"),
      ("UNTIL=20251020", "UNTIL is before 2026-10-20"), ("BYMONTH=5;UNTIL=20270501", "UNTIL is before 2027-05-20"),
      ("BYMONTH=5;BYMONTHDAY=1;COUNT=3", "start the event on 2027-05-01"),
    ])
  func rules(_ rule: String, _ words: String) {
    let event = ["BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261020", "RRULE:FREQ=YEARLY;\(rule)", "END:VEVENT"]
    let problem = Self.problem(event + ["BEGIN:VEVENT", "DTSTART;VALUE=DATE:20270501", "END:VEVENT"])
    #expect(problem?.errors.map(\.line) == [5])
    #expect(problem?.errors.first?.detail.contains(words) == true, "\(problem?.errors ?? [])")
  }

  @Test("Days outside the years are left out and reported, or extend the years")
  func years() throws {
    let text = [
      "BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20251231", "DTEND;VALUE=DATE:20260102",
      "RRULE:FREQ=YEARLY", "SUMMARY:Turn", "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20381231",
      "DTEND;VALUE=DATE:20390102", "SUMMARY:Jubilee", "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20600101",
      "STATUS:CANCELLED", "END:VEVENT", "END:VCALENDAR",
    ].joined(separator: "\n")
    let strict = try ICalendarReader(years: 2026...2027).read(Array(text.utf8))
    #expect(
      strict.names.keys.sorted().map(\.description) == ["2026-01-01", "2026-12-31", "2027-01-01", "2027-12-31"])
    #expect(strict.leftOut.sorted().map(\.description) == ["2038-12-31", "2039-01-01"])
    let wide = try ICalendarReader(around: 2026).read(Array(text.utf8))
    #expect(wide.leftOut.isEmpty)
    // From 2025-12-31 to 2039-12-31: 15 years' ends, and the 14 first days between them.
    #expect(wide.names.count == 29)
    #expect(wide.names[LocalDate(ordinal: 25_201)] == "Turn, Jubilee")
    #expect(wide.names.keys.max() == LocalDate(year: 2039, month: 12, day: 31))
  }

  @Test(
    "A calendar that cancels events, is of another kind, or is nested is an error with its line",
    arguments: [
      ["METHOD:CANCEL"], ["METHOD:ADD"], ["CALSCALE:HEBREW"], ["VERSION:1.0"], ["DAYLIGHT:TRUE"],
      ["BEGIN:VHOLIDAY", "END:VHOLIDAY"],
    ])
  func calendars(_ lines: [String]) {
    let event = ["BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261020", "END:VEVENT"]
    #expect(Self.problem(lines + event)?.errors.first?.line == 3)
  }

  @Test("Two events with equal UID and SEQUENCE but other days are an error; a later cancellation applies")
  func versions() throws {
    func event(_ day: String, _ more: String...) -> [String] {
      ["BEGIN:VEVENT", "UID:a", "DTSTART;VALUE=DATE:\(day)", "SUMMARY:x"] + more + ["END:VEVENT"]
    }
    #expect(Self.problem(event("20270507") + event("20270508"))?.errors.map(\.line) == [8])
    let lines = event("20270507") + event("20270507", "SEQUENCE:1", "STATUS:CANCELLED") + event("20270507")
    let text = (["BEGIN:VCALENDAR"] + lines + ["END:VCALENDAR"]).map { $0 + "\n" }.joined()
    #expect(try ICalendarReader(years: 2027...2027).holidays(of: Array(text.utf8)).isEmpty)
  }

  @Test("A date-only series with an end in UTC is accepted if none of its days depends on the zone")
  func harmlessUntil() throws {
    for until in ["20281020T235959Z", "20281020T000000Z", "20281101T120000Z"] {
      let lines = [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20261020", "RRULE:FREQ=YEARLY;UNTIL=\(until)",
        "END:VEVENT", "END:VCALENDAR",
      ]
      let days = try ICalendarReader(years: 2026...2030).holidays(of: Array(lines.joined(separator: "\n").utf8))
      #expect(days.count == 3, "\(until)")
    }
  }
}
