import Contract
import LaunchModel
import Messaging
import Synchronization
import Testing
import TestSupport

@Suite("kill -9", .serialized)
struct BusKillTests {
  @Test("The bus killed at any moment loses nothing it acknowledged, stores nothing twice, and keeps the order")
  func bus() async throws {
    try await survives(KillPlan.fromEnvironment(kills: 8), databaseURL: nil) { system in
      try await system.kill(.bus)
      try await system.start(.bus)
    }
  }

  @Test(
    "The bus's PostgreSQL server crashing at any moment: nothing acknowledged is lost, and the bus goes on by itself",
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
    "Either of two buses on one database killed at any moment: there is one log, and clients go on at the other",
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

  /// Puts a load on a bus, does it that harm again and again, and compares what was acknowledged with what is there.
  private func survives(
    _ plan: KillPlan, replicas: Int = 1, databaseURL: String?,
    _ harm: @escaping @Sendable (RunningSystem) async throws -> Void
  ) async throws {
    let witness = Witness()
    let log = try await withRunningSystem([.bus], replicas: replicas, databaseURL: databaseURL) { system in
      let buses = try (1...replicas).map { try system.bus(startingAt: $0) }
      let load = Load(buses: buses, witness: witness, seed: plan.seed)
      let end = EndMark()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await load.consume(until: { end.offset }) }
        try await withThrowingTaskGroup(of: Void.self) { publishers in
          for publisher in 0..<plan.publishers { publishers.addTask { try await load.publish(publisher) } }
          var generator = SeededGenerator(seed: plan.seed)
          for _ in 0..<plan.kills {
            // The moment is what is random here.
            try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
            try await harm(system)
          }
          load.stop()
          try await publishers.waitForAll()
        }
        end.set(try await system.bus().head().head)
        try await group.waitForAll()
      }
      // Read by another process than the one that wrote it.
      try await system.stop(.bus)
      try await system.start(.bus)
      return try await readAll(system.bus())
    }
    #expect(witness.verify(against: log) == [], "seed \(plan.seed)")
    #expect(witness.acknowledgedCount > plan.kills, "there was a load")
  }

  private func readAll(_ bus: BusClient) async throws -> [Witness.Delivered] {
    var log: [Witness.Delivered] = []
    let head = try await bus.head().head
    while log.count < head {
      let batch = try await bus.fetch(after: Int64(log.count), max: 1_000)
      guard !batch.events.isEmpty else { break }
      log += batch.events.map { Witness.Delivered(offset: $0.offset, bytes: $0.bytes) }
    }
    return log
  }
}
