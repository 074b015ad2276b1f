import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Adopting calendars") struct CalendarAdoptionTests {
  private static func calendar(_ key: String, _ holidays: [String]) -> JSONValue {
    let named = holidays.map { ($0, JSONValue.string("closed")) }
    return [
      "calendar": .string(key), "weekend": ["Sat", "Sun"], "years": [2026, 2030],
      "holidays": .object(Dictionary(named, uniquingKeysWith: { $1 })),
    ]
  }

  /// Not the 14 calendar days are the limit here, but the metrics, due 7 business days before, which become holidays.
  @Test("A calendar that is edited after planning moves the earliest date and reveals the shortfall") func edited()
    async throws
  {
    try await TieringStage.with { harness async throws in
      let adopt = AdoptCalendar(document: Self.calendar("ACME", []))
      let first = try await harness.call(TieringRoutes.adoptCalendar, adopt, as: "dana")
      #expect(first.version == 1)
      #expect(first.known.contains("ACME"))
      let plan: [String: JSONValue] = [
        "calendar": "US+ACME", "calendars": .object([:]), "date": "2027-02-16", "facts": ["kinds": ["new-feature"]],
      ]
      let record = try await harness.propose(plan)
      #expect(record.earliestDate.description == "2027-02-15")
      #expect(record.shortfall == nil)
      let days = (2...12).map { "2027-02-\($0 < 10 ? "0" : "")\($0)" }
      let again = try await harness.call(
        TieringRoutes.adoptCalendar, AdoptCalendar(document: Self.calendar("ACME", days), reason: "works closed"),
        as: "dana")
      #expect(again.version == 2)
      let later = try await harness.show(try smartRouting())
      // 1 February, then the 16th (the 15th is Presidents' Day) to the 23rd: seven business days, plus one.
      #expect(later.earliestDate.description == "2027-02-24")
      #expect(later.shortfall?.days == 8)
      #expect(later.version == 2)
      let announced = try await harness.announced(Announcements.launchFactsChanged)
      #expect(announced.map(\.changed) == [["earliestDate", "shortfall"]])
      let changes = try await harness.announced(Announcements.calendarChanged)
      #expect(changes.map(\.calendarVersion) == [1, 2])
    }
  }

  @Test("Launches with other calendars are unaffected, and an unchanged calendar is refused") func unconcerned()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let document = Self.calendar("ACME", ["2027-02-02"])
      try await harness.call(TieringRoutes.adoptCalendar, AdoptCalendar(document: document), as: "dana")
      #expect(try await harness.show(try smartRouting()).version == 1)
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.adoptCalendar, AdoptCalendar(document: document), as: "dana")
      }
      #expect(again?.kind == .conflict)
      let owner = await #expect(throws: Problem.self) {
        try await harness.call(
          TieringRoutes.adoptCalendar, AdoptCalendar(document: Self.calendar("B", [])), as: "ibrahim")
      }
      #expect(owner?.kind == .forbidden)
    }
  }

  @Test("An edit that leaves a launch without a business day is refused by name and not stored")
  func noCommonWorkday()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.call(
        TieringRoutes.adoptCalendar, AdoptCalendar(document: Self.calendar("ACME", [])), as: "dana")
      try await harness.propose(["calendars": ["support": "PL+ACME"]])
      let weekends: JSONValue = ["calendar": "ACME", "weekend": ["Mon", "Tue", "Wed", "Thu", "Fri"]]
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.adoptCalendar, AdoptCalendar(document: weekends), as: "dana")
      }
      #expect(problem?.code == "no-common-workday")
      let detail = problem?.errors.first?.detail
      #expect(detail?.contains("smart-routing would be left without a business day") == true)
      #expect(detail?.contains("PL+ACME") == true)
      let kept = try await harness.call(TieringRoutes.showCalendar, CalendarReference(calendar: "ACME"), as: "sam")
      #expect(kept.version == 1)
      #expect(kept.weekend == ["Sat", "Sun"])
      let cancel = LaunchAction(launch: try smartRouting(), reason: "r")
      try await harness.call(TieringRoutes.cancel, cancel, as: "ibrahim")
      let adopted = try await harness.call(
        TieringRoutes.adoptCalendar, AdoptCalendar(document: weekends), as: "dana")
      #expect(adopted.version == 2, "a finished launch needs no business days")
    }
  }

  @Test("Combined calendars are shown and counted as one, and an unknown part is named") func expressions() async throws
  {
    try await TieringStage.with { harness async throws in
      let view = try await harness.call(TieringRoutes.showCalendar, CalendarReference(calendar: "US+IL"), as: "sam")
      #expect(view.weekend == ["Fri", "Sat", "Sun"])
      #expect(view.years == [2024, 2032])
      let date = try #require(LocalDate("2027-02-12"))
      let both = WorkdayRequest(date: date, offset: 1, calendar: "US+IL")
      // Monday the 15th is Presidents' Day.
      #expect(try await harness.call(TieringRoutes.workday, both, as: "sam").date.description == "2027-02-16")
      let problem = await #expect(throws: Problem.self) { try await harness.propose(["calendar": "US+XX"]) }
      #expect(problem?.errors.first?.pointer == "/calendar")
      #expect(problem?.errors.first?.detail.contains("\"XX\"") == true)
    }
  }
}
