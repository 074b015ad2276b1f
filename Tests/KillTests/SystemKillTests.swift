import LaunchModel
import TestSupport
import Testing

@Suite("kill -9 of bus and services", .serialized, .timeLimit(.minutes(30)))
struct SystemKillTests {
  @Test("Any of the five killed at any moment: nothing acknowledged is lost, nothing is counted or done twice")
  func system() async throws {
    let plan = KillPlan.fromEnvironment(kills: 6)
    let ledger = Ledger()
    let clock = ScaledClock.setting(start: Trial.start, rate: 1, anchor: SystemClock().now())
    let faults = try await withRunningSystem(clock: clock) { system in
      let trial = try Trial(system)
      try await trial.begin()
      let load = SystemLoad(system, ledger: ledger, seed: plan.seed)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for publisher in 0..<2 { group.addTask { try await load.publish(publisher) } }
        group.addTask { try await load.propose() }
        try await kill(plan, system)
        load.stop()
        try await group.waitForAll()
      }
      return try await Inspection(system: system, measured: trial.launch, ledger: ledger.entries).faults()
    }
    #expect(faults == [], "seed \(plan.seed)")
    #expect(ledger.entries.uses > plan.kills && !ledger.entries.comments.isEmpty, "there was a load")
  }

  private func kill(_ plan: KillPlan, _ system: RunningSystem) async throws {
    var generator = SeededGenerator(seed: plan.seed)
    for victim in plan.victims(of: ServiceName.allCases, using: &generator) {
      // The moment is what is random here.
      try await Task.sleep(for: .milliseconds(Int.random(in: plan.life, using: &generator)))
      try await system.kill(victim)
      try await system.start(victim)
    }
  }
}
