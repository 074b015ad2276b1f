import LaunchModel
import Messaging
import Testing
import TestSupport

@Suite("kill -9", .serialized)
struct BusKillTests {
  @Test("The bus killed at any moment loses nothing it acknowledged, stores nothing twice, and keeps the order")
  func bus() async throws {
    let plan = KillPlan.fromEnvironment(kills: 8)
    let witness = Witness()
    let log = try await withRunningSystem([.bus]) { system in
      let load = Load(bus: try system.bus(), witness: witness, seed: plan.seed)
      let end = EndMark()
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await load.consume(until: { end.offset }) }
        try await withThrowingTaskGroup(of: Void.self) { publishers in
          for publisher in 0..<plan.publishers { publishers.addTask { try await load.publish(publisher) } }
          try await kill(plan, system)
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

  private func kill(_ plan: KillPlan, _ system: RunningSystem) async throws {
    var generator = SeededGenerator(seed: plan.seed)
    for _ in 0..<plan.kills {
      // The moment is what is random here.
      try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
      try await system.kill(.bus)
      try await system.start(.bus)
    }
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
