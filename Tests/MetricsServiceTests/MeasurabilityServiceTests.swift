import Contract
import JSON
import LaunchModel
import Messaging
import MetricsService
import ServiceKit
import TestSupport
import Testing

@Suite("Checking what can be measured, before sealing")
struct MeasurabilityTests {
  private static let tickets: JSONValue = ["key": "tickets", "kind": "tickets", "forecast": 60, "days": 7]

  /// Runs the body with a launch whose metrics are defined but not sealed.
  private func withPlan(
    _ metrics: JSONValue..., body: @escaping @Sendable (Metrics, LaunchID) async throws -> Void
  ) async throws {
    try await withServiceHarness(MetricsService.self) { service in
      let launch = try launchID("trial")
      try await service.propose(launch)
      try await service.call(MetricsRoutes.define, DefinePlan(launch: launch, document: ["metrics": .array(metrics)]))
      try await body(service, launch)
    }
  }

  /// Publishes what 30 days delivered: 200 accounts, of which 20 use the feature, 30 scores and a ticket.
  private func deliver(to metrics: Metrics) async throws {
    let now = metrics.clock.now()
    let uses = (0..<200).map { number in
      let feature: JSONValue = number < 20 ? "f" : "other"
      return metrics.event(
        SignalType.featureUsed.rawValue, ["account": .string("a\(number)"), "feature": feature],
        at: now.adding(seconds: -3_600 * Int64(1 + 3 * number)))
    }
    let scores = (0..<30).map { number in
      metrics.event(
        SignalType.csatScored.rawValue,
        ["ticket": .string("s\(number)"), "score": 5, "scale": "1-5", "feature": "other"],
        at: now.adding(seconds: -3_600 * Int64(1 + number)))
    }
    let ticket = metrics.event(
      SignalType.ticketOpened.rawValue, ["ticket": "T-1", "account": "a1"], at: now.adding(seconds: -3_600))
    _ = try await metrics.bus.publish((uses + scores + [ticket]).map { $0.encoded() }, timeout: .seconds(1))
    try await metrics.settle()
  }

  @Test("Without any feed a seal needs a reason, which is stored with what could not be measured")
  func unmeasurable() async throws {
    try await withPlan(.adoption()) { metrics, launch in
      let view = try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: launch))
      #expect(!view.measurable && view.metrics.map(\.measurable) == [false])
      let problem = "no dev.gonogo.signal.feature.used.v1 has ever been delivered: connect a source that publishes it"
      #expect(view.metrics.first?.problems == [problem])
      let refused = await #expect(throws: Problem.self) {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: " "))
      }
      #expect(refused?.code == "reason-missing" && refused?.errors.map(\.pointer) == ["/reason"])
      #expect(refused?.detail.contains("1 of 1 metrics cannot be measured (adoption: \(problem))") == true)
      #expect(refused?.detail.contains("gonogo metric check trial") == true)
      let reason = "the feeds are connected next week"
      #expect(try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: reason)).sealed)
      let kept = [UnmeasurableMetric(metric: "adoption", problems: [problem])]
      #expect(try await metrics.announced(Announcements.metricsSealed).map(\.unmeasurable) == [kept])
      let audit = AuditShowParameters(launch: launch.rawValue)
      let links = try await metrics.call(ServiceRoutes.auditShow(.metrics), audit).links
      let seal = try #require(links.first { $0.action == Announcements.metricsSealed.name })
      #expect(seal.detail["reason"]?.stringValue == reason)
      #expect(seal.detail["unmeasurable"]?.arrayValue?.first?["metric"] == "adoption")
    }
  }

  @Test("A plan that 30 days of events make measurable is sealed without a reason, and checked with its figures")
  func measurable() async throws {
    let csat: JSONValue = ["key": "csat", "kind": "csat"]
    try await withPlan(.adoption(), Self.tickets, csat) { metrics, launch in
      try await deliver(to: metrics)
      let view = try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: launch))
      #expect(view.measurable, "\(view.metrics.map(\.problems))")
      let adoption = try #require(view.metrics.first)
      #expect(adoption.n == 200 && adoption.baseline == 0.1 && adoption.target == ">= 30%")
      // Wilson's interval of 60 out of 200, from statsmodels.
      #expect(try abs(#require(adoption.low) - 0.240_7) < 1e-3)
      #expect(try abs(#require(adoption.high) - 0.366_8) < 1e-3)
      #expect((adoption.power ?? 0) > 0.99 && adoption.needed == nil)
      let feed = FeedMeasurability(
        name: "\(SignalType.featureUsed.rawValue) from //test", state: .alive, events: 200, fit: 1)
      #expect(adoption.feeds == [feed])
      #expect(view.metrics[1].n == 60 && view.metrics[1].forecast == 60 && view.metrics[1].alarms.count == 4)
      #expect(view.metrics[2].others == 30 && view.metrics[2].baseline == 1)
      let sealed = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch))
      #expect(sealed.sealed)
      #expect(try await metrics.announced(Announcements.metricsSealed).map(\.unmeasurable) == [nil])
    }
  }

  @Test("If the log was pruned within the last 30 days, every metric has that problem, and a seal needs a reason")
  func pruned() async throws {
    try await withPlan(.adoption(), Self.tickets) { metrics, launch in
      try await deliver(to: metrics)
      metrics.bus.prune(before: Int64(metrics.bus.events.count))
      let view = try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: launch))
      let problems = view.metrics.compactMap(\.problems.first)
      #expect(problems.count == 2 && problems.allSatisfy { $0.hasPrefix("the log was pruned: only 0 days are left") })
      await expectProblem("reason-missing") {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch))
      }
    }
  }

  @Test("A hole in the last 30 days of a feed that delivers again is a problem, until late events fill it")
  func holes() async throws {
    try await withPlan(Self.tickets) { metrics, launch in
      let start = metrics.clock.now()
      let hole = 50..<58
      func open(_ day: Int) async throws {
        try await metrics.signal(
          .ticketOpened, ["ticket": .string("t\(day)"), "account": "a"], at: start.adding(days: day))
      }
      for day in 0..<72 {
        if !hole.contains(day) { try await open(day) }
        metrics.clock.advance(days: 1)
      }
      func check() async throws -> MetricMeasurability {
        let view = try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: launch))
        return try #require(view.metrics.first)
      }
      let before = try await check()
      #expect(!before.measurable && before.feeds.map(\.state) == [.silent] && before.feeds.map(\.events) == [22])
      let silent = "\(SignalType.ticketOpened.rawValue) from //test does not deliver"
      #expect(before.problems.first?.hasPrefix(silent) == true, "\(before.problems)")
      for day in hole { try await open(day) }
      let after = try await check()
      #expect(after.feeds.map(\.state) == [.alive] && after.feeds.map(\.events) == [30])
      #expect(!after.problems.contains { $0.contains("silent") }, "\(after.problems)")
    }
  }

  @Test("Too few accounts are said to be too few, with the number that would do")
  func indistinguishable() async throws {
    try await withPlan(.adoption(">= 12%")) { metrics, launch in
      try await deliver(to: metrics)
      let view = try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: launch))
      let adoption = try #require(view.metrics.first)
      #expect(!adoption.measurable && (adoption.power ?? 1) < 0.8 && (adoption.needed ?? 0) > 200)
      await expectProblem("reason-missing") {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch))
      }
    }
  }

  @Test("While the bus is unreachable, nothing can be checked, and a seal needs only a reason")
  func busUnreachable() async throws {
    try await withPlan(.adoption()) { metrics, launch in
      try await deliver(to: metrics)
      metrics.bus.isReachable = false
      await expectProblem("unreachable") {
        try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: launch))
      }
      await expectProblem("reason-missing") {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch))
      }
      let sealed = try await metrics.call(
        MetricsRoutes.seal, LaunchAction(launch: launch, reason: "the bus is being moved"))
      #expect(sealed.sealed)
      metrics.bus.isReachable = true
      let kept = try #require(try await metrics.announced(Announcements.metricsSealed).first?.unmeasurable)
      #expect(kept.map(\.metric) == ["adoption"])
      #expect(kept.first?.problems.first?.hasPrefix("could not be checked: ") == true)
    }
  }

  @Test("Only people who may seal need a reason, and only unsealed plans are checked for it")
  func order() async throws {
    try await withPlan(.adoption()) { metrics, launch in
      try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
      await expectProblem("plan-sealed") {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch))
      }
      let bare = try launchID("bare")
      try await metrics.propose(bare)
      await expectProblem("no-plan") {
        try await metrics.call(MetricsRoutes.checkPlan, LaunchReference(launch: bare))
      }
    }
  }

  @Test("The power of the spike test grows with the days and the excess")
  func power() async throws {
    try await withPlan(Self.tickets) { metrics, launch in
      let view = try await metrics.call(
        MetricsRoutes.spikePower, SpikePowerRequest(launch: launch), meta: CallMeta(ttlMs: 2_000))
      #expect(view.key == "tickets" && view.forecast == 60 && view.dispersion == 2 && view.windows >= 5)
      #expect(view.multiples.map(\.multiple) == [1, 1.25, 1.5, 2, 3])
      #expect(view.multiples.allSatisfy { $0.byDay.count == 7 && $0.byDay == $0.byDay.sorted() })
      let last = try view.multiples.map { try #require($0.byDay.last) }
      #expect(last[0] < last[4] && last[4] > 0.9)
      await expectProblem("metric-not-found") {
        try await metrics.call(MetricsRoutes.spikePower, SpikePowerRequest(launch: launch, key: "adoption"))
      }
    }
  }
}
