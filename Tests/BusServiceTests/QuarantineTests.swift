import JSON
import Contract
import LaunchModel
import Messaging
import Testing
import TestSupport

@testable import BusService

@Suite("Quarantine")
struct QuarantineTests {
  private func list(_ bus: RunningBus, _ filter: QuarantineListParameters = QuarantineListParameters()) async throws
    -> [(entry: QuarantineEntry, event: [UInt8])]
  { try await bus.calls.quarantined(filter) }

  @Test("A rejected event is stored byte for byte with the reason")
  func refused() async throws {
    try await withBus { bus in
      let broken = Array("{\"id\": \u{1F680}".utf8) + [0xff, 0x00]
      _ = try await bus.calls.publish([broken, RunningBus.event("a"), RunningBus.event("a", data: "2")])
      let kept = try await list(bus)
      #expect(kept.map(\.event) == [broken, RunningBus.event("a", data: "2")])
      #expect(kept.map(\.entry.code) == ["unexpected-byte", "id-reused"])
      #expect(kept.allSatisfy { $0.entry.consumer == "bus" && $0.entry.offset == nil })
    }
  }

  @Test("Retrying a rejected event publishes and removes it, or increments its attempts")
  func retriesRefused() async throws {
    try await withBus { bus in
      try await bus.publish("a")
      _ = try await bus.calls.publish([RunningBus.event("a", data: "2"), Array("{".utf8)])
      let kept = try await list(bus)
      let ids = kept.map(\.entry.id)
      let hopeless = kept.filter { $0.entry.code == "unexpected-end" }.map(\.entry.id)
      _ = try await bus.client.call(BusRoutes.prune, PruneParameters(through: 1))
      let still = try await bus.client.call(BusRoutes.quarantineRetry, QuarantineSelection(ids: ids))
      #expect(still.entries.map(\.code) == ["unexpected-end"])
      #expect(still.entries.map(\.attempts) == [2])
      #expect(try await list(bus).map(\.entry.id) == hopeless)
      #expect(try await bus.calls.fetch(after: 0).events.map(\.bytes) == [RunningBus.event("a", data: "2")])
    }
  }

  @Test("An entry's reason quotes only a short part of the refused event")
  func longReason() async throws {
    try await withBus { bus in
      try await bus.publish("a")
      let long = String(repeating: "x", count: 50_000)
      var parameters = QuarantineAddParameters(consumer: "metrics", offset: 1, code: long, attempts: 1)
      parameters.detail = "no launch \"\(long)\""
      let entry = try await bus.client.call(BusRoutes.quarantineAdd, parameters)
      #expect(entry.code.utf8.count <= 100)
      #expect(entry.detail == "no launch \"\(Excerpt.of(long))\"")
      #expect(EventError(code: "x", detail: parameters.detail ?? "").detail == entry.detail)
    }
  }

  @Test("A retried event waits for its consumer, and a discarded one is removed")
  func consumers() async throws {
    try await withBus { bus in
      try await bus.publish("a")
      let event = try #require(try await bus.calls.fetch(after: 0).events.first)
      let entry = try await bus.client.call(
        BusRoutes.quarantineAdd, QuarantineAddParameters(consumer: "metrics", offset: 1, code: "bad", attempts: 5))
      let waiting = QuarantineListParameters(consumer: "metrics", status: .retrying)
      #expect(try await list(bus, waiting).isEmpty)
      _ = try await bus.client.call(BusRoutes.quarantineRetry, QuarantineSelection(consumer: "metrics"))
      let retried = try await list(bus, waiting)
      #expect(retried.map(\.entry.id) == [entry.id])
      #expect(retried.map(\.event) == [event.bytes], "the bytes were read from the log")
      #expect(try await bus.calls.discardQuarantined([entry.id]) == 1)
      #expect(try await list(bus).isEmpty)
    }
  }

  @Test("An event that is no longer in the log is quarantined with the bytes that the consumer passes")
  func bytesAsPart() async throws {
    try await withBus { bus in
      try await bus.publish("a")
      let problem = await #expect(throws: Problem.self) {
        try await bus.client.call(
          BusRoutes.quarantineAdd, QuarantineAddParameters(consumer: "metrics", offset: 9, code: "bad", attempts: 5))
      }
      #expect(problem?.code == "unknown-offset")
      let event = RunningBus.event("gone")
      _ = try await bus.call(
        "quarantine.add", ["consumer": "metrics", "offset": 9, "code": "bad", "attempts": 5], parts: [event])
      #expect(try await list(bus).map(\.event) == [event])
    }
  }
}
