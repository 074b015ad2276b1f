import Contract
import LaunchModel
import Messaging
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
      try await survives(KillPlan.fromEnvironment(kills: 4), databaseURL: server.url) { plan, system in
        var generator = SeededGenerator(seed: plan.seed)
        var recovery = Recovery(system: system)
        for _ in 0..<plan.kills {
          // The moment is what is random here.
          try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
          try await server.stop()
          try await server.start()
          try await recovery.measure()
        }
        recovery.report()
      }
    }
  }

  @Test(
    "Any of two of each killed, or stalled beyond its lease, at any moment: nothing acknowledged is lost or done twice",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func replicas() async throws {
    try await withPostgreSQLDatabase { url in
      try await survives(KillPlan.fromEnvironment(kills: 10), replicas: 2, databaseURL: url) { plan, system in
        var generator = SeededGenerator(seed: plan.seed)
        for victim in plan.victims(of: ServiceName.allCases, using: &generator) {
          let replica = Int.random(in: 1...2, using: &generator)
          // The moment is what is random here.
          try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
          if Int.random(in: 0..<8, using: &generator) == 0 {
            try system.suspend(victim, replica: replica)
            // So long that another takes the lease, and this one goes on with what it had begun.
            try await Task.sleep(for: .milliseconds(3_500))
            try system.resume(victim, replica: replica)
          } else {
            try await system.kill(victim, replica: replica)
            try await system.start(victim, replica: replica)
          }
        }
      }
    }
  }

  @Test(
    "A replica whose host stalls is followed by another within seconds, and does nothing twice when it goes on",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func stalled() async throws {
    try await withPostgreSQLDatabase { url in
      try await survives(KillPlan(kills: 1, seed: 1), replicas: 2, databaseURL: url) { _, system in
        for service in [ServiceName.metrics, .checklist] {
          let working = try await Self.working(service, system)
          try system.suspend(service, replica: working)
          let other = 3 - working
          try await untilAnswered {
            guard try await Self.working(service, system, replica: other) else {
              throw Problem.unavailable("standing-by", "\(service) \(other) does not work yet", retryAfterMs: 50)
            }
          }
          try system.resume(service, replica: working)
        }
      }
    }
  }

  /// The replica that applies events.
  private static func working(_ service: ServiceName, _ system: RunningSystem) async throws -> Int {
    try await untilAnswered {
      for replica in 1...2 where try await working(service, system, replica: replica) { return replica }
      throw Problem.unavailable("none-works", "no replica of \(service) works yet", retryAfterMs: 50)
    }
  }

  private static func working(_ service: ServiceName, _ system: RunningSystem, replica: Int) async throws -> Bool {
    let client = try system.client(service, replica: replica)
    return try await client.call(ServiceRoutes.stats(service), NoParameters()).consumer?.working == true
  }

  /// Puts a load on a whole system while the body does it harm, and compares what was acknowledged with what is there.
  private func survives(
    _ plan: KillPlan, replicas: Int = 1, databaseURL: String?,
    _ harm: @escaping @Sendable (KillPlan, RunningSystem) async throws -> Void
  ) async throws {
    let ledger = Ledger()
    let clock = ScaledClock.setting(start: Trial.start, rate: 1, anchor: SystemClock().now())
    let faults = try await withRunningSystem(replicas: replicas, clock: clock, databaseURL: databaseURL) { system in
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
