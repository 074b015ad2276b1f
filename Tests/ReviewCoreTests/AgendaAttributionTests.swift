import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Attributing escalations and customers by the metric plan's tags")
struct AgendaAttributionTests {
  /// The agenda of a launch whose plan maps the tag `routing` to its feature.
  private func agenda(_ signals: CustomerSignals) throws -> AgendaView {
    var sources = try Fixture.sources(signals: signals)
    sources.remote.plan = .success(
      ReviewedPlan(attribution: TicketAttribution(feature: "smart-routing", tags: ["routing"])))
    return try Agenda(sources).view
  }

  private func ticket(
    _ id: String, _ tags: [String]?, at time: String = "2027-03-03T10:00:00Z", account: String? = nil,
    mergedInto: String? = nil, opens: Bool = true
  ) throws -> TicketEvent {
    try Fixture.ticket(
      id, at: time, account: account, feature: nil, tags: tags, mergedInto: mergedInto, opens: opens)
  }

  private func score(_ ticket: String, _ score: Double, at time: String, feature: String? = nil) throws
    -> SatisfactionScore
  {
    let place = try Fixture.place(time, try Fixture.time(time).microseconds)
    return SatisfactionScore(ticket: ticket, place: place, score: score, scale: .five, feature: feature)
  }

  private func escalation(_ ticket: String) throws -> Escalation {
    Escalation(ticket: ticket, place: try Fixture.place("2027-03-05T10:00:00Z", 9))
  }

  @Test("An escalation counts if its ticket has one of the plan's tags, however late the tag was set")
  func escalations() throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [
          try ticket("T-1", ["routing"], account: "acme"), try ticket("T-2", ["billing"], account: "globex"),
          try ticket("T-3", ["misc"], account: "initech"),
          try ticket("T-3", ["misc", "routing"], at: "2027-04-20T10:00:00Z", opens: false),
          try ticket("T-4", nil, account: "umbrella"),
        ], escalations: try ["T-1", "T-2", "T-3", "T-4"].map(escalation)))
    #expect(agenda.escalations.map(\.ticket) == ["T-1", "T-3"])
    #expect(agenda.customers.map(\.account) == ["acme", "initech"])
  }

  @Test("Tickets attributed by tag count as repeated tickets")
  func repeated() throws {
    let agenda = try agenda(
      CustomerSignals(tickets: try (1...3).map { try ticket("T-\($0)", ["routing"], account: "acme") }))
    #expect(agenda.customers.map(\.reasons) == [["opened 3 tickets"]])
  }

  @Test(
    "A poor score counts by the feature that it names, or else by its ticket's tags",
    arguments: [
      (nil, "routing", true), (nil, "billing", false), ("smart-routing", "billing", true),
      ("billing", "routing", false),
    ] as [(String?, String, Bool)])
  func scores(feature: String?, tag: String, counts: Bool) throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [try ticket("T-1", [tag], account: "acme")],
        scores: [try score("T-1", 1, at: "2027-03-06T10:00:00Z", feature: feature)]))
    #expect(agenda.customers.map(\.reasons) == (counts ? [["rated ticket T-1 1 of 5"]] : []))
  }

  @Test(
    "Scores of merged tickets count once, by the latest score",
    arguments: [(2.0, 1.0, ["rated ticket T-1 1 of 5"]), (1.0, 5.0, nil)] as [(Double, Double, [String]?)])
  func merged(first: Double, latest: Double, reasons: [String]?) throws {
    let agenda = try agenda(
      CustomerSignals(
        tickets: [
          try ticket("T-1", ["routing"], account: "acme"), try ticket("T-2", ["billing"], account: "acme"),
          try ticket("T-2", nil, at: "2027-03-04T10:00:00Z", mergedInto: "T-1", opens: false),
        ],
        scores: [
          try score("T-2", latest, at: "2027-03-07T10:00:00Z"), try score("T-1", first, at: "2027-03-06T10:00:00Z"),
        ]))
    #expect(agenda.customers.map(\.reasons) == (reasons.map { [$0] } ?? []))
  }
}
