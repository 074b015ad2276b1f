import Digests
import JSON
import Contract
import LaunchModel
import ReviewService
import TestSupport
import Testing

@Suite("Closing a review without a part of its agenda")
struct ClosingOmissionTests {
  /// An open review that lacks only the parts from the metrics service.
  private func withoutMetrics(_ body: @Sendable (Harness) async throws -> Void) async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      harness.peers.removeAnswer(MetricsRoutes.verdicts)
      harness.peers.removeAnswer(MetricsRoutes.showPlan)
      try await body(harness)
    }
  }

  private func close(
    _ harness: Harness, without parts: [AgendaPart]?, reason: String?, as person: PersonID = "dana"
  ) async throws -> ReviewView {
    let closing = CloseReview(launch: try ReviewStage.id(), without: parts, reason: reason)
    return try await harness.call(ReviewRoutes.close, closing, as: person)
  }

  @Test("Product Ops closes without missing parts; the reason is in agenda, digest and announcement")
  func closed() async throws {
    try await withoutMetrics { harness in
      let review = try await close(harness, without: [.plan, .metrics], reason: " the host was lost ")
      let omission = ClosingOmission(parts: [.metrics, .plan], reason: "the host was lost")
      #expect(review.closedWithout == omission)
      let reference = ReviewReference(launch: try ReviewStage.id())
      let agenda = try await harness.result(ReviewRoutes.agenda, reference, as: "omar")
      #expect(agenda["closedWithout"]?["reason"] == "the host was lost")
      let missing = agenda["missing"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(missing.prefix(2).map { $0.split(separator: ":")[0] } == ["metrics", "plan"])
      let digest = SHA256Digest.hex(ofCanonical: agenda)
      #expect(review.digest == digest)
      let announced = try await harness.announced(Announcements.reviewClosed)
      #expect(announced == [ReviewAnnounced(attempt: 1, digest: digest, closedWithout: omission)])
      #expect(try await harness.call(ReviewRoutes.show, reference, as: "omar").closedWithout == omission)
    }
  }

  @Test("Each missing part must be named; a refusal lists the others, and a command with all of them")
  func partly() async throws {
    try await withoutMetrics { harness in
      let problem = await #expect(throws: Problem.self) {
        try await close(harness, without: [.metrics], reason: "the host was lost")
      }
      #expect(problem?.code == "agenda-incomplete")
      #expect(problem?.errors.count == 1)
      #expect(problem?.errors.first?.detail.hasPrefix("could not assemble plan: ") == true)
      let command = "gonogo review close smart-routing --without metrics --without plan --reason TEXT"
      #expect(problem?.detail.hasSuffix(command) == true)
      let review = try await harness.call(
        ReviewRoutes.show, ReviewReference(launch: try ReviewStage.id()), as: "dana")
      #expect(review.state == .open)
    }
  }

  @Test("The available parts still need their outcomes")
  func open() async throws {
    try await withoutMetrics { harness in
      // Not a customer to call.
      try await ReviewStage.signal(
        harness, .accountChanged, "tester", at: "2027-03-02T10:00:00Z", ["account": "tester", "state": "internal"])
      try await ReviewStage.signal(
        harness, .ticketOpened, "1", at: "2027-03-03T10:00:00Z",
        ["ticket": "T-1", "account": "tester", "feature": "smart-routing"])
      try await ReviewStage.signal(harness, .ticketEscalated, "2", at: "2027-03-04T10:00:00Z", ["ticket": "T-1"])
      let problem = await #expect(throws: Problem.self) {
        try await close(harness, without: [.metrics, .plan], reason: "the host was lost")
      }
      #expect(problem?.code == "review-not-ready")
      #expect(problem?.errors.map(\.pointer) == ["/outcomes/escalation~1T-1"])
    }
  }

  @Test(
    "A part or reason alone, a part that is not missing, and other callers are refused",
    arguments: [
      ([.metrics, .plan], nil, "dana", "text-missing"), ([.metrics, .plan], "  ", "dana", "text-missing"),
      (nil, "the host was lost", "dana", "part-missing"), ([], "the host was lost", "dana", "part-missing"),
      ([.metrics, .plan, .readiness], "the host was lost", "dana", "part-available"),
      ([.metrics, .plan], "the host was lost", "ibrahim", "forbidden"),
    ] as [([AgendaPart]?, String?, PersonID, String)])
  func refused(parts: [AgendaPart]?, reason: String?, person: PersonID, code: String) async throws {
    try await withoutMetrics { harness in
      let problem = await #expect(throws: Problem.self) {
        try await close(harness, without: parts, reason: reason, as: person)
      }
      #expect(problem?.code == code)
      let closed = try await harness.announced(Announcements.reviewClosed)
      #expect(closed.isEmpty)
    }
  }
}
