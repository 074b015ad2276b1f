import JSON
import LaunchModel
import BusService
import Contract
import Messaging
import Testing
import TestSupport

@Suite("External test data over the socket")
struct OutsideDataTests {
  @Test("Every CloudEvents case is stored or rejected as expected", .enabled(if: TestData.isAvailable))
  func cloudEvents() async throws {
    try await withBus { bus in
      // One at a time, because many share a source and id.
      for (index, each) in CloudEventsCase.all.enumerated() {
        let result = try #require(try await bus.calls.publish([each.event]).first)
        let isTaken = result.status != .rejected || result.error?.code == "id-reused"
        switch each.expect {
        case "accept": #expect(isTaken, "\(each.name): \(result)")
        case "reject", "accept-as-batch": #expect(!isTaken, "\(each.name): \(result)")
        default: break
        }
        #expect(try await bus.calls.head().head <= index + 1)
      }
      let stored = try await bus.calls.fetch(after: 0, max: 1_000).events
      let sent = Set(CloudEventsCase.all.map(\.event))
      #expect(stored.allSatisfy { sent.contains($0.bytes) }, "events are stored byte for byte")
    }
  }

  @Test(
    "Every JSONTestSuite file is stored or rejected as event data as expected",
    .enabled(if: TestData.isAvailable))
  func jsonTestSuite() async throws {
    let files = JSONTestSuiteFile.all
    try #require(files.count == 318)
    try await withBus(BusSetup(limits: .init(eventBytes: 1 << 20))) { bus in
      let events = files.enumerated().map { index, file in
        Array(#"{"specversion":"1.0","id":"\#(index)","source":"/s","type":"t","data":"#.utf8) + file.bytes + [0x7d]
      }
      let results = try await bus.calls.publish(events)
      for (file, result) in zip(files, results) {
        switch file.expectation {
        case "y": #expect(result.status == .stored, "\(file.name)")
        case "n": #expect(result.status == .rejected, "\(file.name)")
        default: break
        }
      }
      let stored = try await bus.calls.fetch(after: 0, max: 1_000).events.map(\.bytes)
      #expect(
        stored == zip(events, results).filter { $1.status == .stored }.map(\.0),
        "events are stored byte for byte, in order")
    }
  }
}
