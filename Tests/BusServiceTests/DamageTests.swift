import BusCore
import Contract
import JSON
import LaunchModel
import Messaging
import Storage
import TestSupport
import Testing

@testable import BusService

@Suite("A bus with a damaged log")
struct DamageTests {
  private static let ids = (1...39).map { "e\($0)" }

  /// Runs the body with a bus whose log was damaged while it was stopped.
  private func withDamagedBus(_ changes: [String], _ body: @Sendable (RunningBus) async throws -> Void) async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withBus(in: folder) { bus async throws in
        #expect(try await bus.calls.publish(Self.ids.map { RunningBus.event($0) }).allSatisfy { $0.status == .stored })
      }
      let database = try await StorageEngine.standard.open(in: folder)
      try await database.write { transaction in
        for change in changes { try transaction.execute(change) }
      }
      try await database.close()
      try await withBus(in: folder, body)
    }
  }

  @Test("Missing events end a fetch at once, appear in the statistics, and leave a lag")
  func missing() async throws {
    try await withDamagedBus(["DELETE FROM events WHERE \"offset\" BETWEEN 2 AND 38"]) { bus async throws in
      let stats = try await bus.client.call(ServiceRoutes.stats(.bus), NoParameters())
      #expect(stats.damage == [LogDamage(.missing, 2...38)])
      let batch = try await bus.calls.fetch(after: 0, wait: .seconds(20))
      #expect(batch.events.map(\.offset) == [1])
      #expect(batch.head == 1)
      let started = ContinuousClock.now
      let problem = await #expect(throws: Problem.self) { try await bus.calls.fetch(after: 1, wait: .seconds(600)) }
      #expect(ContinuousClock.now - started < .seconds(300), "it does not wait for events that are lost")
      #expect(problem?.code == "corrupt-event")
      #expect(problem?.detail.contains("offset 2 ") == true)
      #expect(try await bus.calls.commit(consumer: "other", offset: 1).lag == 38)
      #expect(try await bus.calls.fetch(after: 38).events.map(\.offset) == [39])
      #expect(try await bus.publish("new").map(\.offset) == [40])
    }
  }

  @Test("A repeat of a damaged event is rejected as such, and does not affect the other events of its message")
  func repeated() async throws {
    try await withDamagedBus(["DELETE FROM events WHERE \"offset\" = 3"]) { bus async throws in
      let results = try await bus.publish("e3", "e4", "new")
      #expect(results.map(\.status) == [.rejected, .duplicate, .stored])
      #expect(results.first?.error?.code == "corrupt-event")
      #expect(results.first?.error?.detail.contains("offset 3 ") == true)
    }
  }

  @Test("While the record of sources and ids is damaged, nothing is stored, but reads continue")
  func keys() async throws {
    try await withDamagedBus(["DELETE FROM event_keys WHERE \"offset\" = 3"]) { bus async throws in
      let problem = await #expect(throws: Problem.self) {
        _ = try await bus.client.call(method: "events.publish", parts: [RunningBus.event("e3")])
      }
      #expect(problem?.code == "corrupt-log")
      #expect(problem?.kind == .unavailable)
      #expect(try await bus.calls.fetch(after: 0).events.count == 39)
      #expect(bus.failures.all.isEmpty, "the process continues")
    }
  }

  @Test("The whole log is verified in parts, while the bus runs")
  func verification() async throws {
    try await withDamagedBus(["UPDATE events SET checksum = checksum + 1 WHERE \"offset\" IN (7, 8)"]) {
      bus async throws in
      var (damage, verified, next) = ([LogDamage](), 0, String?.none)
      repeat {
        let page = try await bus.client.call(BusRoutes.verify, VerifyParameters(after: next, max: 10))
        damage += page.damage
        verified += page.verified
        next = page.next
      } while next != nil
      #expect(damage == [LogDamage(.changed, 7...8)])
      #expect(verified == 78, "39 events, and as many keys")
      let problem = await #expect(throws: Problem.self) {
        try await bus.client.call(BusRoutes.verify, VerifyParameters(after: "nonsense"))
      }
      #expect(problem?.kind == .invalid)
    }
  }
}
