import Digests
import JSON
import Contract
import LaunchModel
import ReviewService
import TestSupport
import Testing

@Suite("Closing a review")
struct ReviewClosingTests {
  private static let missed = MetricView(
    key: "adoption", kind: "adoption", verdict: .missed, value: 0.25, target: ">= 30%")

  /// An open review with a missed metric and an escalated ticket of a customer.
  private func withOpenReview(_ body: @Sendable (Harness) async throws -> Void) async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      ReviewStage.answer(harness, metrics: [Self.missed], items: [])
      try await ReviewStage.signal(
        harness, .ticketOpened, "1", at: "2027-03-03T10:00:00Z",
        ["ticket": "T-1", "account": "acme", "feature": "smart-routing"])
      try await ReviewStage.signal(harness, .ticketEscalated, "2", at: "2027-03-04T10:00:00Z", ["ticket": "T-1"])
      try await body(harness)
    }
  }

  private func close(_ harness: Harness, as person: PersonID = "dana") async throws -> ReviewView {
    try await harness.call(ReviewRoutes.close, CloseReview(launch: try ReviewStage.id()), as: person)
  }

  private func answerEverything(_ harness: Harness) async throws {
    let launch = try ReviewStage.id()
    try await harness.call(
      ReviewRoutes.explain, ExplainMetric(launch: launch, metric: "adoption", text: " late email "), as: "ibrahim")
    try await harness.call(
      ReviewRoutes.note, NoteOutcome(launch: launch, point: "escalation/T-1", text: "fixed in 1.2"), as: "priya")
    try await harness.call(
      ReviewRoutes.addAction,
      AddAction(launch: launch, text: "Call Acme", owner: "priya", point: "customer/acme"), as: "priya")
  }

  @Test("All missing answers are reported at once, and nothing is stored")
  func refused() async throws {
    try await withOpenReview { harness in
      try await harness.call(
        ReviewRoutes.addAction, AddAction(launch: try ReviewStage.id(), text: "Rewrite the email"), as: "dana")
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.kind == .conflict)
      #expect(problem?.code == "review-not-ready")
      #expect(problem?.detail == "the review of smart-routing cannot be closed yet: 4 things are missing")
      #expect(
        problem?.errors.map(\.pointer) == [
          "/metrics/0/explanation", "/outcomes/escalation~1T-1", "/outcomes/customer~1acme", "/actions/0/owner",
        ])
      let review = try await harness.call(
        ReviewRoutes.show, ReviewReference(launch: try ReviewStage.id()), as: "dana")
      #expect(review.state == .open)
    }
  }

  @Test("A closed review preserves its agenda and the digest of its canonical JSON, whatever events follow")
  func closed() async throws {
    try await withOpenReview { harness in
      try await answerEverything(harness)
      let review = try await close(harness)
      #expect(review.state == .closed)
      #expect(review.closedBy == "dana")
      #expect(review.explanations == ["adoption": "late email"])
      ReviewStage.answer(harness, metrics: [], items: [])
      harness.peers.removeAnswer(ChecklistRoutes.items)
      let agenda = try await harness.result(
        ReviewRoutes.agenda, ReviewReference(launch: try ReviewStage.id()), as: "omar")
      let digest = SHA256Digest.hex(ofCanonical: agenda)
      #expect(review.digest == digest)
      #expect(agenda["state"] == "closed")
      #expect(agenda["metrics"]?.arrayValue?.first?["explanation"] == "late email")
      #expect(try await harness.announced(Announcements.reviewClosed) == [ReviewAnnounced(attempt: 1, digest: digest)])
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.code == "review-closed")
    }
  }

  @Test("Closing requires a complete agenda")
  func incomplete() async throws {
    try await withOpenReview { harness in
      try await answerEverything(harness)
      harness.peers.removeAnswer(MetricsRoutes.verdicts)
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.kind == .unavailable)
      #expect(problem?.code == "agenda-incomplete")
      #expect(problem?.retryable == true)
      #expect(problem?.errors.map(\.pointer) == ["/missing/0"])
      #expect(problem?.detail.hasSuffix("gonogo review close smart-routing --without metrics --reason TEXT") == true)
    }
  }

  @Test("A point that arrives after everything was answered keeps the review open until it has an outcome")
  func lateSignal() async throws {
    try await withOpenReview { harness in
      try await answerEverything(harness)
      // Not a customer to call.
      try await ReviewStage.signal(
        harness, .accountChanged, "tester", at: "2027-03-02T10:00:00Z", ["account": "tester", "state": "internal"])
      try await ReviewStage.signal(
        harness, .ticketOpened, "3", at: "2027-03-20T10:00:00Z",
        ["ticket": "T-2", "account": "tester", "feature": "smart-routing"])
      try await ReviewStage.signal(harness, .ticketEscalated, "4", at: "2027-03-21T10:00:00Z", ["ticket": "T-2"])
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.errors.map(\.pointer) == ["/outcomes/escalation~1T-2"])
      try await harness.call(
        ReviewRoutes.note,
        NoteOutcome(launch: try ReviewStage.id(), point: "escalation/T-2", text: "fixed in 1.3"), as: "priya")
      #expect(try await close(harness).state == .closed)
    }
  }

  @Test("An action whose owner has left the roster keeps the review open")
  func ownerLeft() async throws {
    try await withOpenReview { harness in
      try await answerEverything(harness)
      var roster = ReviewStage.roster
      roster.people["priya"] = nil
      try await harness.adopt(roster, version: 2)
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.errors.map(\.pointer) == ["/actions/0/owner"])
    }
  }

  @Test("A review that is not open cannot be changed")
  func notOpen() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record())
      try await ReviewStage.expose(
        harness, attempts: [ExposureAttempt(attempt: 1, startedAt: try ReviewStage.time("2027-03-02T14:00:00Z"))])
      let problem = await #expect(throws: Problem.self) { try await close(harness) }
      #expect(problem?.code == "review-not-open")
      #expect(problem?.detail.contains("2027-04-01") == true)
    }
  }

  @Test(
    "An unknown metric or point is refused with the known ones",
    arguments: [
      ("metric", "metric-not-found", "adoption"), ("point", "point-not-found", "escalation/T-1, customer/acme"),
    ])
  func unknown(what: String, code: String, known: String) async throws {
    try await withOpenReview { harness in
      let launch = try ReviewStage.id()
      let problem = await #expect(throws: Problem.self) {
        if what == "metric" {
          try await harness.call(
            ReviewRoutes.explain, ExplainMetric(launch: launch, metric: "adption", text: "x"), as: "dana")
        } else {
          try await harness.call(
            ReviewRoutes.note, NoteOutcome(launch: launch, point: "nothing", text: "x"), as: "dana")
        }
      }
      #expect(problem?.code == code)
      #expect(problem?.detail.hasSuffix(known) == true)
    }
  }

  @Test("Participants add explanations, Product Ops closes, and others read")
  func rights() async throws {
    try await withOpenReview { harness in
      let launch = try ReviewStage.id()
      let explanation = ExplainMetric(launch: launch, metric: "adoption", text: "late email")
      let sales = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.explain, explanation, as: "omar")
      }
      #expect(sales?.kind == .forbidden)
      let engineer = await #expect(throws: Problem.self) { try await close(harness, as: "ibrahim") }
      #expect(engineer?.kind == .forbidden)
      let stranger = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.show, ReviewReference(launch: launch), as: "stranger")
      }
      #expect(stranger?.kind == .forbidden)
      #expect(try await harness.call(ReviewRoutes.explain, explanation, as: "ibrahim").explanations.count == 1)
      #expect(try await harness.call(ReviewRoutes.show, ReviewReference(launch: launch), as: "omar").state == .open)
    }
  }

  @Test("Attendance is recorded, and functions without attendees are absent")
  func attendance() async throws {
    try await withOpenReview { harness in
      let launch = try ReviewStage.id()
      let review = try await harness.call(
        ReviewRoutes.attend, Attendance(launch: launch, people: ["priya", "ibrahim"]), as: "priya")
      #expect(review.attended == ["ibrahim", "priya"])
      #expect(review.absent == [.product, .marketing, .cs])
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          ReviewRoutes.attend, Attendance(launch: launch, people: ["priya", "nobody"]), as: "dana")
      }
      #expect(problem?.errors.map(\.pointer) == ["/people/1"])
    }
  }

  @Test("A change of an outdated version conflicts")
  func versions() async throws {
    try await withOpenReview { harness in
      let launch = try ReviewStage.id()
      let seen = try await harness.call(ReviewRoutes.show, ReviewReference(launch: launch), as: "dana").version
      let explanation = ExplainMetric(launch: launch, metric: "adoption", text: "late email")
      let meta = CallMeta(expectedVersion: seen)
      try await harness.call(ReviewRoutes.explain, explanation, as: "ibrahim", meta: meta)
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.explain, explanation, as: "priya", meta: meta)
      }
      #expect(problem?.code == "version-conflict")
    }
  }
}
