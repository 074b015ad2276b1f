import Contract
import LaunchModel
import Messaging
import Synchronization
import Testing
import TestSupport

@Suite("kill -9", .serialized)
struct BusKillTests {
  @Test("A bus that is killed at any moment loses, repeats and reorders no acknowledged event")
  func bus() async throws {
    try await survives(KillPlan.fromEnvironment(kills: 8), databaseURL: nil) { system in
      try await system.kill(.bus)
      try await system.start(.bus)
    }
  }

  @Test(
    "If the bus's PostgreSQL server crashes, no acknowledged event is lost, and the bus recovers by itself",
    .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"))
  func server() async throws {
    try await withPostgreSQLServer { server in
      try await survives(KillPlan.fromEnvironment(kills: 5), databaseURL: server.url) { system in
        let process = try await system.client(.bus).call(ServiceRoutes.ping(.bus), NoParameters()).pid
        try await server.stop()
        try await server.start()
        #expect(try await system.client(.bus).call(ServiceRoutes.ping(.bus), NoParameters()).pid == process)
      }
    }
  }

  @Test(
    "If either of two buses on one database is killed, the log stays one, and clients continue with the other",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func oneOfTwo() async throws {
    try await withPostgreSQLDatabase { url in
      let plan = KillPlan.fromEnvironment(kills: 8)
      let generator = Mutex(SeededGenerator(seed: plan.seed))
      try await survives(plan, replicas: 2, databaseURL: url) { system in
        let victim = generator.withLock { Int.random(in: 1...2, using: &$0) }
        try await system.kill(.bus, replica: victim)
        try await system.start(.bus, replica: victim)
      }
    }
  }

  /// Disrupts a bus repeatedly under load, and compares the acknowledged events with the stored ones.
  private func survives(
    _ plan: KillPlan, replicas: Int = 1, databaseURL: String?,
    _ disrupt: @escaping @Sendable (RunningSystem) async throws -> Void
  ) async throws {
    let recorder = DeliveryRecorder()
    let log = try await withRunningSystem([.bus], replicas: replicas, databaseURL: databaseURL) { system in
      let buses = try (1...replicas).map { try system.bus(startingAt: $0) }
      let load = Load(buses: buses, recorder: recorder, seed: plan.seed)
      let end = EndMark()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await load.consume(until: { end.offset }) }
        try await withThrowingTaskGroup(of: Void.self) { publishers in
          for publisher in 0..<plan.publishers { publishers.addTask { try await load.publish(publisher) } }
          var generator = SeededGenerator(seed: plan.seed)
          for _ in 0..<plan.kills {
            // The random moment of the kill is what this test is about.
            try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
            try await disrupt(system)
          }
          load.stop()
          try await publishers.waitForAll()
        }
        end.set(try await system.bus().head().head)
        try await group.waitForAll()
      }
      // A new process reads the log, not the one that wrote it.
      try await system.stop(.bus)
      try await system.start(.bus)
      return try await readAll(system.bus())
    }
    #expect(recorder.verify(against: log) == [], "seed \(plan.seed)")
    #expect(recorder.acknowledgedCount > plan.kills, "the load was too small")
  }

  private func readAll(_ bus: BusClient) async throws -> [DeliveryRecorder.Delivered] {
    var log: [DeliveryRecorder.Delivered] = []
    let head = try await bus.head().head
    while log.count < head {
      let batch = try await bus.fetch(after: Int64(log.count), max: 1_000)
      guard !batch.events.isEmpty else { break }
      log += batch.events.map { DeliveryRecorder.Delivered(offset: $0.offset, bytes: $0.bytes) }
    }
    return log
  }
}
