import LaunchModel
import TestSupport
import Testing

@Suite("kill -9 of bus and services", .serialized, .timeLimit(.minutes(30)))
struct SystemKillTests {
  @Test("Any of the five killed at any moment: nothing acknowledged is lost, nothing is counted or done twice")
  func system() async throws {
    try await survives(KillPlan.fromEnvironment(kills: 6), databaseURL: nil) { plan, system in
      var generator = SeededGenerator(seed: plan.seed)
      for victim in plan.victims(of: ServiceName.allCases, using: &generator) {
        // The moment is what is random here.
        try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
        try await system.kill(victim)
        try await system.start(victim)
      }
    }
  }

  @Test(
    "The PostgreSQL server of bus and services crashing at any moment: nothing acknowledged is lost or done twice",
    .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"))
  func server() async throws {
    try await withPostgreSQLServer { server in
      try await survives(KillPlan.fromEnvironment(kills: 4), databaseURL: server.url) { plan, _ in
        var generator = SeededGenerator(seed: plan.seed)
        for _ in 0..<plan.kills {
          // The moment is what is random here.
          try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
          try await server.stop()
          try await server.start()
        }
      }
    }
  }

  /// Puts a load on a whole system while the body does it harm, and compares what was acknowledged with what is there.
  private func survives(
    _ plan: KillPlan, databaseURL: String?, _ harm: @escaping @Sendable (KillPlan, RunningSystem) async throws -> Void
  ) async throws {
    let ledger = Ledger()
    let clock = ScaledClock.setting(start: Trial.start, rate: 1, anchor: SystemClock().now())
    let faults = try await withRunningSystem(clock: clock, databaseURL: databaseURL) { system in
      let trial = try Trial(system)
      try await trial.begin()
      let load = SystemLoad(system, ledger: ledger, seed: plan.seed)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for publisher in 0..<2 { group.addTask { try await load.publish(publisher) } }
        group.addTask { try await load.propose() }
        try await harm(plan, system)
        load.stop()
        try await group.waitForAll()
      }
      return try await Inspection(system: system, measured: trial.launch, ledger: ledger.entries).faults()
    }
    #expect(faults == [], "seed \(plan.seed)")
    #expect(ledger.entries.uses > plan.kills && !ledger.entries.comments.isEmpty, "there was a load")
  }
}
