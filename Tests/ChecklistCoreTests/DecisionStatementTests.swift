import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

@Suite("Statements about decisions and verdicts") struct DecisionStatementTests {
  private static func predicate(
    _ decision: Decision, on day: String, _ steps: [ExposureStep] = [], artifact: String? = nil
  ) throws -> DecisionPredicate {
    DecisionPredicate(
      of: decision, on: Fixture.record(), artifact: artifact, exposure: Exposure(steps), at: try Fixture.noon(day),
      digest: { "sha of \(String(decoding: $0.canonical(), as: UTF8.self))" })
  }

  /// The launch date is 2027-03-02 in New York, five hours behind UTC; decisions are made at 17:00Z.
  @Test(
    "A statement says when the GO opens the gate, and the GO's state when the statement was issued",
    arguments: [
      (Tier.moderate, "2027-02-26", "2027-03-01", "provisional", "2027-03-02T05:00:00Z", "2027-03-03T05:00:00Z"),
      (.moderate, "2027-02-26", "2027-03-02", "in-force", "2027-03-02T05:00:00Z", "2027-03-03T05:00:00Z"),
      (.moderate, "2027-02-26", "2027-03-03", "lapsed", "2027-03-02T05:00:00Z", "2027-03-03T05:00:00Z"),
      (.moderate, "2027-03-02", "2027-03-02", "in-force", "2027-03-02T17:00:00Z", "2027-03-03T05:00:00Z"),
      (.major, "2027-02-26", "2027-03-01", "provisional", nil, "2027-03-03T05:00:00Z"),
      (.major, "2027-02-26", "2027-03-02", "unconfirmed", nil, "2027-03-03T05:00:00Z"),
      (.minor, "2027-02-26", "2027-04-01", "in-force", "2027-02-26T17:00:00Z", nil),
    ] as [(Tier, String, String, String, String?, String?)])
  func validity(tier: Tier, made: String, issued: String, state: String, opens: String?, closes: String?) throws {
    let decision = try DecisionTests.decision(DecisionTests.ready(tier), on: made)
    let validity = try Self.predicate(decision, on: issued).validity
    #expect(validity.state == state)
    #expect(validity.opensAt == opens.map(Fixture.at))
    #expect(validity.closesAt == closes.map(Fixture.at))
  }

  @Test("A confirmed GO opens the gate from its confirmation on")
  func confirmed() throws {
    var decision = try DecisionTests.decision(DecisionTests.ready(.major), on: "2027-02-26")
    decision.confirmedAt = Fixture.at("2027-03-02T13:00:00Z")
    decision.confirmedBy = "dana"
    let predicate = try Self.predicate(decision, on: "2027-03-02")
    #expect(predicate.validity.state == "in-force")
    #expect(predicate.validity.opensAt == Fixture.at("2027-03-02T13:00:00Z"))
    #expect(predicate.decision.confirmedBy == "dana")
  }

  @Test("A statement contains a digest of each item's evidence, in order, and not the evidence itself")
  func evidence() throws {
    var checklist = DecisionTests.ready()
    checklist.items[0].evidence = [
      Evidence(kind: .text, value: "run 4711 passed"), Evidence(kind: .link, value: "https://ci.example/1"),
    ]
    let predicate = try Self.predicate(
      try DecisionTests.decision(checklist, on: "2027-03-02"), on: "2027-03-02", artifact: "sha256:ab")
    #expect(predicate.items.map(\.item) == ["qa", "docs"])
    #expect(predicate.items.map(\.evidence) == [2, 0])
    #expect(
      predicate.items.map(\.evidenceDigest) == [#"sha of ["text run 4711 passed","link https://ci.example/1"]"#, nil])
    #expect(predicate.metricSeal == "d1" && predicate.artifact == "sha256:ab")
  }

  @Test(
    "Only a GO that opens the gate, now or on its date, can be exported; a refusal says why",
    arguments: [
      (DecisionKind.go, "2027-02-26", "2027-03-01", nil), (.go, "2027-03-02", "2027-03-02", nil),
      (.go, "2027-02-26", "2027-03-03", "the GO lapsed at the end of 2027-03-02"),
      (.hold, "2027-03-02", "2027-03-02", "the decision is hold: we are ready"),
    ] as [(DecisionKind, String, String, String?)])
  func standing(kind: DecisionKind, made: String, asked: String, why: String?) throws {
    let decision = try DecisionTests.decision(DecisionTests.ready(), kind, on: made)
    let moment = try Fixture.noon(asked)
    var refused: Problem?
    do throws(Problem) {
      try decision.requireStanding(at: moment, exposure: Exposure([]), worsened: [])
    } catch {
      refused = error
    }
    #expect((refused == nil) == (why == nil))
    if let why { #expect(refused?.detail.contains(why) == true, "\(refused?.detail ?? "")") }
  }

  @Test("A GO whose basis has become worse is not exported, even if the change is not recorded yet")
  func worsened() throws {
    let decision = try DecisionTests.decision(DecisionTests.ready(), on: "2027-03-02")
    let moment = try Fixture.noon("2027-03-02")
    let reason = ReadinessReason(code: "item-reopened", item: "qa", detail: "qa was reopened")
    let code = refusal { try decision.requireStanding(at: moment, exposure: Exposure([]), worsened: [reason]) }
    #expect(code == "no-go-stands")
  }

  private static let shipped = ExposureStep(
    sequence: 1, at: Fixture.at("2027-03-02T17:00:00Z"), percentage: 100,
    recordedAt: Fixture.at("2027-03-02T17:00:00Z"), by: "dana")

  private static func verdicts(_ verdicts: [Verdict], attempt: Int? = 1) -> MetricsView {
    MetricsView(
      launch: Fixture.launch, sealed: true, digest: "d1", asOf: Fixture.at("2027-04-02T00:00:00Z"), offset: 9,
      metrics: verdicts.enumerated().map { MetricView(key: "m\($0)", kind: "custom", verdict: $1) }, attempt: attempt)
  }

  /// Day 30 of an exposure at 2027-03-02T17:00Z ends at 2027-04-01T17:00Z.
  @Test(
    "Verdicts can be signed from day 30 on, once no window is open",
    arguments: [
      ([.met, .missed], 1, "2027-04-01T17:00:00Z", nil), ([.met], 1, "2027-04-01T16:59:59Z", "too-early"),
      ([.met, .pending], 1, "2027-04-02T00:00:00Z", "verdicts-pending"),
      ([], 1, "2027-04-02T00:00:00Z", "no-verdicts"), ([.met], nil, "2027-04-02T00:00:00Z", "no-verdicts"),
      ([.unknown, .inconclusive], 1, "2027-05-01T00:00:00Z", nil),
    ] as [([Verdict], Int?, String, String?)])
  func verdicts(verdicts: [Verdict], attempt: Int?, at now: String, code: String?) {
    let found = refusal {
      let stated = try VerdictStatement.attempt(
        of: Self.verdicts(verdicts, attempt: attempt), exposure: Exposure([Self.shipped]), at: Fixture.at(now))
      #expect(stated.attempt == 1 && stated.startedAt == Self.shipped.at)
    }
    #expect(found == code)
  }
}
