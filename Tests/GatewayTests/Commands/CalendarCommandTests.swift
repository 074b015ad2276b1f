import ArgumentParser
import Contract
import Foundation
import JSON
import LaunchModel
import TestSupport
import Testing

@testable import Gateway

@Suite("Calendar commands")
struct CalendarCommandTests {
  /// Every New Year's Eve and Day, and one day before.
  private static let file = [
    "BEGIN:VCALENDAR", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20251231", "DTEND;VALUE=DATE:20260102",
    "RRULE:FREQ=YEARLY", "SUMMARY:Turn", "END:VEVENT", "BEGIN:VEVENT", "DTSTART;VALUE=DATE:20240501", "SUMMARY:May",
    "END:VEVENT", "END:VCALENDAR",
  ].joined(separator: "\n")

  /// Adopts the file with services whose clock is in 2040. They refuse it, so that only what they were sent counts.
  private func adopting(
    _ words: [String], _ body: @Sendable @escaping (JSONValue, RecordingServices) throws -> Void
  ) async throws {
    let now = try #require(Timestamp("2040-06-01T12:00:00Z"))
    try await withTemporaryFolder { folder in
      let path = "\(folder)/acme.ics"
      try Data(Self.file.utf8).write(to: URL(filePath: path))
      try await withRecordingServices(answer: { call in
        guard call.method != TieringRoutes.adoptCalendar.method else { throw Problem.forbidden("not now") }
        return try JSONCoding.value(ServicePing(service: .tiering, pid: 1, version: "0.1.0", now: now))
      }) { services in
        await #expect(throws: CallError.self) { try await run([path, "--key", "ACME"] + words, services) }
        let call = try #require(services.calls.last)
        #expect(call.method == TieringRoutes.adoptCalendar.method)
        try body(try #require(call.params["document"]), services)
      }
    }
  }

  private func run(_ words: [String], _ services: RecordingServices) async throws {
    let command = try #require(try Gonogo.parseAsRoot(["calendar", "adopt"] + words) as? any GatewayCommand)
    try await command.run(in: services.session)
  }

  @Test("Without --years, yearly events recur for nine years after the services' clock, and no day is left out")
  func clock() async throws {
    try await adopting([]) { document, services in
      let days = try #require(document["holidays"]?.objectValue).keys.sorted()
      #expect(days.first == "2024-05-01" && days.last == "2049-12-31" && days.count == 50)
      #expect(document["years"] == nil)
      #expect(try services.diagnostics().isEmpty)
    }
  }

  @Test("With --years, the days of those years are adopted, and other days in the file are reported")
  func years() async throws {
    try await adopting(["--years", "2026-2027"]) { document, services in
      #expect(
        document["holidays"] == [
          "2026-01-01": "Turn", "2026-12-31": "Turn", "2027-01-01": "Turn", "2027-12-31": "Turn",
        ])
      #expect(document["years"] == [2026, 2027])
      #expect(!services.methods.contains("tiering service.ping"))
      let told = try services.diagnostics()
      #expect(told.contains("outside 2026 to 2027; the first is 2024-05-01"))
    }
  }
}
