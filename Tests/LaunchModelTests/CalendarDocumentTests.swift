import JSON
import LaunchModel
import Testing

@Suite("Calendar documents") struct CalendarDocumentTests {
  private static func date(_ text: String) -> LocalDate { LocalDate(text) ?? LocalDate(ordinal: 0) }

  @Test("A calendar is read, written unchanged, and derives its years from its holidays") func whole() throws {
    let document: JSONValue = [
      "calendar": "ACME", "weekend": ["Fri", "Sat"],
      "holidays": ["2027-12-31": "New Year's Eve", "2026-05-14": "Company day"],
    ]
    let calendar = try CalendarDocument(reading: document)
    #expect(calendar.weekend == [.friday, .saturday])
    #expect(calendar.years == 2026...2027)
    #expect(calendar.business.isBusinessDay(Self.date("2027-12-26")))
    #expect(!calendar.business.isBusinessDay(Self.date("2027-12-31")))
    #expect(try CalendarDocument(reading: calendar.document) == calendar)
    #expect(try JSONCoding.decode(CalendarDocument.self, from: try JSONCoding.encode(calendar)) == calendar)
  }

  @Test("Every error is reported with its position") func errors() {
    let problem = #expect(throws: Problem.self) {
      try CalendarDocument(reading: [
        "calendar": "a b", "weekend": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "years": [2030, 2026],
        "holidays": ["2027-02-30": "x", "2027-03-01": " "], "week": [],
      ])
    }
    #expect(
      Set(problem?.errors.map(\.pointer) ?? []) == [
        "/calendar", "/weekend", "/years", "/holidays/2027-02-30", "/holidays/2027-03-01", "/week",
      ])
  }

  @Test("The name default is reserved", arguments: ["default", "Default"])
  func standard(key: String) {
    let problem = #expect(throws: Problem.self) { try CalendarDocument(reading: ["calendar": .string(key)]) }
    #expect(problem?.errors.map(\.pointer) == ["/calendar"])
  }

  @Test("A holiday outside the given years is refused with its date") func outside() {
    let problem = #expect(throws: Problem.self) {
      try CalendarDocument(reading: [
        "calendar": "ACME", "years": [2026, 2027], "holidays": ["2027-12-31": "a", "2028-01-01": "b"],
      ])
    }
    #expect(problem?.errors.map(\.pointer) == ["/holidays/2028-01-01"])
  }

  @Test("A combined calendar has only the days that are business days in all its parts") func merging() throws {
    let book = CalendarSet([
      "US": CalendarDocument(
        key: "US", weekend: [.saturday, .sunday], holidays: [Self.date("2027-03-02"): "a"], years: 2020...2030),
      "IL": CalendarDocument(
        key: "IL", weekend: [.friday, .saturday], holidays: [Self.date("2027-03-03"): "b"], years: 2025...2035),
      "ODD": CalendarDocument(
        key: "ODD", weekend: [.monday, .tuesday, .wednesday, .thursday], holidays: [:], years: nil),
    ])
    let both = try #require(book.calendar("US+IL"))
    #expect(both.weekend == [.friday, .saturday, .sunday])
    #expect(both.years == 2025...2030)
    // Monday 1, then Tuesday and Wednesday are holidays, Thursday 4, and Friday to Sunday the weekend.
    #expect(both.day(1, from: Self.date("2027-03-01")).description == "2027-03-04")
    #expect(both.day(2, from: Self.date("2027-03-01")).description == "2027-03-08")
    #expect(book.names(of: "US+IL").count == 2)
    #expect(book.calendar("US+XX") == nil)
    #expect(book.fault(of: "US+XX")?.contains("\"XX\"") == true)
    #expect(book.calendar("IL+ODD+US") == nil)
    #expect(book.fault(of: "IL+ODD+US")?.contains("no day of the week") == true)
    #expect(book.fault(of: "US+") != nil)
    #expect(book.calendar(nil) == .standard)
  }

  @Test("Counting skips a long run of holidays over a year's end in both directions") func longRun() {
    let run = (0..<400).map { Self.date("2026-06-01").adding(days: $0) }
    let calendar = BusinessCalendar(weekend: [], holidays: Set(run))
    #expect(calendar.day(0, from: Self.date("2026-12-31")) == Self.date("2026-06-01").adding(days: 400))
    #expect(calendar.day(-1, from: Self.date("2026-12-31")).description == "2026-05-31")
  }
}
