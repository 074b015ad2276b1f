import ChecklistService
import JSON
import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite("Malformed signals") struct MalformedSignalTests {
  /// The error that the service throws for an event; nil if it accepts the event.
  private func rejection(_ event: CloudEvent) async throws -> EventError? {
    try await Stage.with { stage in
      do {
        try await stage.harness.receive(event)
        return nil
      } catch let rejection as EventError {
        return rejection
      }
    }
  }

  @Test(
    "A signal whose data do not match its type is rejected with the field, so that it is quarantined",
    arguments: [
      (.evidenceRecorded, ["launch": "smart-routing", "item": "qa", "outcome": "maybe"], "data.outcome"),
      (.evidenceRecorded, ["launch": ["a"], "item": "qa", "outcome": "passed"], "data.launch"),
      (.flagChanged, ["flag": "smart-routing", "percentage": 5], "data.environment"),
      (.deployFinished, ["service": "router"], "data.outcome"),
    ] as [(SignalType, JSONValue, String)])
  func malformed(type: SignalType, data: JSONValue, field: String) async throws {
    let rejection = try await rejection(Signals.event(type, id: "1", data))
    #expect(rejection?.code == "malformed-data")
    #expect(rejection?.detail.contains(field) == true)
  }

  @Test(
    "Evidence for an unknown item of a known launch is rejected; for an unknown launch it is accepted",
    arguments: [
      ("smart-routing", "qaa", "unknown-item"), ("smart-routing", "support-macro", nil), ("elsewhere", "qaa", nil),
    ] as [(String, String, String?)])
  func unknownItem(launch: String, item: String, code: String?) async throws {
    let data: JSONValue = ["launch": .string(launch), "item": .string(item), "outcome": "passed"]
    #expect(try await rejection(Signals.event(.evidenceRecorded, id: "1", data))?.code == code)
  }

  @Test("A time in the future is rejected")
  func future() async throws {
    let event = Signals.event(
      .flagChanged, id: "1", at: Stage.at("2027-02-01T16:00:00Z"),
      ["flag": "smart-routing", "percentage": 5, "environment": "production"])
    #expect(try await rejection(event)?.code == "future-time")
  }
}
