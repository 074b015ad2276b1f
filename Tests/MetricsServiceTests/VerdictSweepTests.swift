import JSON
import Contract
import LaunchModel
import Messaging
import MetricsService
import ServiceKit
import TestSupport
import Testing

@Suite("Announcing verdicts")
struct VerdictSweepTests {
  @Test("A verdict is announced once when its window closes, and again when late events change it")
  func changes() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      let start = metrics.clock.now()
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 50%"))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      try await metrics.sweep()
      #expect(try await announced(metrics) == [])
      for _ in 0..<30 {
        metrics.clock.advance(days: 1)
        try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      }
      try await metrics.sweep()
      try await metrics.sweep()
      #expect(try await announced(metrics) == [.met])
      metrics.clock.advance(seconds: 60)
      for account in ["b", "c"] {
        try await metrics.signal(
          .featureUsed, ["feature": "other", "account": .string(account)], at: start.adding(days: 3))
      }
      try await metrics.sweep()
      #expect(try await announced(metrics) == [.met, .missed])
      #expect(try await metrics.verdict(launch).restated)
      try await metrics.expose(
        launch, ExposureAttempt(attempt: 1, startedAt: start, rolledBackAt: start.adding(days: 9)))
      try await metrics.sweep()
      #expect(try await announced(metrics) == [.met, .missed, .inconclusive])
    }
  }

  @Test("No verdict is announced while events are not processed, or while the bus does not answer")
  func behind() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      let start = metrics.clock.now()
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 50%"))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      try await metrics.sweep()
      try await metrics.pass(days: 30, (.featureUsed, ["feature": "f", "account": "a"]))
      let job = try #require(metrics.service.jobs.first { $0.name == "verdicts" })
      // Two of three active accounts do not use the feature.
      let late = ["b", "c"].map { account in
        metrics.event(
          SignalType.featureUsed.rawValue, ["feature": "other", "account": .string(account)], at: start.adding(days: 3))
      }
      _ = try await metrics.bus.publish(late.map { $0.encoded() }, timeout: .seconds(1))
      try await job.body(metrics.environment)
      #expect(try await announced(metrics) == [], "met without the events that are not processed")
      try await metrics.settle()
      metrics.bus.isReachable = false
      try await job.body(metrics.environment)
      metrics.bus.isReachable = true
      #expect(try await announced(metrics) == [], "the bus does not answer")
      try await metrics.sweep()
      #expect(try await announced(metrics) == [.missed])
    }
  }

  @Test("Verdicts of an unsealed plan are not announced")
  func unsealed() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.call(MetricsRoutes.define, DefinePlan(launch: launch, document: ["metrics": [.adoption()]]))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      metrics.clock.advance(days: 40)
      try await metrics.sweep()
      #expect(try await announced(metrics) == [])
      let view = try await metrics.verdicts(launch)
      #expect(!view.sealed)
      #expect(view.metrics.map(\.verdict) == [.unknown])
    }
  }

  @Test("A series is returned by key")
  func series() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(days: 3))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      metrics.clock.advance(days: 2)
      let series = try await metrics.call(MetricsRoutes.series, SeriesRequest(launch: launch, key: "adoption"))
      #expect(series.points.map(\.numerator) == [1, 1])
      await expectProblem("metric-not-found") {
        try await metrics.call(MetricsRoutes.series, SeriesRequest(launch: launch, key: "nope"))
      }
    }
  }

  private func announced(_ metrics: Metrics) async throws -> [Verdict] {
    try await metrics.announced(Announcements.metricsVerdict).map(\.verdict)
  }
}
