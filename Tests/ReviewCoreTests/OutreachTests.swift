import Contract
import LaunchModel
import Testing

@testable import ReviewCore

@Suite("Customers to call")
struct OutreachTests {
  private func sources() throws -> AgendaSources {
    try Fixture.sources(
      signals: CustomerSignals(
        tickets: [try Fixture.ticket("T-1", at: "2027-03-03T10:00:00Z", account: "acme")],
        escalations: [
          Escalation(
            ticket: "T-1", place: try Fixture.place("2027-03-04T10:00:00Z", 9), level: "2", reason: "lost data")
        ]))
  }

  private func action(
    _ id: String, _ state: ActionView.State, owner: PersonID?, outcome: String? = nil, point: String = "customer/acme"
  ) throws -> ActionView {
    ActionView(
      id: id, launch: try #require(LaunchID("smart-routing")), attempt: 1, text: "Call Acme", owner: owner, due: nil,
      state: state, overdue: false, point: point, outcome: outcome)
  }

  @Test(
    "A point is decided by a completed action, or else an owned one, or else a dropped one",
    arguments: [
      ([], nil), (["open"], nil), (["open priya"], "action a0 (priya): Call Acme"),
      (["done priya"], "action a0 (priya, done): agreed"), (["dropped"], "action a0 (dropped): agreed"),
      (["dropped priya", "open omar"], "action a1 (omar): Call Acme"),
      (["dropped priya", "dropped omar"], "action a1 (omar, dropped): agreed"),
      (["open priya", "done omar"], "action a1 (omar, done): agreed"),
    ] as [([String], String?)])
  func outcome(of actions: [String], expected: String?) throws {
    var sources = try sources()
    sources.outcomes = ["customer/acme": "talked through"]
    sources.actions = try actions.enumerated().map { number, words in
      let words = words.split(separator: " ").map(String.init)
      let state = try #require(ActionView.State(rawValue: words[0]))
      return try action(
        "a\(number)", state, owner: words.count > 1 ? words[1] : nil, outcome: state == .open ? nil : "agreed")
    }
    let customer = try #require(try Agenda(sources).view.customers.first)
    #expect(customer.outcome == expected)
    let id = expected.map { $0.split(separator: " ")[1] }
    #expect(customer.action == id.map(String.init))
  }

  @Test(
    "The outcome of an action created from the reasons does not repeat them",
    arguments: [
      ("acme", "Call acme: ticket T-1 was escalated", nil, "to be called"),
      ("acme", "Call acme: ticket T-1 was escalated", "2027-04-09", "to be called by 2027-04-09"),
      ("acme: north", "Call acme: north: opened 3 tickets", nil, "to be called"),
      ("acme", "Call acme and offer a refund", nil, "Call acme and offer a refund"),
      ("acme", "Call globex: they know", nil, "Call globex: they know"),
    ] as [(String, String, String?, String)])
  func reasons(account: String, text: String, due: String?, expected: String) throws {
    let action = ActionView(
      id: "a1", launch: try #require(LaunchID("smart-routing")), attempt: 1, text: text, owner: "priya",
      due: try due.map { try Fixture.date($0) }, state: .open, overdue: false, point: PointID.customer(account))
    #expect(Outreach.outcome(by: action) == "action a1 (priya): \(expected)")
  }

  @Test("An action to call a merged account counts for the account that replaced it")
  func merged() throws {
    var sources = try sources()
    sources.signals.accounts = [
      AccountChange(
        account: "acme", state: .merged, mergedInto: "acme-group", place: try Fixture.place("2027-03-20T10:00:00Z", 10)),
      AccountChange(
        account: "acme-group", state: .merged, mergedInto: "acme-holding",
        place: try Fixture.place("2027-03-21T10:00:00Z", 11)),
    ]
    sources.actions = [try action("a1", .open, owner: "priya")]
    let customers = try Agenda(sources).view.customers
    #expect(customers.map(\.id) == ["customer/acme-holding"])
    #expect(customers.map(\.action) == ["a1"])
  }

  @Test("Only a customer without open action or outcome must still be called; the text gives the reasons")
  func uncalled() throws {
    var sources = try sources()
    let open = try action("a1", .open, owner: nil)
    let other = try action("a2", .open, owner: "priya", point: "escalation/T-1")
    let dropped = try action("a3", .dropped, owner: nil, outcome: "left us")
    let agenda = try Agenda(sources).view
    let texts = Outreach.uncalled(agenda, actions: [other]).map { Outreach.text(for: $0) }
    #expect(texts == ["Call acme: ticket T-1 was escalated to 2: lost data"])
    #expect(Outreach.uncalled(agenda, actions: [open]) == [])
    sources.actions = [dropped]
    #expect(Outreach.uncalled(try Agenda(sources).view, actions: [dropped]) == [])
  }

  @Test(
    "An action for a customer is outreach; any other action is a follow-up",
    arguments: [
      ("customer/acme", .outreach), ("escalation/T-1", .followUp), ("customers", .followUp), (nil, .followUp),
    ] as [(String?, ActionView.Kind)])
  func kinds(point: String?, kind: ActionView.Kind) {
    #expect(Outreach.kind(ofActionFor: point) == kind)
  }
}
