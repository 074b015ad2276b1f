import ChecklistService
import JSON
import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite("Signals that cannot be understood") struct MalformedSignalTests {
  /// What the service says of an event; nil where it takes it.
  private func fault(_ event: CloudEvent) async throws -> EventError? {
    try await Stage.with { stage in
      do {
        try await stage.harness.receive(event)
        return nil
      } catch let fault as EventError {
        return fault
      }
    }
  }

  @Test(
    "a signal whose data do not fit their type is at fault, so that it is put aside with the reason",
    arguments: [
      (.evidenceRecorded, ["launch": "smart-routing", "item": "qa", "outcome": "maybe"], "data.outcome"),
      (.evidenceRecorded, ["launch": ["a"], "item": "qa", "outcome": "passed"], "data.launch"),
      (.flagChanged, ["flag": "smart-routing", "percentage": 5], "data.environment"),
      (.deployFinished, ["service": "router"], "data.outcome"),
    ] as [(SignalType, JSONValue, String)])
  func malformed(type: SignalType, data: JSONValue, field: String) async throws {
    let fault = try await fault(Signals.event(type, id: "1", data))
    #expect(fault?.code == "malformed-data")
    #expect(fault?.detail.contains(field) == true)
  }

  @Test(
    "evidence for an item that a known launch does not have is at fault; for a launch that is not known it is not",
    arguments: [
      ("smart-routing", "qaa", "unknown-item"), ("smart-routing", "support-macro", nil), ("elsewhere", "qaa", nil),
    ] as [(String, String, String?)])
  func unknownItem(launch: String, item: String, code: String?) async throws {
    let data: JSONValue = ["launch": .string(launch), "item": .string(item), "outcome": "passed"]
    #expect(try await fault(Signals.event(.evidenceRecorded, id: "1", data))?.code == code)
  }

  @Test("a time to come is at fault")
  func future() async throws {
    let event = Signals.event(
      .flagChanged, id: "1", at: Stage.at("2027-02-01T16:00:00Z"),
      ["flag": "smart-routing", "percentage": 5, "environment": "production"])
    #expect(try await fault(event)?.code == "future-time")
  }
}
