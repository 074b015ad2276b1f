import Documents
import LaunchModel
import TestSupport
import Testing

@Suite("Holidays from iCalendar files") struct ICalendarReaderTests {
  private static func holidays(_ lines: [String], years: ClosedRange<Int> = 2026...2028) throws -> [String: String] {
    let text = (["BEGIN:VCALENDAR", "VERSION:2.0"] + lines + ["END:VCALENDAR"]).map { $0 + "\r\n" }.joined()
    let days = try ICalendarReader(years: years).holidays(of: Array(text.utf8))
    return Dictionary(days.map { ($0.key.description, $0.value) }, uniquingKeysWith: { $1 })
  }

  private static func event(_ lines: String...) -> [String] { ["BEGIN:VEVENT"] + lines + ["END:VEVENT"] }

  @Test("An event may cover one day, several days, a duration, or whole days given as hours")
  func days() throws {
    #expect(
      try Self.holidays(Self.event("DTSTART;VALUE=DATE:20270101", "SUMMARY:New Year")) == ["2027-01-01": "New Year"])
    let several = Self.event("DTSTART;VALUE=DATE:20271231", "DTEND;VALUE=DATE:20280102", "SUMMARY:Turn of the year")
    #expect(try Self.holidays(several).keys.sorted() == ["2027-12-31", "2028-01-01"])
    let week = Self.event("DTSTART;VALUE=DATE:20270802", "DURATION:P1W", "SUMMARY:Works holiday")
    #expect(try Self.holidays(week).count == 7)
    let outlook = Self.event(
      "DTSTART;TZID=\"W. Europe Standard Time\":20270501T000000",
      "DTEND;TZID=\"W. Europe Standard Time\":20270502T000000",
      "SUMMARY:Labour Day", "TRANSP:TRANSPARENT")
    #expect(try Self.holidays(outlook) == ["2027-05-01": "Labour Day"])
    let sameDay = Self.event("DTSTART;VALUE=DATE:20270101", "DTEND;VALUE=DATE:20270101", "SUMMARY:x")
    #expect(try Self.holidays(sameDay).keys.sorted() == ["2027-01-01"])
  }

  @Test("Folded lines, escapes, nested alarms, LF line endings and a byte order mark are read")
  func form() throws {
    let text = """
      \u{FEFF}BEGIN:VCALENDAR
      BEGIN:VEVENT
      DTSTART;VALUE=DATE:20270101
      SUMMARY:New Year\\, and
        more\\; really\\\\
      BEGIN:VALARM
      TRIGGER:-PT15M
      SUMMARY:not this
      END:VALARM
      END:VEVENT
      END:VCALENDAR

      """
    let days = try ICalendarReader(years: 2027...2027).holidays(of: Array(text.utf8))
    #expect(Array(days.values) == ["New Year, and more; really\\"])
  }

  @Test("Two holidays on one day are both named, and a cancelled holiday is skipped") func together() throws {
    let lines =
      Self.event("DTSTART;VALUE=DATE:20270101", "SUMMARY:A") + Self.event("DTSTART;VALUE=DATE:20270101", "SUMMARY:B")
      + Self.event("DTSTART;VALUE=DATE:20270102", "SUMMARY:C", "STATUS:CANCELLED")
    #expect(try Self.holidays(lines) == ["2027-01-01": "A, B"])
  }

  @Test(
    "Unsupported content is reported with its line and never skipped",
    arguments: [
      (["DTSTART:20270101T090000Z", "DTEND:20270101T100000Z", "SUMMARY:Meeting"], "does not cover whole days", 3),
      (["DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=MONTHLY"], "FREQ=YEARLY", 5),
      (["DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYEASTER=1"], "BYEASTER", 5),
      (["DTSTART;VALUE=DATE:20270101", "RRULE:FREQ=YEARLY;BYDAY=20MO"], "BYMONTH", 5),
      (["DTSTART;VALUE=DATE:2027-01-01"], "is not a valid date", 4), (["SUMMARY:x"], "no DTSTART", 3),
      (["DTSTART;VALUE=DATE:20270110", "DTEND;VALUE=DATE:20270101"], "starts on", 5),
      (["DTSTART;VALUE=DATE:20270110", "nonsense"], "no colon", 5),
      (["DTSTART;VALUE=DATE:20270110", "SUMMARY:a\u{0}b"], "U+0000", 5),
      (["DTSTART;VALUE=DATE:20270110", "RECURRENCE-ID;VALUE=DATE:20270110"], "RECURRENCE-ID is not supported", 5),
    ])
  func errors(_ lines: [String], _ words: String, _ line: Int) {
    let problem = #expect(throws: Problem.self) { try Self.holidays(["BEGIN:VEVENT"] + lines + ["END:VEVENT"]) }
    #expect(problem?.errors.first?.detail.contains(words) == true, "\(problem?.errors ?? [])")
    #expect(problem?.errors.first?.line == line)
  }

  @Test(
    "A file that is not a calendar or is truncated is refused",
    arguments: ["", "hello", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "a,b\n1,2\n"])
  func noCalendar(_ text: String) {
    let problem = #expect(throws: Problem.self) {
      try ICalendarReader(years: 2027...2027).holidays(of: Array(text.utf8))
    }
    #expect(problem?.errors.isEmpty == false)
  }

  /// dateutil expands the rules as RFC 5545 specifies.
  private static let expansion = """
    import sys
    from datetime import datetime
    from dateutil.rrule import rrulestr
    for line in sys.stdin.read().split('\\n'):
        if not line: continue
        start, rule = line.split(' ')
        begin = datetime.strptime(start, '%Y%m%d')
        days = rrulestr(rule, dtstart=begin).between(datetime(2020, 1, 1), datetime(2033, 1, 1), inc=True)
        print(' '.join(d.strftime('%Y-%m-%d') for d in days if 2020 <= d.year <= 2032))
    """

  @Test(
    "Yearly rules that match their start expand as in dateutil",
    .enabled(if: PythonOracle.has("dateutil"), "python3 with dateutil is not installed"))
  func rules() async throws {
    let rules = [
      ("20200101", "FREQ=YEARLY"), ("20210704", "FREQ=YEARLY;COUNT=4"), ("20200229", "FREQ=YEARLY"),
      ("20201126", "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH"), ("20200525", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO"),
      ("20200601", "FREQ=YEARLY;INTERVAL=3;BYMONTH=6;BYMONTHDAY=1"), ("20201224", "FREQ=YEARLY;UNTIL=20251224"),
      ("20200131", "FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=-1,15"), ("20200106", "FREQ=YEARLY;BYMONTH=1;BYDAY=MO;COUNT=9"),
      ("20200302", "FREQ=YEARLY;BYMONTH=3;BYDAY=1MO,-1FR;UNTIL=20290101"), ("20200501", "FREQ=YEARLY;BYMONTH=5"),
    ]
    let input = rules.map { "\($0.0) \($0.1)" }.joined(separator: "\n")
    let answers = try await PythonOracle.run(Self.expansion, input: Array(input.utf8)).split(
      separator: "\n", omittingEmptySubsequences: false)
    for ((start, rule), expected) in zip(rules, answers) {
      let days = try Self.holidays(
        Self.event("DTSTART;VALUE=DATE:\(start)", "RRULE:\(rule)", "SUMMARY:x"), years: 2020...2032)
      #expect(days.keys.sorted().joined(separator: " ") == expected, "\(rule)")
    }
  }

  @Test("Days are removed from a series and added to it") func exceptions() throws {
    let lines = Self.event(
      "DTSTART;VALUE=DATE:20260501", "RRULE:FREQ=YEARLY", "EXDATE;VALUE=DATE:20270501", "RDATE;VALUE=DATE:20270503",
      "SUMMARY:May Day")
    #expect(try Self.holidays(lines).keys.sorted() == ["2026-05-01", "2027-05-03", "2028-05-01"])
  }
}
