import Contract
import LaunchModel
import Messaging
import ReviewService
import TestSupport
import Testing

@Suite("Drafts of explanations in a review")
struct ReviewDraftTests {
  private static let draft = "adoption is 5 points below its target of 30%. By segment: enterprise −5"

  /// An open review with a missed metric, whose gap the metrics service explains.
  private func withOpenReview(_ body: @Sendable (Harness) async throws -> Void) async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      ReviewStage.answer(
        harness,
        metrics: [
          MetricView(key: "adoption", kind: "adoption", verdict: .missed, value: 0.25, target: ">= 30%"),
          MetricView(key: "kb", kind: "articles", verdict: .met, value: 0.9, target: ">= 70% helpful"),
        ], items: [])
      harness.peers.answer(MetricsRoutes.gap) { request in
        GapView(
          launch: request.launch, attempt: request.attempt, key: request.key, kind: "adoption",
          asOf: Timestamp(microseconds: 0), verdict: .missed, unit: .share, value: 0.25, comparedWith: .target,
          reference: 0.3,
          dimensions: [.init(kind: .segment, parts: [.init(label: "enterprise", contribution: -0.05)])])
      }
      try await body(harness)
    }
  }

  private func agenda(_ harness: Harness) async throws -> AgendaView {
    try await harness.call(ReviewRoutes.agenda, ReviewReference(launch: try ReviewStage.id()), as: "priya")
  }

  private func explain(_ harness: Harness, _ text: String) async throws {
    try await harness.call(
      ReviewRoutes.explain, ExplainMetric(launch: try ReviewStage.id(), metric: "adoption", text: text), as: "priya")
  }

  private func close(_ harness: Harness) async throws -> ReviewView {
    try await harness.call(ReviewRoutes.close, CloseReview(launch: try ReviewStage.id()), as: "dana")
  }

  @Test("A missed metric has a draft, which counts only once a person has accepted it")
  func accepted() async throws {
    try await withOpenReview { harness in
      #expect(try await agenda(harness).metrics.map(\.draft) == [Self.draft, nil])
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.errors.map(\.pointer) == ["/metrics/0/explanation"])
      try await explain(harness, Self.draft)
      let metric = try #require(try await agenda(harness).metrics.first)
      #expect(metric.explanation == Self.draft && metric.draft == nil)
      #expect(try await close(harness).state == .closed)
    }
  }

  @Test("A draft that cannot be made is reported, and neither opening nor closing waits for it")
  func unreachable() async throws {
    try await withOpenReview { harness in
      harness.peers.removeAnswer(MetricsRoutes.gap)
      let agenda = try await agenda(harness)
      #expect(agenda.state == .open)
      #expect(agenda.metrics.map(\.draft) == [nil, nil])
      #expect(agenda.missing.first?.hasPrefix("draft explanation of adoption: ") == true)
      try await explain(harness, "the email was late")
      #expect(try await close(harness).state == .closed)
    }
  }
}
