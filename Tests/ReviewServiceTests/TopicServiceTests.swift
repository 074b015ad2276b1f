import Contract
import JSON
import LaunchModel
import Messaging
import ReviewService
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Topics of a launch's tickets")
struct TopicServiceTests {
  @Test("Tickets by feature and by tag are grouped by content, with their trend, accounts and texts")
  func groups() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-05T12:00:00Z")
      try await TicketTexts.open(harness, "a", TicketTexts.activation)
      try await TicketTexts.open(
        harness, "p", TicketTexts.passwords, at: "2027-03-04T15:00:00Z", attributedBy: ["tags": ["routing", "login"]])
      try await TicketTexts.open(harness, "e", TicketTexts.exports.prefix(6))
      try await TicketTexts.open(harness, "o", TicketTexts.others)
      // Neither of the launch's feature nor opened after its exposure.
      try await TicketTexts.open(harness, "x", TicketTexts.exports.suffix(1), attributedBy: ["feature": "billing"])
      try await TicketTexts.open(harness, "y", TicketTexts.exports.suffix(1), at: "2027-03-02T10:00:00Z")
      try await harness.sweep()
      let view = try await TicketTexts.topics(harness)
      #expect(view.count == 28)
      #expect(view.notes == [])
      var found: Set<Character> = []
      for topic in view.topics {
        let groups = try view.groups(of: topic)
        #expect(groups.count == 1, "\(topic.label) mixes \(groups)")
        #expect(groups.values.reduce(0, +) == topic.count)
        found.formUnion(groups.keys)
      }
      #expect(found.isSuperset(of: ["a", "p", "e"]))
      #expect(view.topics.map(\.count) == view.topics.map(\.count).sorted(by: >))
      #expect(view.outside == view.assignments?.count { $0 == nil })
      let passwords = try #require(try view.topics.first { try view.groups(of: $0).keys.contains("p") })
      #expect(passwords.byDay == [0, 0, passwords.count], "70 hours after exposure the third day has begun")
      #expect(passwords.accounts == 4)
      #expect(passwords.label.lowercased().contains("reset"), "\(passwords.label)")
      let example = try #require(passwords.examples.first)
      #expect(TicketTexts.passwords.contains(example))
      #expect(passwords.exampleTickets.count == passwords.examples.count)
    }
  }

  @Test("The list of assignments can be omitted")
  func withoutAssignments() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-05T12:00:00Z")
      try await TicketTexts.open(harness, "o", TicketTexts.others)
      try await harness.sweep()
      let request = TopicsRequest(launch: try ReviewStage.id(), assignments: false)
      let view = try await harness.call(ReviewRoutes.topics, request, as: "priya")
      #expect(view.tickets == nil && view.assignments == nil)
      #expect(view.count == 2)
    }
  }

  @Test("Without metrics, tickets are attributed by the feature alone, and the answer says so")
  func withoutMetrics() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-05T12:00:00Z")
      try await TicketTexts.open(harness, "f", TicketTexts.others.prefix(1))
      try await TicketTexts.open(harness, "t", TicketTexts.others.suffix(1), attributedBy: ["tags": ["routing"]])
      try await harness.sweep()
      #expect(try await TicketTexts.topics(harness).tickets == ["f-0", "t-0"])
      harness.peers.removeAnswer(MetricsRoutes.showPlan)
      let view = try await TicketTexts.topics(harness)
      #expect(view.tickets == ["f-0"])
      #expect(view.notes.first?.contains("by the feature alone") == true)
    }
  }

  @Test("For a ticket opened twice, the text with the later occurrence counts, whichever arrived last")
  func latestText() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-05T12:00:00Z")
      for (id, time, text) in [
        ("1", "2027-03-04T10:00:00Z", "the later text"), ("2", "2027-03-03T10:00:00Z", "the earlier text"),
      ] {
        try await ReviewStage.signal(
          harness, .ticketOpened, id, at: time,
          ["ticket": "T-1", "account": "acme", "feature": "smart-routing", "body": .string(text)])
        try await harness.sweep()
      }
      let rows = try await harness.environment.database.read {
        try $0.query("SELECT name, title, body, text FROM signal_texts")
      }
      #expect(rows.count == 1)
      #expect(try rows[0].text("text").contains("later"))
      #expect(try rows[0].optionalText("body") == nil, "the body is not kept once it was read")
    }
  }

  @Test("Texts not stored by older versions are read from the log; until then the agenda is incomplete")
  func earlierLog() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-03-05T12:00:00Z")
      try await TicketTexts.open(harness, "a", TicketTexts.activation.prefix(5))
      // As an earlier version left its store.
      try await harness.environment.database.write { db in
        try db.execute("DELETE FROM signal_texts")
        try db.execute("DELETE FROM text_backfill")
      }
      let problem = await #expect(throws: Problem.self) { try await TicketTexts.topics(harness) }
      #expect(problem?.code == "texts-unread")
      let agenda = try await harness.call(
        ReviewRoutes.agenda, ReviewReference(launch: try ReviewStage.id()), as: "priya")
      #expect(agenda.missing.contains { $0.hasPrefix("topics: ") })
      try await harness.sweep()
      let view = try await TicketTexts.topics(harness)
      #expect(view.topics.count == 1 && view.outside <= 1, "\(view.topics)")
    }
  }

  @Test(
    "Topics are review points, answered by an article or else a gap; outcomes survive late tickets"
  )
  func points() async throws {
    try await ReviewStage.run { harness in
      try await TicketTexts.ship(harness, now: "2027-04-01T14:00:00Z")
      try await TicketTexts.open(harness, "a", TicketTexts.activation.prefix(7))
      try await TicketTexts.open(harness, "e", TicketTexts.exports.prefix(5))
      try await ReviewStage.signal(
        harness, .articlePublished, "kb", at: "2027-03-01T10:00:00Z",
        [
          "article": "switch-it-on", "locale": "en", "feature": "smart-routing",
          "title": "How to turn smart routing on",
          "body": "Open the settings and use the switch to turn smart routing on.",
        ])
      try await harness.sweep()
      let reference = ReviewReference(launch: try ReviewStage.id())
      let agenda = try await harness.call(ReviewRoutes.agenda, reference, as: "priya")
      #expect(agenda.missing == [])
      #expect(agenda.topics.count == 2 && agenda.tickets == 12)
      #expect(agenda.topics.map(\.articleMatch) == ["switch-it-on", nil])
      #expect(agenda.knowledgeGaps.map(\.kind) == ["topic-without-article"])
      let topic = try #require(agenda.topics.first)
      _ = try await harness.call(
        ReviewRoutes.note, NoteOutcome(launch: reference.launch, point: topic.id, text: "moved up"), as: "priya")
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.close, CloseReview(launch: reference.launch), as: "dana")
      }
      let open = agenda.topics.dropFirst().map { "/outcomes/" + $0.id.replacing("/", with: "~1") }
      #expect(
        problem.map { Set($0.errors.map(\.pointer)) }
          == Set(open + agenda.customers.map { "/outcomes/customer~1\($0.account)" }))
      try await TicketTexts.open(harness, "late", TicketTexts.activation.suffix(3), at: "2027-03-20T10:00:00Z")
      try await harness.sweep()
      let later = try await harness.call(ReviewRoutes.agenda, reference, as: "priya").topics
      #expect(later.first?.count ?? 0 > topic.count)
      #expect(later.first?.id == topic.id && later.first?.label == topic.label)
      #expect(later.first?.outcome == "moved up")
      // The topic without an article is one point, which its gap's id names too.
      let gap = try #require(agenda.knowledgeGaps.first)
      let noted = try await harness.call(
        ReviewRoutes.note, NoteOutcome(launch: reference.launch, point: gap.id, text: "to be written"), as: "priya")
      #expect(gap.topic.flatMap { noted.outcomes[$0] } == "to be written")
    }
  }
}
