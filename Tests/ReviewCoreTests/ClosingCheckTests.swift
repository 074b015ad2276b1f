import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Requirements for closing a review")
struct ClosingCheckTests {
  private func sources() throws -> AgendaSources {
    try Fixture.sources(
      signals: CustomerSignals(
        tickets: [try Fixture.ticket("T-1", at: "2027-03-03T10:00:00Z", account: "acme")],
        escalations: [Escalation(ticket: "T-1", place: try Fixture.place("2027-03-04T10:00:00Z", 9))]),
      metrics: [
        MetricView(key: "adoption", kind: "adoption", verdict: .missed, value: 0.25, target: ">= 30%"),
        MetricView(key: "tickets", kind: "tickets", verdict: .met, value: 100, target: "<= 120"),
        MetricView(key: "csat", kind: "csat", verdict: .inconclusive),
      ])
  }

  private func action(_ id: String, owner: String?, point: String? = nil, state: ActionView.State = .open) throws
    -> ActionView
  {
    ActionView(
      id: id, launch: try #require(LaunchID("smart-routing")), attempt: 1, text: "Call Acme", owner: owner, due: nil,
      state: state, overdue: false, point: point)
  }

  @Test("All missing answers are named at once")
  func allReasons() throws {
    let agenda = try Agenda(try sources()).view
    let reasons = ClosingCheck.reasons(
      agenda: agenda, actions: [try action("a1", owner: nil), try action("a2", owner: nil, state: .dropped)])
    #expect(
      reasons.map(\.pointer) == [
        "/metrics/0/explanation", "/outcomes/escalation~1T-1", "/outcomes/customer~1acme", "/actions/0/owner",
      ])
    #expect(
      reasons.map(\.detail) == [
        "the metric adoption was missed and has no explanation: gonogo review explain smart-routing adoption TEXT",
        "the point escalation/T-1 has no outcome (escalated ticket T-1): "
          + "gonogo review note smart-routing escalation/T-1 TEXT",
        "the point customer/acme has no outcome (customer acme): "
          + "gonogo review action outreach smart-routing --owner PERSON",
        "the action a1 has no owner (Call Acme): gonogo review action assign a1 --owner PERSON",
      ])
  }

  @Test("A command names the attempt if the caller did, and quotes special characters for the shell")
  func commands() throws {
    var agenda = try Agenda(try Fixture.sources()).view
    agenda.escalations = [
      AgendaView.EscalationPoint(
        id: "escalation/it's;$HOME", ticket: "it's;$HOME", account: nil, level: nil, reason: nil,
        at: try Fixture.time("2027-03-04T10:00:00Z"))
    ]
    let reason = try #require(ClosingCheck.reasons(agenda: agenda, actions: [], attempt: 1).first)
    let command = #"gonogo review note smart-routing 'escalation/it'\''s;$HOME' TEXT --attempt 1"#
    #expect(reason.detail.hasSuffix(command))
    let closing = ReviewCommands(launch: agenda.launch, attempt: 2).close(without: [.metrics, .plan])
    #expect(closing == "gonogo review close smart-routing --attempt 2 --without metrics --without plan --reason TEXT")
  }

  @Test("An open action's owner must be on the roster; without a roster, names are accepted as given")
  func owners() throws {
    let agenda = try Agenda(try Fixture.sources()).view
    let actions = [
      try action("a1", owner: "priya"), try action("a2", owner: "gone"), try action("a3", owner: "gone", state: .done),
    ]
    let roster = Roster(people: ["priya": Person(name: "Priya Nair")])
    let reasons = ClosingCheck.reasons(agenda: agenda, actions: actions, roster: roster)
    #expect(reasons.map(\.pointer) == ["/actions/1/owner"])
    #expect(reasons.first?.detail.hasPrefix("the action a2 belongs to gone, who is not on the roster") == true)
    #expect(ClosingCheck.reasons(agenda: agenda, actions: actions, roster: Roster()) == [])
  }

  @Test("A customer whose action lacks only an owner is reported by the action alone")
  func unowned() throws {
    var sources = try sources()
    sources.explanations = ["adoption": "late email"]
    sources.outcomes = ["escalation/T-1": "fixed in 1.2"]
    let unowned = try action("a1", owner: nil, point: "customer/acme")
    sources.actions = [unowned]
    let reasons = ClosingCheck.reasons(agenda: try Agenda(sources).view, actions: [unowned])
    #expect(reasons.map(\.pointer) == ["/actions/0/owner"])
  }

  @Test("Explanations, outcomes, actions and owners satisfy the requirements")
  func nothingLeft() throws {
    var sources = try sources()
    sources.explanations = ["adoption": "the email went out a week late"]
    sources.outcomes = ["escalation/T-1": "fixed in 1.2"]
    let answering = try action("a1", owner: "priya", point: "customer/acme")
    sources.actions = [answering]
    let agenda = try Agenda(sources).view
    #expect(ClosingCheck.reasons(agenda: agenda, actions: [answering]) == [])
    #expect(agenda.customers.first?.outcome == "action a1 (priya): Call Acme")
  }

  @Test("Blank text is not an answer, and neither is a note about a customer")
  func blank() throws {
    var sources = try sources()
    sources.explanations = ["adoption": "  "]
    sources.outcomes = ["escalation/T-1": "", "customer/acme": "called"]
    let reasons = ClosingCheck.reasons(agenda: try Agenda(sources).view, actions: [])
    #expect(
      reasons.map(\.pointer) == [
        "/metrics/0/explanation", "/outcomes/escalation~1T-1", "/outcomes/customer~1acme",
      ])
  }

  @Test("The agenda shows by how much a metric missed its target")
  func gaps() throws {
    let gaps = try Agenda(try sources()).view.metrics.map(\.gap)
    #expect(abs(try #require(gaps[0]) - -0.05) < 1e-12)
    #expect(gaps[1] == -20)
    #expect(gaps[2] == nil)
  }

  @Test("Unreachable sources are missing and prevent closing")
  func missing() throws {
    var sources = try Fixture.sources()
    #expect(try Agenda(sources).unreachable == [])
    #expect(try Agenda(sources).view.missing == [])
    sources.remote.items = .failure(.unavailable("unreachable", title: "cannot reach checklist", "no response"))
    let agenda = try Agenda(sources)
    #expect(agenda.unreachable == [UnreachablePart(.readiness, reason: "cannot reach checklist: no response")])
    #expect(agenda.view.missing.first == "readiness: cannot reach checklist: no response")
  }
}
