import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite("kill -9 of bus and services", .serialized, .timeLimit(.minutes(30)))
struct SystemKillTests {
  @Test("If any of the five processes is killed, nothing acknowledged is lost, counted twice or done twice")
  func system() async throws {
    try await survives(KillPlan.fromEnvironment(kills: 6), databaseURL: nil) { plan, system in
      var generator = SeededGenerator(seed: plan.seed)
      for victim in plan.victims(of: ServiceName.allCases, using: &generator) {
        // The random moment of the kill is what this test is about.
        try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
        try await system.kill(victim)
        try await system.start(victim)
      }
    }
  }

  @Test(
    "If the PostgreSQL server crashes, nothing acknowledged is lost or done twice",
    .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"))
  func server() async throws {
    try await withPostgreSQLServer { server in
      try await survives(KillPlan.fromEnvironment(kills: 4), databaseURL: server.url) { plan, system in
        var generator = SeededGenerator(seed: plan.seed)
        var recovery = Recovery(system: system)
        for _ in 0..<plan.kills {
          // The random moment of the crash is what this test is about.
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
    "If a replica is killed or stalls beyond its lease, nothing acknowledged is lost or done twice",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func replicas() async throws {
    try await withPostgreSQLDatabase { url in
      try await survives(KillPlan.fromEnvironment(kills: 10), replicas: 2, databaseURL: url) { plan, system in
        var generator = SeededGenerator(seed: plan.seed)
        for victim in plan.victims(of: ServiceName.allCases, using: &generator) {
          let replica = Int.random(in: 1...2, using: &generator)
          // The random moment of the kill is what this test is about.
          try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
          if Int.random(in: 0..<8, using: &generator) == 0 {
            try system.suspend(victim, replica: replica)
            // Long enough for the other replica to take over the lease while this one resumes its unfinished work.
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
    "If a replica stalls, the other takes over within seconds, and nothing is done twice when it resumes",
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
              throw Problem.unavailable("standing-by", "\(service) \(other) is not working yet", retryAfterMs: 50)
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
      throw Problem.unavailable("none-works", "no replica of \(service) is working yet", retryAfterMs: 50)
    }
  }

  private static func working(_ service: ServiceName, _ system: RunningSystem, replica: Int) async throws -> Bool {
    let client = try system.client(service, replica: replica)
    return try await client.call(ServiceRoutes.stats(service), NoParameters()).consumer?.working == true
  }

  /// Disrupts the whole system under load, and compares the acknowledged changes with its state.
  private func survives(
    _ plan: KillPlan, replicas: Int = 1, databaseURL: String?,
    _ disrupt: @escaping @Sendable (KillPlan, RunningSystem) async throws -> Void
  ) async throws {
    let acknowledged = AcknowledgedChanges()
    let clock = ScaledClock.setting(start: Trial.start, rate: 1, anchor: SystemClock().now())
    let differences = try await withRunningSystem(replicas: replicas, clock: clock, databaseURL: databaseURL) {
      system in
      let trial = try Trial(system)
      try await trial.begin()
      let load = SystemLoad(system, acknowledged: acknowledged, seed: plan.seed)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for publisher in 0..<2 { group.addTask { try await load.publish(publisher) } }
        group.addTask { try await load.propose() }
        try await disrupt(plan, system)
        load.stop()
        try await group.waitForAll()
      }
      return try await Inspection(system: system, measured: trial.launch, acknowledged: acknowledged.entries)
        .differences()
    }
    #expect(differences == [], "seed \(plan.seed)")
    #expect(acknowledged.entries.uses > plan.kills && !acknowledged.entries.comments.isEmpty, "the load was too small")
  }
}
