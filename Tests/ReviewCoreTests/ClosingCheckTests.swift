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
    #expect(reasons.first?.detail == "the metric adoption was missed and has no explanation")
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
    #expect(agenda.customers.first?.outcome == "action a1: Call Acme")
  }

  @Test("Blank text is not an answer")
  func blank() throws {
    var sources = try sources()
    sources.explanations = ["adoption": "  "]
    sources.outcomes = ["escalation/T-1": "", "customer/acme": "called"]
    #expect(ClosingCheck.reasons(agenda: try Agenda(sources).view, actions: []).count == 2)
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
    #expect(agenda.unreachable == ["readiness: cannot reach checklist: no response"])
    #expect(agenda.view.missing.first == agenda.unreachable.first)
  }
}
