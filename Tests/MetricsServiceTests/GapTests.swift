import Contract
import JSON
import LaunchModel
import Messaging
import MetricsService
import TestSupport
import Testing

@Suite("Explaining a gap")
struct GapTests {
  private func gap(_ metrics: Metrics, asOf: Timestamp? = nil) async throws -> GapView {
    try await metrics.call(MetricsRoutes.gap, GapRequest(launch: try launchID("trial"), key: "adoption", asOf: asOf))
  }

  private func parts(_ view: GapView, _ kind: GapView.Dimension.Kind) -> [GapView.Part]? {
    view.dimensions.first { $0.kind == kind }?.parts
  }

  @Test("A gap is split by account segments, now and as of an earlier moment; late events are a step")
  func adoption() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 40%", days: 7))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      metrics.clock.advance(seconds: 3_600)
      let first = metrics.clock.now()
      try await metrics.signal(
        .accountChanged, ["account": "acme", "state": "active", "segment": "enterprise"], at: first)
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "acme"], at: first)
      try await metrics.signal(.accountActive, ["account": "bolt"], at: first)
      try await metrics.pass(
        days: 8, (.featureUsed, ["feature": "f", "account": "acme"]), (.accountActive, ["account": "bolt"]))
      let before = metrics.clock.now()
      // 1 of 2; enterprise: (1 − 0.4) / 2; not given: (0 − 0.4) / 2
      for view in [try await gap(metrics), try await gap(metrics, asOf: first.adding(days: 1))] {
        #expect(view.value == 0.5 && view.attempt == 1 && view.reference == 0.4)
        let segments = try #require(parts(view, .segment))
        #expect(segments.map(\.label) == ["enterprise", "-"])
        #expect(segments.map(\.total) == [1, 1])
        #expect(abs(try #require(segments[0].contribution) - 0.3) < 1e-12)
        #expect(abs(try #require(segments[1].contribution) + 0.2) < 1e-12)
        #expect(parts(view, .steps) == nil)
      }
      metrics.clock.advance(days: 1)
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "bolt"], at: first)
      let view = try await gap(metrics)
      #expect(view.value == 1)
      let steps = try #require(parts(view, .steps))
      #expect(steps.map(\.label) == ["late events", "at the window's end"])
      #expect(abs(try #require(steps[0].contribution) - 0.5) < 1e-12)
      #expect(parts(try await gap(metrics, asOf: before), .steps) == nil)
      await expectProblem("metric-not-found") {
        try await metrics.call(MetricsRoutes.gap, GapRequest(launch: launch, key: "nope"))
      }
    }
  }

  @Test("An amended target is a separate step, beside the sealed one")
  func amended() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 40%", days: 7))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      metrics.clock.advance(seconds: 3_600)
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "acme"], at: metrics.clock.now())
      try await metrics.pass(days: 8, (.featureUsed, ["feature": "f", "account": "acme"]))
      try await metrics.call(
        MetricsRoutes.amend,
        DefinePlan(
          launch: launch, document: ["metrics": [.adoption(">= 90%", days: 7)]], reason: "the audience grew"))
      try await metrics.settle()
      let view = try await gap(metrics)
      #expect(view.reference == 0.9)
      let steps = try #require(parts(view, .steps))
      // 100 % is 60 points above the sealed target, and 50 less above the amended one.
      #expect(steps.map(\.label) == ["at the window's end", "amendments"])
      #expect(abs(try #require(steps[0].contribution) - 0.6) < 1e-12)
      #expect(abs(try #require(steps[1].contribution) + 0.5) < 1e-12)
    }
  }
}
