import LaunchModel
import Messaging
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
    "A second bus on the same database does not start, and takes the log over when the first has died",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func takeOver() async throws {
    try await withPostgreSQLDatabase { url in
      try await withRunningSystem([.bus], databaseURL: url) { first in
        let published = try await first.bus().publish([Self.event("a"), Self.event("b")])
        #expect(published.map(\.offset) == [1, 2])
        try await withRunningSystem([], databaseURL: url) { second in
          let failure = await #expect(throws: ProcessFailure.self) { try await second.start(.bus) }
          #expect(failure?.description.contains("exited(69)") == true)
          #expect(failure?.description.contains("is in use by another process; stop that one first") == true)
          try await first.kill(.bus)
          try await second.start(.bus)
          let again = try await second.bus().publish([Self.event("b"), Self.event("c")])
          #expect(again.map(\.offset) == [2, 3])
          #expect(again.map(\.status) == [.duplicate, .stored])
        }
      }
    }
  }

  private static func event(_ id: String) -> [UInt8] {
    Array(#"{"specversion":"1.0","id":"\#(id)","source":"//kill/test","type":"com.example.kill"}"#.utf8)
  }

  /// Puts a load on a bus, does it that harm again and again, and compares what was acknowledged with what is there.
  private func survives(
    _ plan: KillPlan, databaseURL: String?, _ harm: @escaping @Sendable (RunningSystem) async throws -> Void
  ) async throws {
    let witness = Witness()
    let log = try await withRunningSystem([.bus], databaseURL: databaseURL) { system in
      let load = Load(bus: try system.bus(), witness: witness, seed: plan.seed)
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
