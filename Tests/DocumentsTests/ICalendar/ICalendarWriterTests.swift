import Documents
import JSON
import LaunchModel
import TestSupport
import Testing

@Suite("Writing iCalendar") struct ICalendarWriterTests {
  private static let now = Timestamp("2027-02-01T09:30:00Z") ?? Timestamp(microseconds: 0)

  private static func events(_ count: Int, seed: UInt64) -> [ICalendarEvent] {
    var generator = SeededGenerator(seed: seed)
    let letters = ["a", "B", " ", ",", ";", ":", "\\", "\"", "ü", "漢", "🚀", "é", "\n", "n", "=", "'"]
    func text(_ length: Int) -> String {
      // No white space at the ends, which clients may trim.
      "x" + (0..<length).map { _ in letters.randomElement(using: &generator) ?? "a" }.joined() + "x"
    }
    return (0..<count).map { index in
      let first = LocalDate(ordinal: 20_000 + Int.random(in: 0..<4_000, using: &generator))
      return ICalendarEvent(
        uid: "e\(index)@gonogo", sequence: Int.random(in: 0...9, using: &generator), first: first,
        last: first.adding(days: Int.random(in: 0...20, using: &generator)),
        summary: text(Int.random(in: 0...120, using: &generator)),
        description: text(Int.random(in: 0...300, using: &generator)), categories: ["Launch", "Tier, one"],
        status: [.tentative, .confirmed, .cancelled].randomElement(using: &generator) ?? .confirmed)
    }
  }

  @Test("Lines have at most 75 octets, end with CRLF, and are never folded within a character", arguments: 0..<5)
  func lines(seed: UInt64) throws {
    let text = ICalendarWriter(name: "n", now: Self.now).text(of: Self.events(40, seed: seed))
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.last == "")
    #expect(!lines.dropLast().contains { $0.contains { $0 == "\n" || $0 == "\r" } })
    #expect(lines.allSatisfy { $0.utf8.count <= 75 })
  }

  @Test("The project's own reader reads back days and names") func own() throws {
    let events = [
      ICalendarEvent(
        uid: "a", first: LocalDate(ordinal: 20_000), last: LocalDate(ordinal: 20_001),
        summary: String(repeating: "größer, ", count: 30))
    ]
    let text = ICalendarWriter(name: "n", now: Self.now).text(of: events)
    let days = try ICalendarReader(years: 2024...2024).holidays(of: Array(text.utf8))
    #expect(days == [LocalDate(ordinal: 20_000): events[0].summary, LocalDate(ordinal: 20_001): events[0].summary])
  }

  @Test("Characters that iCalendar text cannot contain are left out") func controls() {
    let event = ICalendarEvent(
      uid: "a", first: LocalDate(ordinal: 1), last: LocalDate(ordinal: 1), summary: "a\u{0}\u{1B}[31m\tb\r\u{7F}")
    let text = ICalendarWriter(name: "n", now: Self.now).text(of: [event])
    #expect(text.contains("SUMMARY:a[31m b\r\n"))
  }

  private static let parse = """
    import sys, json
    from icalendar import Calendar
    calendar = Calendar.from_ical(sys.stdin.buffer.read())
    def text(value): return str(value) if value is not None else None
    events = []
    for event in calendar.walk('VEVENT'):
        categories = event.get('CATEGORIES')
        events.append({
            'uid': text(event['UID']), 'sequence': int(event['SEQUENCE']), 'first': event['DTSTART'].dt.isoformat(),
            'end': event['DTEND'].dt.isoformat(), 'summary': text(event['SUMMARY']), 'description': text(event['DESCRIPTION']),
            'categories': [str(c) for c in categories.cats], 'status': text(event['STATUS']),
            'stamp': event['DTSTAMP'].dt.strftime('%Y-%m-%dT%H:%M:%SZ')})
    json.dump({'version': text(calendar['VERSION']), 'name': text(calendar['X-WR-CALNAME']), 'events': events}, sys.stdout)
    """

  @Test(
    "Python's icalendar reads back every field",
    .enabled(if: PythonOracle.has("icalendar", from: 6), "python3 with icalendar 6 is not installed"),
    arguments: 0..<3)
  func python(seed: UInt64) async throws {
    let events = Self.events(60, seed: seed)
    let text = ICalendarWriter(name: "Launches", now: Self.now).text(of: events)
    let answer = try JSONValue(parsing: Array(try await PythonOracle.run(Self.parse, input: Array(text.utf8)).utf8))
    #expect(answer["version"] == "2.0")
    #expect(answer["name"] == "Launches")
    let read = try #require(answer["events"]?.arrayValue)
    #expect(read.count == events.count)
    for (event, value) in zip(events, read) {
      #expect(value["uid"]?.stringValue == event.uid)
      #expect(value["sequence"]?.integerValue == Int64(event.sequence))
      #expect(value["first"]?.stringValue == event.first.description)
      #expect(value["end"]?.stringValue == event.last.adding(days: 1).description)
      #expect(value["summary"]?.stringValue == event.summary)
      #expect(value["description"]?.stringValue == event.description)
      #expect(value["categories"] == ["Launch", "Tier, one"])
      #expect(value["status"]?.stringValue == event.status.rawValue)
      #expect(value["stamp"] == "2027-02-01T09:30:00Z")
    }
  }
}
