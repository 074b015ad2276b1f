import BusCore
import Foundation
import JSON
import Contract
import LaunchModel
import Messaging
import Testing
import TestSupport

@testable import BusService

@Suite("Consumers, settling and pruning")
struct ConsumerTests {
  @Test("A commit registers a consumer and reports its lag, even after a restart")
  func commits() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withBus(in: folder) { bus in
        try await bus.publish("a", "b", "c")
        #expect(try await bus.calls.commit(consumer: "other", offset: 1).lag == 2)
        #expect(try await bus.calls.commit(consumer: "other", offset: 2).lag == 1)
      }
      try await withBus(in: folder) { bus in
        let positions = try await bus.client.call(BusRoutes.consumers, NoParameters())
        #expect(positions.consumers == [ConsumerPosition(consumer: "other", offset: 2, lag: 1)])
      }
    }
  }

  @Test("A commit beyond the log or with an invalid consumer name is rejected")
  func refusals() async throws {
    try await withBus { bus in
      await #expect(throws: Problem.self) { try await bus.calls.commit(consumer: "other", offset: 1) }
      await #expect(throws: Problem.self) { try await bus.calls.commit(consumer: "no name", offset: 0) }
    }
  }

  @Test(
    "After an older log is restored, lost offsets are not reused and the loss is reported",
    .enabled(if: StorageEngine.standard == .sqlite, "puts the log's file back"))
  func olderLog() async throws {
    try await withTemporaryFolder { folder in
      let (log, backup) = ("\(folder)/store.sqlite", "\(folder)/backup.sqlite")
      try await withBus(in: folder) { bus in _ = try await bus.publish("a", "b") }
      try FileManager.default.copyItem(atPath: log, toPath: backup)
      try await withBus(in: folder) { bus in
        try await bus.publish("c", "d", "e")
        _ = try await bus.calls.commit(consumer: "checklist", offset: 5)
      }
      try FileManager.default.removeItem(atPath: log)
      try FileManager.default.moveItem(atPath: backup, toPath: log)
      try await withBus(in: folder) { bus in
        #expect(try await bus.calls.head().head == 2)
        #expect(try await bus.calls.commit(consumer: "checklist", offset: 5).lag == 0)
        #expect(try await bus.publish("f").map(\.offset) == [6])
        let all = try await bus.calls.fetch(after: 2)
        let types = try all.events.map { event throws in try event.event().type }
        #expect(types == Array(repeating: LostEvent.type, count: 3) + ["com.example.a"])
        let quarantine = try await bus.client.call(BusRoutes.quarantineList, QuarantineListParameters())
        #expect(quarantine.entries.map(\.code) == ["events-lost"])
        #expect(quarantine.entries.first?.detail.contains("events 3 to 5 are lost") == true)
      }
    }
  }

  @Test("Only a service may report that the log was longer, and only within bounds")
  func whoMaySayThatTheLogWasLonger() async throws {
    try await withBus { bus async throws in
      for (consumer, offset) in [("other", 1), ("checklist", 2_000_000)] as [(String, Int64)] {
        await #expect(throws: Problem.self) { try await bus.calls.commit(consumer: consumer, offset: offset) }
      }
      #expect(try await bus.calls.head().head == 0)
    }
  }

  @Test("Settling ends once every consumer has reached a head that no longer moves")
  func settles() async throws {
    try await withBus { bus in
      try await bus.publish("a")
      _ = try await bus.calls.commit(consumer: "one", offset: 1)
      _ = try await bus.calls.commit(consumer: "two", offset: 0)
      // Settling resumes a fetch that knows an older head, so a resumed fetch shows that settling has begun.
      async let resumed = bus.calls.fetch(after: 0, types: ["x."], wait: .seconds(20))
      while bus.bus.waitingFetches == 0 { await Task.yield() }
      async let settled = Self.settle(bus)
      _ = try await resumed
      // The last consumer's work publishes another event, which it must reach as well.
      try await bus.publish("b")
      _ = try await bus.calls.commit(consumer: "two", offset: 2)
      // Longer than the quiet, for all of which one consumer is behind.
      try await Task.sleep(for: QuiescenceWaiter.quietPeriod * 2)
      let before = ContinuousClock.now
      _ = try await bus.calls.commit(consumer: "one", offset: 2)
      let (bounds, moment) = try await settled
      #expect(bounds == LogBounds(head: 2, first: 1))
      #expect(
        moment - before >= QuiescenceWaiter.quietPeriod, "all consumers stayed at the head for the whole quiet period")
    }
  }

  private static func settle(_ bus: RunningBus) async throws -> (LogBounds, ContinuousClock.Instant) {
    (try await bus.calls.settle(), .now)
  }

  @Test("Settling completes a waiting fetch that has only the head to report")
  func settlingHurriesFetches() async throws {
    try await withBus { bus in
      _ = try await bus.calls.commit(consumer: "one", offset: 0)
      try await bus.publish("a", type: "y.a")
      // Otherwise the fetch would return only after settling has timed out.
      async let settled = bus.client.call(BusRoutes.settle, NoParameters(), meta: CallMeta(ttlMs: 15_000))
      let batch = try await bus.calls.fetch(after: 0, types: ["x."], wait: .seconds(20))
      #expect(batch.head == 1)
      _ = try await bus.calls.commit(consumer: "one", offset: batch.head)
      #expect(try await settled.head == 1)
    }
  }

  @Test("A settling timeout names the consumer that is behind")
  func settlingExpires() async throws {
    try await withBus { bus in
      try await bus.publish("a")
      _ = try await bus.calls.commit(consumer: "slow", offset: 0)
      // The bus times out long before the caller does.
      let problem = await #expect(throws: Problem.self) {
        try await bus.client.call(method: "events.settle", meta: CallMeta(ttlMs: 2_000))
      }
      #expect(problem?.code == "not-settled")
      #expect(problem?.detail.hasPrefix("slow has not reached offset 1 after ") == true, "\(problem?.detail ?? "")")
      #expect(problem?.detail.hasSuffix(" s; see gonogo event consumers") == true)
    }
  }

  @Test("Pruning never passes a registered consumer, and moves the first offset")
  func prunes() async throws {
    try await withBus { bus in
      try await bus.publish("a", "b", "c", "d")
      _ = try await bus.calls.commit(consumer: "one", offset: 2)
      let problem = await #expect(throws: Problem.self) {
        try await bus.client.call(BusRoutes.prune, PruneParameters(through: 3))
      }
      #expect(problem?.code == "consumers-behind")
      #expect(try await bus.client.call(BusRoutes.prune, PruneParameters(through: 2)) == LogBounds(head: 4, first: 3))
      let fetched = try await bus.calls.fetch(after: 0)
      #expect(fetched.events.map(\.offset) == [3, 4])
      #expect(fetched.first == 3)
      #expect(try await bus.publish("a", "d").map(\.status) == [.stored, .duplicate])
      _ = try await bus.client.call(BusRoutes.forget, ForgetParameters(consumer: "one"))
      #expect(try await bus.client.call(BusRoutes.prune, PruneParameters(through: 5)) == LogBounds(head: 5, first: 6))
      #expect(try await bus.publish("z").map(\.offset) == [6])
    }
  }
}
