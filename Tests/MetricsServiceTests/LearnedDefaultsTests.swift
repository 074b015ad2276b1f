import Contract
import JSON
import LaunchModel
import MetricsService
import ServiceKit
import TestSupport
import Testing

@Suite("Metric defaults that learnings propose")
struct LearnedDefaultsTests {
  private static let defaults: JSONValue = ["tiers": ["2": ["adoption": ["target": ">= 30%"]]]]

  private static func propose(_ metrics: Metrics, target: String = "metric-defaults") async throws {
    try await metrics.receive(
      Announcements.learningProposed, from: .review, launch: "trial", by: "petra",
      LearningProposed(
        learning: "trial-l1", target: target, text: "a third is realistic", launches: [try launchID("trial")],
        document: defaults))
  }

  @Test("A learning becomes a proposal once, citing its launch, and the adoption cites the learning")
  func adopted() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      try await Self.propose(metrics)
      try await Self.propose(metrics)
      let shown = try await metrics.call(MetricsRoutes.showDefaults, VersionReference())
      let proposal = try #require(shown.proposals.first)
      #expect(shown.proposals.count == 1 && proposal.id == "trial-l1" && proposal.learning == "trial-l1")
      let launch = try launchID("trial")
      #expect(proposal.launches == [launch] && proposal.proposedBy == "petra")
      #expect(proposal.changes == ["tier 2 adoption: target - → >= 30%"])
      let adoption = try await metrics.call(MetricsRoutes.adoptDefaults, AdoptMetricDefaults(proposal: "trial-l1"))
      #expect(adoption.documentVersion == 2)
      let announced = try await metrics.announced(Announcements.metricDefaultsAdopted)
      #expect(announced.map(\.learning) == ["trial-l1"])
    }
  }

  @Test("A learning about another document does not become a proposal")
  func others() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      try await Self.propose(metrics, target: "policy")
      #expect(try await metrics.call(MetricsRoutes.showDefaults, VersionReference()).proposals.isEmpty)
    }
  }

  @Test("A check shows what a file changes, refuses one that cannot be proposed, and stores nothing")
  func check() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let check = try await metrics.call(MetricsRoutes.checkDefaults, CheckMetricDefaults(document: Self.defaults))
      #expect(check.baseVersion == 1 && check.changes == ["tier 2 adoption: target - → >= 30%"])
      let faulty: JSONValue = ["tiers": ["2": ["adoption": ["target": "30"]]]]
      let problem = await #expect(throws: Problem.self) {
        try await metrics.call(MetricsRoutes.checkDefaults, CheckMetricDefaults(document: faulty))
      }
      #expect(problem?.errors.map(\.pointer) == ["/tiers/2/adoption/target"])
      await expectProblem("nothing-changes") {
        try await metrics.call(MetricsRoutes.checkDefaults, CheckMetricDefaults(document: ["tiers": [:]]))
      }
      #expect(try await metrics.call(MetricsRoutes.showDefaults, VersionReference()).proposals.isEmpty)
    }
  }
}
