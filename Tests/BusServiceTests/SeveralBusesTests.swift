import BusService
import JSON
import Contract
import LaunchModel
import Messaging
import Storage
import TestSupport
import Testing

@Suite(
  "Several buses on one database",
  .enabled(if: StorageEngine.standard == .postgreSQL, "needs GONOGO_TEST_ENGINE=postgresql"))
struct SeveralBusesTests {
  private func withTwoBuses(
    second setup: BusSetup = BusSetup(), _ body: @Sendable (RunningBus, RunningBus, String) async throws -> Void
  ) async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      try await withBus(in: folder) { first in
        try await withBus(setup, in: folder, named: "bus-2") { second in try await body(first, second, folder) }
      }
    }
  }

  @Test("An event stored by one bus is delivered by the other at once, in the same order")
  func delivery() async throws {
    try await withTwoBuses { first, second, _ in
      async let waiting = second.calls.fetch(after: 0, wait: .seconds(20))
      try await waitUntil { second.bus.waitingFetches == 1 }
      try await first.publish("a")
      #expect(try await waiting.events.map(\.offset) == [1])
      try await second.publish("b")
      #expect(
        try await first.calls.head() == LogBounds(head: 2, first: 1), "the head is never behind an acknowledged event")
      let batches = try await (first.calls.fetch(after: 0), second.calls.fetch(after: 0))
      #expect(batches.0.events.map(\.bytes) == batches.1.events.map(\.bytes))
      #expect(try await second.publish("a").map(\.status) == [.duplicate])
    }
  }

  @Test("An event whose notification was lost is found by polling")
  func lostNotices() async throws {
    try await withTwoBuses { first, second, folder in
      let beside = try await StorageEngine.postgreSQL.open(in: folder)
      try await waitUntil { try await Self.endListeners(beside) == 2 }
      async let waiting = second.calls.fetch(after: 0, wait: .seconds(20))
      try await waitUntil { second.bus.waitingFetches == 1 }
      try await first.publish("a")
      #expect(try await waiting.events.map(\.offset) == [1])
      try await beside.close()
    }
  }

  /// Terminates the listening sessions and returns how many there were.
  private static func endListeners(_ database: any Database) async throws -> Int {
    try await database.read { tx in
      try tx.query(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = current_schema() AND query LIKE 'LISTEN%'
        """
      ).count
    }
  }

  @Test("Both buses see consumer offsets for lag, pruning and forgetting")
  func consumers() async throws {
    try await withTwoBuses { first, second, _ in
      try await first.publish("a", "b", "c")
      _ = try await first.calls.commit(consumer: "reports", offset: 1)
      _ = try await second.calls.commit(consumer: "reports", offset: 2)
      try await waitUntil { try await Self.offset(of: "reports", at: first) == 2 }
      let behind = await #expect(throws: Problem.self) { try await second.call("events.prune", ["through": 3]) }
      #expect(behind?.code == "consumers-behind")
      _ = try await first.call("events.prune", ["through": 2])
      #expect(try await second.calls.head() == LogBounds(head: 3, first: 3))
      #expect(try await second.calls.fetch(after: 0).events.map(\.offset) == [3])
      _ = try await second.call("events.forget", ["consumer": "reports"])
      #expect(try await Self.offset(of: "reports", at: first) == nil)
    }
  }

  private static func offset(of consumer: String, at bus: RunningBus) async throws -> Int? {
    let positions = try await bus.call("events.consumers")
    return positions["consumers"]?.arrayValue?.first { $0["consumer"]?.stringValue == consumer }?["offset"]?
      .integerValue.map { Int($0) }
  }

  @Test(
    "Events stored by another bus during a start do not count as lost, even if a consumer has processed them")
  func storedDuringStart() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      try await withBus(in: folder) { first async throws in
        let setup = BusSetup(opened: {
          try await first.publish("a", "b", "c")
          _ = try await first.calls.commit(consumer: "reports", offset: 3)
        })
        try await withBus(setup, in: folder, named: "bus-2") { second async throws in
          #expect(try await second.calls.head() == LogBounds(head: 3, first: 1))
          #expect(try await second.publish("d").map(\.offset) == [4])
          #expect(try await second.call("quarantine.list")["total"]?.integerValue == 0)
        }
      }
    }
  }

  @Test("Settling at one bus completes a fetch that waits at the other, and sees its commit there")
  func settling() async throws {
    try await withTwoBuses { first, second, _ in
      try await first.publish("a")
      _ = try await second.calls.commit(consumer: "reports", offset: 0)
      async let settled = first.calls.settle(timeout: .seconds(20))
      // A consumer of another type learns how far it can skip.
      let batch = try await second.calls.fetch(after: 0, types: ["com.example.other"], wait: .seconds(20))
      #expect(batch.head == 1)
      _ = try await second.calls.commit(consumer: "reports", offset: batch.head)
      #expect(try await settled.head == 1)
    }
  }

  @Test("A roster adopted through one bus applies at the other from the next event on")
  func roster() async throws {
    // The second bus does not know the test's user, who may publish only while there is no roster.
    try await withTwoBuses(second: BusSetup(ownPrincipals: [Principal("uid:4294967294")])) { first, second, _ in
      #expect(try await second.publish("before").map(\.status) == [.stored])
      let dana = Person(name: "Dana", roles: ["product-ops"], principals: [Principal("uid:4711")])
      let adopted = RosterAdopted(rosterVersion: 1, digest: "test", document: Roster(people: ["dana": dana]))
      let event = CloudEvent(
        id: "roster", source: ServiceName.checklist.eventSource, type: Announcements.rosterAdopted.name,
        data: try JSONCoding.value(adopted))
      #expect(try await first.calls.publish([event.encoded()]).map(\.status) == [.stored])
      #expect(try await second.publish("after").map(\.error?.code) == ["forbidden"])
    }
  }

  private func waitUntil(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .testTimeout
    while try await !condition() {
      guard ContinuousClock.now < deadline else {
        throw Problem.expired(code: "too-late", "the condition was not met in time")
      }
      await Task.yield()
    }
  }
}
