import JSON
import Contract
import LaunchModel
import Messaging
import Testing
import TestSupport

@testable import BusService

@Suite("Publishing")
struct PublishTests {
  @Test("Each part gets its result in order, and a rejected event does not affect the others")
  func results() async throws {
    try await withBus { bus in
      let results = try await bus.calls.publish([
        RunningBus.event("a"), Array("no json".utf8), RunningBus.event("b"), RunningBus.event("a"),
        RunningBus.event("a", data: "2"),
      ])
      #expect(results.map(\.status) == [.stored, .rejected, .stored, .duplicate, .rejected])
      #expect(results.map(\.offset) == [1, nil, 2, 1, nil])
      #expect(results.map(\.error?.code) == [nil, "unexpected-byte", nil, nil, "id-reused"])
      let fetched = try await bus.calls.fetch(after: 0)
      #expect(fetched.events.map(\.bytes) == [RunningBus.event("a"), RunningBus.event("b")])
    }
  }

  @Test("An event whose type only looks like a signal is stored with a warning, and counted")
  func unknownSignals() async throws {
    @Sendable func signal(_ id: String, _ name: String) -> [UInt8] {
      Array(#"{"specversion":"1.0","id":"\#(id)","source":"//a/","type":"dev.gonogo.signal.\#(name)","data":{}}"#.utf8)
    }
    try await withBus { bus in
      let results = try await bus.calls.publish([
        signal("1", "feature.used.v1"), signal("2", "feature.usedd.v1"), signal("3", "poll.v1"), Array("no".utf8),
        signal("2", "feature.usedd.v1"), RunningBus.event("4"),
      ])
      #expect(results.map(\.status) == [.stored, .stored, .stored, .rejected, .duplicate, .stored])
      #expect(results.map(\.warning?.code) == [nil, "unknown-signal", "unknown-signal", nil, "unknown-signal", nil])
      #expect(results[1].warning?.detail.contains(#"did you mean "dev.gonogo.signal.feature.used.v1"?"#) == true)
      let stats = try await bus.calls.client.call(ServiceRoutes.stats(.bus), NoParameters())
      #expect(
        stats.unknownSignals == [
          UnknownSignal(type: "dev.gonogo.signal.feature.usedd.v1", count: 1, lastOffset: 2),
          UnknownSignal(type: "dev.gonogo.signal.poll.v1", count: 1, lastOffset: 3),
        ])
    }
  }

  @Test("A message has 1 to 1,024 events")
  func counts() async throws {
    try await withBus { bus in
      await #expect(throws: Problem.self) { try await bus.call("events.publish") }
      let most = (0..<1_024).map { RunningBus.event("\($0)") }
      let results = try await bus.calls.publish(most)
      #expect(results.map(\.offset) == (1...1_024).map { Int64($0) })
    }
  }

  @Test("An event over the configurable size limit is rejected without affecting the others")
  func sizes() async throws {
    let large = RunningBus.event("large", data: "\"\(String(repeating: "x", count: 70_000))\"")
    try await withBus { bus in
      let results = try await bus.calls.publish([large, RunningBus.event("a")])
      #expect(results.map(\.error?.code) == ["too-large", nil])
    }
    let results = try await withBus(BusSetup(limits: BusLimits(eventBytes: 1 << 20))) { bus in
      try await bus.calls.publish([large])
    }
    #expect(results.map(\.status) == [.stored])
  }

  @Test("Duplicates, offsets and bytes survive a restart")
  func restart() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withBus(in: folder) { bus in _ = try await bus.publish("a", "b") }
      try await withBus(in: folder) { bus in
        let results = try await bus.publish("b", "c")
        #expect(results.map(\.offset) == [2, 3])
        let fetched = try await bus.calls.fetch(after: 0)
        #expect(fetched.events.map(\.bytes) == ["a", "b", "c"].map { RunningBus.event($0) })
        #expect(fetched.head == 3)
      }
    }
  }

  @Test("An event from many concurrent publishers is stored once")
  func racingDuplicates() async throws {
    try await withBus { bus in
      let results = try await withThrowingTaskGroup(of: [PublishResult].self) { group in
        for _ in 0..<20 { group.addTask { try await bus.publish("a", "b", "c") } }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(results.filter { $0.status == .stored }.count == 3)
      #expect(results.filter { $0.status == .duplicate }.count == 57)
      #expect(try await bus.calls.head() == LogBounds(head: 3, first: 1))
    }
  }

  @Test("The bus does not start with a clock behind the stored events")
  func clockBehind() async throws {
    try await StorageEngine.standard.withFolder { folder in
      let clock = ManualClock(Timestamp(microseconds: 2_000_000))
      try await withBus(BusSetup(clock: clock), in: folder) { bus in _ = try await bus.publish("a") }
      clock.set(Timestamp(microseconds: 1_000_000))
      await #expect(throws: (any Error).self) { try await withBus(BusSetup(clock: clock), in: folder) { _ in } }
      clock.set(Timestamp(microseconds: 2_000_000))
      try await withBus(BusSetup(clock: clock), in: folder) { bus in
        clock.set(Timestamp(microseconds: 1_500_000))
        _ = try await bus.publish("b")
        let times = try await bus.calls.fetch(after: 0).events.map(\.storedAt.microseconds)
        #expect(times == [2_000_000, 2_000_000])
      }
    }
  }
}
