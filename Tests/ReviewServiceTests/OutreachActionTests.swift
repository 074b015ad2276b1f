import Contract
import JSON
import LaunchModel
import ReviewService
import TestSupport
import Testing

@Suite("Calling customers by outreach actions")
struct OutreachActionTests {
  /// An open review of a plan that maps the tag `routing` to the feature, with two customers to call: one for an escalated ticket,
  /// one for a poor score.
  private func withCustomers(_ body: @Sendable (Harness) async throws -> Void) async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      harness.peers.answer(MetricsRoutes.showPlan) { reference in
        PlanView(
          launch: reference.launch, sealed: true,
          definition: ["feature": "smart-routing", "metrics": [["key": "tickets", "tags": ["routing"]]]])
      }
      try await ReviewStage.signal(harness, .ticketEscalated, "1", at: "2027-03-04T10:00:00Z", ["ticket": "T-1"])
      try await ReviewStage.signal(
        harness, .ticketOpened, "2", at: "2027-03-03T10:00:00Z",
        ["ticket": "T-1", "account": "acme", "tags": ["routing"]])
      try await ReviewStage.signal(
        harness, .ticketOpened, "3", at: "2027-03-03T10:00:00Z",
        ["ticket": "T-2", "account": "globex", "tags": ["routing"]])
      try await ReviewStage.signal(
        harness, .csatScored, "4", at: "2027-03-05T10:00:00Z", ["ticket": "T-2", "score": 1, "scale": "1-5"])
      try await ReviewStage.signal(
        harness, .ticketOpened, "5", at: "2027-03-03T10:00:00Z",
        ["ticket": "T-3", "account": "initech", "tags": ["billing"]])
      try await ReviewStage.signal(harness, .ticketEscalated, "6", at: "2027-03-04T10:00:00Z", ["ticket": "T-3"])
      try await body(harness)
    }
  }

  private func outreach(_ harness: Harness, owner: PersonID? = "priya") async throws -> [ActionView] {
    try await harness.call(
      ReviewRoutes.addOutreach, AddOutreach(launch: try ReviewStage.id(), owner: owner), as: "dana"
    ).actions
  }

  private func customers(_ harness: Harness) async throws -> [AgendaView.CustomerPoint] {
    try await harness.call(ReviewRoutes.agenda, ReviewReference(launch: try ReviewStage.id()), as: "dana").customers
  }

  @Test("Escalations and customers are found by the plan's tags, even if their signals came after day 30")
  func tags() async throws {
    try await withCustomers { harness in
      let agenda = try await harness.call(
        ReviewRoutes.agenda, ReviewReference(launch: try ReviewStage.id()), as: "dana")
      #expect(agenda.escalations.map(\.ticket) == ["T-1"])
      #expect(agenda.customers.map(\.id) == ["customer/acme", "customer/globex"])
      #expect(agenda.customers.map(\.reasons) == [["ticket T-1 was escalated"], ["rated ticket T-2 1 of 5"]])
    }
  }

  @Test("A note about a customer is refused with the command to use, and nothing is stored")
  func note() async throws {
    try await withCustomers { harness in
      let launch = try ReviewStage.id()
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          ReviewRoutes.note, NoteOutcome(launch: launch, point: "customer/acme", text: "called"), as: "priya")
      }
      #expect(problem?.code == "outreach-needed")
      #expect(problem?.errors.map(\.pointer) == ["/point"])
      #expect(problem?.detail.contains("gonogo review action add smart-routing TEXT --point customer/acme") == true)
      #expect(try await harness.call(ReviewRoutes.show, ReviewReference(launch: launch), as: "dana").outcomes == [:])
    }
  }

  @Test("One call adds an action for each customer without one, and a second call adds none")
  func all() async throws {
    try await withCustomers { harness in
      let launch = try ReviewStage.id()
      let own = AddAction(launch: launch, text: "Visit Globex", owner: "ibrahim", point: "customer/globex")
      let visit = try await harness.call(ReviewRoutes.addAction, own, as: "dana")
      #expect(visit.kind == .outreach)
      let added = try await outreach(harness)
      #expect(added.map(\.text) == ["Call acme: ticket T-1 was escalated"])
      #expect(added.map(\.point) == ["customer/acme"])
      #expect(added.map(\.kind) == [.outreach])
      #expect(try await outreach(harness) == [])
      #expect(try await harness.announced(Announcements.actionAdded).map(\.kind) == [.outreach, .outreach])
      #expect(
        try await customers(harness).map(\.outcome) == [
          "action smart-routing-a2 (priya): to be called",
          "action smart-routing-a1 (ibrahim): Visit Globex",
        ])
    }
  }

  @Test("Nothing is added for an owner who is not on the roster, or by somebody who is not invited")
  func refused() async throws {
    try await withCustomers { harness in
      let unknown = await #expect(throws: Problem.self) { try await outreach(harness, owner: "nobody") }
      #expect(unknown?.errors.map(\.pointer) == ["/owner"])
      let launch = try ReviewStage.id()
      let sales = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.addOutreach, AddOutreach(launch: launch, owner: "omar"), as: "omar")
      }
      #expect(sales?.kind == .forbidden)
      #expect(try await harness.announced(Announcements.actionAdded).isEmpty)
    }
  }

  @Test("An owner completes a call with its outcome; only Product Ops decides, with a reason, to call nobody")
  func ends() async throws {
    try await withCustomers { harness in
      let actions = try await outreach(harness, owner: nil)
      #expect(try await customers(harness).map(\.outcome) == [nil, nil])
      let called = ActionReference(action: actions[0].id, outcome: "called, agreed on a fix")
      let unowned = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.finishAction, called, as: "priya")
      }
      #expect(unowned?.code == "owner-missing")
      try await harness.call(
        ReviewRoutes.assignAction, AssignAction(action: actions[0].id, owner: "priya"), as: "dana")
      try await harness.call(ReviewRoutes.finishAction, called, as: "priya")
      let left = ActionReference(action: actions[1].id, outcome: "they left us")
      let participant = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.dropAction, left, as: "priya")
      }
      #expect(participant?.kind == .forbidden)
      try await harness.call(ReviewRoutes.dropAction, left, as: "dana")
      #expect(
        try await customers(harness).map(\.outcome) == [
          "action smart-routing-a1 (priya, done): called, agreed on a fix",
          "action smart-routing-a2 (dropped): they left us",
        ])
      let launch = try ReviewStage.id()
      try await harness.call(
        ReviewRoutes.note, NoteOutcome(launch: launch, point: "escalation/T-1", text: "fixed"), as: "priya")
      #expect(try await harness.call(ReviewRoutes.close, CloseReview(launch: launch), as: "dana").state == .closed)
    }
  }

  @Test("Until each customer has an action with an owner, the review stays open")
  func closing() async throws {
    try await withCustomers { harness in
      let launch = try ReviewStage.id()
      try await harness.call(
        ReviewRoutes.note, NoteOutcome(launch: launch, point: "escalation/T-1", text: "fixed"), as: "priya")
      let without = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.close, CloseReview(launch: launch), as: "dana")
      }
      #expect(without?.errors.map(\.pointer) == ["/outcomes/customer~1acme", "/outcomes/customer~1globex"])
      _ = try await outreach(harness, owner: nil)
      let unowned = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.close, CloseReview(launch: launch), as: "dana")
      }
      #expect(unowned?.errors.map(\.pointer) == ["/actions/0/owner", "/actions/1/owner"])
    }
  }
}
