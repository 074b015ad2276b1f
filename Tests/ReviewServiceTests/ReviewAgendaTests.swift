import JSON
import Contract
import LaunchModel
import Messaging
import ReviewService
import TestSupport
import Testing

@Suite("Assembling the agenda on request")
struct ReviewAgendaTests {
  private func agenda(_ harness: Harness) async throws -> AgendaView {
    try await harness.call(ReviewRoutes.agenda, ReviewReference(launch: try ReviewStage.id()), as: "priya")
  }

  @Test("An announcement about a malformed launch id is malformed data")
  func malformedLaunch() async throws {
    try await ReviewStage.run { harness in
      let attempt = ExposureAttempt(attempt: 1, startedAt: try ReviewStage.time("2027-03-02T14:00:00Z"))
      let error = await #expect(throws: EventError.self) {
        try await ReviewStage.expose(harness, "No Launch", attempts: [attempt])
      }
      #expect(error?.code == "malformed-data")
    }
  }

  @Test("The agenda joins verdicts, signals and the readiness timeline")
  func whole() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record())
      try await harness.receive(
        Announcements.checklistItem, from: .checklist, launch: ReviewStage.launch,
        ItemChanged(item: "qa", instance: nil, from: .open, to: .done, action: "done"))
      try await harness.receive(
        Announcements.decisionMade, from: .checklist, launch: ReviewStage.launch, by: "dana", reason: "good enough",
        DecisionAnnounced(decision: .go, digest: "d", override: true))
      try await harness.receive(
        Announcements.decisionStale, from: .checklist, launch: ReviewStage.launch,
        DecisionAnnounced(decision: .go, digest: "d", override: true, reasons: ["qa was reopened"]))
      try await ReviewStage.expose(
        harness, attempts: [ExposureAttempt(attempt: 1, startedAt: try ReviewStage.time("2027-03-02T14:00:00Z"))],
        violations: ["exposed without a GO in force"])
      harness.clock.set(try ReviewStage.time("2027-03-08T12:00:00Z"))
      try await ReviewStage.signal(
        harness, .ticketOpened, "1", at: "2027-03-03T10:00:00Z",
        ["ticket": "T-1", "account": "acme", "tags": ["smart-routing"]])
      try await ReviewStage.signal(
        harness, .ticketEscalated, "2", at: "2027-03-04T10:00:00Z", ["ticket": "T-1", "level": "2"])
      try await ReviewStage.signal(
        harness, .articleRated, "3", at: "2027-03-05T10:00:00Z", ["article": "intro", "rating": "down", "voter": "u1"])
      ReviewStage.answer(
        harness,
        metrics: [MetricView(key: "adoption", kind: "adoption", verdict: .missed, value: 0.25, target: ">= 30%")],
        items: [
          ItemView(
            key: "qa", section: "Product readiness", function: .engineering, title: "QA-tested", state: .done,
            gate: .blocking, due: try ReviewStage.date("2027-01-14"), overdue: false, why: "", version: 2)
        ], articles: ["intro"])
      let agenda = try await agenda(harness)
      #expect(agenda.metrics.map(\.metric.verdict) == [.missed])
      #expect(agenda.escalations.map(\.account) == ["acme"])
      #expect(agenda.customers.map(\.account) == ["acme"])
      #expect(agenda.knowledgeGaps.map(\.id) == ["article/intro"])
      #expect(agenda.readiness.map(\.id) == ["late/qa", "override/1", "stale/1", "violation/1"])
      #expect(agenda.missing == [])
      #expect(agenda.topics == [] && agenda.tickets == 1, "the ticket has no text")
    }
  }

  @Test("Unreachable sources are named, and the rest is shown")
  func unreachable() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      harness.peers.removeAnswer(ChecklistRoutes.items)
      let agenda = try await agenda(harness)
      #expect(agenda.missing.first?.hasPrefix("readiness: ") == true)
      #expect(agenda.missing.count == 1)
      #expect(agenda.state == .open)
    }
  }

  @Test("A merged ticket is listed as its successor, regardless of arrival order")
  func merged() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      try await ReviewStage.signal(
        harness, .ticketUpdated, "1", at: "2027-03-04T10:00:00Z", ["ticket": "T-2", "mergedInto": "T-1"])
      try await ReviewStage.signal(
        harness, .ticketOpened, "2", at: "2027-03-03T10:00:00Z", ["ticket": "T-2", "account": "acme"])
      try await ReviewStage.signal(
        harness, .ticketOpened, "3", at: "2027-03-03T11:00:00Z",
        ["ticket": "T-1", "account": "acme", "feature": "smart-routing"])
      try await ReviewStage.signal(harness, .ticketEscalated, "4", at: "2027-03-05T10:00:00Z", ["ticket": "T-2"])
      #expect(try await agenda(harness).escalations.map(\.ticket) == ["T-1"])
    }
  }

  @Test("A malformed signal is rejected")
  func malformed() async throws {
    try await ReviewStage.run { harness in
      await #expect(throws: EventError.self) {
        try await ReviewStage.signal(harness, .ticketOpened, "1", at: "2027-01-15T10:00:00Z", ["ticket": "T-1"])
      }
    }
  }
}
