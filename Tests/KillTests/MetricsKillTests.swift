import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

@Suite("kill -9 of metrics", .serialized, .timeLimit(.minutes(60)))
struct MetricsKillTests {
  @Test("If metrics is killed while it counts a flood of uses, each account and each use is counted exactly once")
  func flood() async throws {
    let plan = KillPlan.fromEnvironment(kills: 3)
    let acknowledged = AcknowledgedChanges()
    let clock = ScaledClock.setting(start: Trial.start, rate: 1, anchor: SystemClock().now())
    let differences = try await withRunningSystem(clock: clock) { system in
      let trial = try Trial(system)
      try await trial.begin()
      try await Self.kill(plan, system, during: SystemLoad(system, acknowledged: acknowledged, seed: plan.seed))
      return try await Inspection(system: system, measured: trial.launch, acknowledged: acknowledged.entries)
        .differences()
    }
    #expect(differences == [], "seed \(plan.seed)")
    #expect(acknowledged.entries.uses > plan.flood / 3, "the load was too small")
  }

  /// Kills metrics after random messages of the flood, which continues meanwhile, so that metrics is behind whenever it starts.
  private static func kill(_ plan: KillPlan, _ system: RunningSystem, during load: SystemLoad) async throws {
    var generator = SeededGenerator(seed: plan.seed)
    let messages = (plan.flood + SystemLoad.floodMessage - 1) / SystemLoad.floodMessage
    let moments = Set((0..<messages).shuffled(using: &generator).prefix(plan.kills))
    let (acknowledgements, progress) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { progress.finish() }
        try await load.flood(plan.flood) { progress.yield($0) }
      }
      for await message in acknowledgements where moments.contains(message) {
        try await system.kill(.metrics)
        try await system.start(.metrics)
      }
      try await group.waitForAll()
    }
    #expect(moments.count == min(plan.kills, messages))
  }
}
