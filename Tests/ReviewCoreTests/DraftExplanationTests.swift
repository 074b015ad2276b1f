import Contract
import LaunchModel
import ReviewCore
import Testing

@Suite("Draft explanations")
struct DraftExplanationTests {
  private func view(
    _ key: String = "adoption", unit: GapView.Unit = .share, value: Double?,
    comparedWith: GapView.Comparison = .target, reference: Double?, _ dimensions: [GapView.Dimension] = []
  ) throws -> GapView {
    GapView(
      launch: try #require(LaunchID("smart-routing")), attempt: 1, key: key, kind: key,
      asOf: Timestamp(microseconds: 0), verdict: .missed, unit: unit, value: value, comparedWith: comparedWith,
      reference: reference, dimensions: dimensions)
  }

  private func point(
    _ gap: Result<GapView, Problem>, explanations: [String: String] = [:]
  ) throws -> (agenda: Agenda, draft: String?) {
    var sources = try Fixture.sources(metrics: [MetricView(key: "adoption", kind: "adoption", verdict: .missed)])
    sources.remote.gaps = ["adoption": gap]
    sources.explanations = explanations
    let agenda = try Agenda(sources)
    return (agenda, agenda.view.metrics.first?.draft)
  }

  @Test("A draft names the gap and the largest contributions of each dimension")
  func text() throws {
    let view = try view(
      value: 0.258, reference: 0.3,
      [
        GapView.Dimension(
          kind: .segment,
          parts: [
            .init(label: "enterprise", contribution: -0.031), .init(label: "-", contribution: -0.011),
            .init(label: "smb", contribution: 0.0001),
          ]),
        GapView.Dimension(
          kind: .week,
          parts: [.init(label: "week 1", contribution: -0.044), .init(label: "week 2", contribution: 0.002)]),
        GapView.Dimension(kind: .channel, parts: [.init(label: "chat", contribution: nil, count: 4)]),
        GapView.Dimension(
          kind: .steps,
          parts: [
            .init(label: "at the window's end", contribution: -0.044), .init(label: "late events", contribution: 0.002),
          ]),
      ])
    #expect(
      try point(.success(view)).draft
        == "adoption is 4.2 points below its target of 30%. By segment: enterprise −3.1, not given −1.1. "
        + "By week: week 1 −4.4, week 2 +0.2. Since the window's end: late events +0.2")
  }

  @Test("Tickets are compared with their forecast, satisfaction with other features")
  func comparisons() throws {
    let tickets = try view("tickets", unit: .number, value: 15, comparedWith: .forecast, reference: 10)
    #expect(try point(.success(tickets)).draft == "tickets is 5 above the forecast of 10 by now")
    let csat = try view("csat", value: 0.74, comparedWith: .others, reference: 0.75)
    #expect(try point(.success(csat)).draft == "csat is 1 point below the 75% of other features")
    let met = try view(value: 0.3, reference: 0.3)
    #expect(try point(.success(met)).draft == "adoption is at its target of 30%")
  }

  @Test("There is no draft without a gap, or once there is an explanation")
  func none() throws {
    #expect(try point(.success(try view(value: nil, reference: 0.3))).draft == nil)
    let explained = try point(
      .success(try view(value: 0.2, reference: 0.3)), explanations: ["adoption": "the email was late"])
    #expect(explained.draft == nil)
  }

  @Test("A draft that could not be made is missing, but does not keep the review from closing")
  func unreachable() throws {
    let failed = try point(.failure(.unavailable("unreachable", title: "cannot reach metrics", "no response")))
    #expect(failed.draft == nil)
    #expect(failed.agenda.unreachable == [])
    #expect(
      failed.agenda.view.missing.first == "draft explanation of adoption: cannot reach metrics: no response")
  }

  @Test("A draft does not count as an explanation")
  func closing() throws {
    let agenda = try point(.success(try view(value: 0.2, reference: 0.3))).agenda.view
    #expect(agenda.metrics.first?.draft != nil)
    #expect(ClosingCheck.reasons(agenda: agenda, actions: []).map(\.pointer) == ["/metrics/0/explanation"])
  }

  @Test("Tickets' gap is to the forecast by now, satisfaction's to other features; unknown figures have none")
  func gaps() throws {
    var tickets = MetricView(key: "tickets", kind: "tickets", verdict: .missed, value: 15)
    tickets.spike = SpikeView(raisedAt: nil, count: 0, expected: 10, ratio: 1.5, evidence: 1, dispersion: 2)
    var csat = MetricView(key: "csat", kind: "csat", verdict: .missed, value: 0.5)
    csat.satisfaction = SatisfactionView(probabilityWorse: 0.99, othersShare: 0.75, others: 40)
    let unknown = MetricView(key: "adoption", kind: "adoption", verdict: .unknown, value: 0, target: ">= 30%")
    let agenda = try Agenda(try Fixture.sources(metrics: [tickets, csat, unknown]))
    #expect(agenda.view.metrics.map(\.gap) == [5, -0.25, nil])
  }
}
