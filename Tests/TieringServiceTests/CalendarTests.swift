import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Calendar calls") struct CalendarTests {
  @Test("A calendar is shown with its weekend, its holidays and the other known calendars") func show() async throws {
    try await TieringStage.with { harness async throws in
      let view = try await harness.call(TieringRoutes.showCalendar, CalendarReference(calendar: "US"), as: "sam")
      #expect(view.weekend == ["Sat", "Sun"])
      #expect(view.holidays["2027-02-15"] == "Washington's Birthday")
      #expect(view.known.count == 20)
      let standard = try await harness.call(TieringRoutes.showCalendar, CalendarReference(), as: "sam")
      #expect(standard.weekend == ["Sat", "Sun"])
      #expect(standard.holidays.isEmpty)
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.showCalendar, CalendarReference(calendar: "UK"), as: "sam")
      }
      #expect(problem?.kind == .notFound)
    }
  }

  @Test("Business days are counted, and a year without known holidays is noted") func workday() async throws {
    try await TieringStage.with { harness async throws in
      func workday(_ date: String, _ offset: Int, _ calendar: String?) async throws -> WorkdayAnswer {
        let request = WorkdayRequest(date: try #require(LocalDate(date)), offset: offset, calendar: calendar)
        return try await harness.call(TieringRoutes.workday, request, as: "sam")
      }
      let beforeHoliday = try await workday("2027-02-16", -1, "US")
      #expect(beforeHoliday.date.description == "2027-02-12")
      let withoutCalendar = try await workday("2027-02-16", -1, nil)
      #expect(withoutCalendar.date.description == "2027-02-15")
      let beyondTheData = try await workday("2035-02-16", 1, "US")
      #expect(beyondTheData.notes.count == 1)
      await #expect(throws: Problem.self) { try await workday("2027-02-16", 1, "XX") }
      await #expect(throws: Problem.self) { try await workday("2027-02-16", 1_000_000_000, "US") }
    }
  }
}
