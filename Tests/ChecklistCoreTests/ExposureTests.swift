import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct ExposureTests {
  static func step(_ sequence: Int, _ at: String, _ percentage: Double) -> ExposureStep {
    ExposureStep(
      sequence: sequence, at: Fixture.at(at), percentage: percentage, recordedAt: Fixture.at("2027-04-01T12:00:00Z"),
      by: "dana")
  }

  private let first = step(1, "2027-03-02T15:00:00Z", 5)
  private let second = step(2, "2027-03-03T15:00:00Z", 25)
  private let dark = step(3, "2027-03-04T15:00:00Z", 0)
  private let again = step(4, "2027-03-08T15:00:00Z", 100)

  @Test("Steps combine into attempts, each of which a rollback ends")
  func attempts() {
    let exposure = Exposure([first, second, dark, again])
    #expect(
      exposure.attempts == [
        ExposureAttempt(attempt: 1, startedAt: first.at, rolledBackAt: dark.at, rolledBackBy: "dana"),
        ExposureAttempt(attempt: 2, startedAt: again.at),
      ])
    #expect(exposure.percentage == 100)
    #expect(exposure.percentage(at: second.at) == 25)
    #expect(exposure.attempt(at: dark.at) == nil)
    #expect(exposure.attempt(at: again.at)?.attempt == 2)
  }

  @Test("Steps are ordered by when they happened, not by when they arrived")
  func orderIndependent() {
    let steps = [first, second, dark, again]
    let expected = Exposure(steps).attempts
    for permutation in permutations(steps) { #expect(Exposure(permutation).attempts == expected) }
  }

  private func permutations<T>(_ values: [T]) -> [[T]] {
    guard values.count > 1 else { return [values] }
    return values.indices.flatMap { index in
      var rest = values
      let value = rest.remove(at: index)
      return permutations(rest).map { [value] + $0 }
    }
  }

  @Test("A rollback that arrives late changes the attempts")
  func lateRollback() {
    let before = Exposure([first, again])
    #expect(before.attempts.count == 1)
    #expect(Exposure([first, again, dark]).attempts.count == 2)
  }

  private func record(
    _ verb: ExposureVerb, _ steps: [ExposureStep], at: String? = nil, percentage: Double? = nil, rollout: Rollout?
  ) throws -> ExposureStep {
    let request = ExposureRequest(
      launch: Fixture.record().plan.launch, at: at.map(Fixture.at), percentage: percentage)
    return try Exposure(steps).step(
      verb, request, rollout: rollout, by: Fixture.actor("dana"), now: Fixture.at("2027-03-10T12:00:00Z"))
  }

  @Test(
    "Shipping exposes the first stage of a gradual rollout, or everyone",
    arguments: [
      (Rollout(kind: .gradual, stages: [5, 25, 100]), 5), (Rollout(kind: .full), 100), (nil, 100),
    ] as [(Rollout?, Double)])
  func ship(rollout: Rollout?, share: Double) throws {
    #expect(try record(.ship, [], rollout: rollout).percentage == share)
  }

  @Test("A step that contradicts the exposure at its time is refused")
  func refused() {
    let cases: [(ExposureVerb, [ExposureStep], String?, Double?, String)] = [
      (.ship, [first], nil, nil, "already-exposed"), (.stage, [], nil, 50, "not-exposed"),
      (.rollback, [first, dark], nil, nil, "not-exposed"), (.stage, [first], nil, nil, "missing-percentage"),
      (.stage, [first], nil, 101, "unfit-percentage"), (.ship, [], "2027-03-11T00:00:00Z", nil, "unfit-at"),
    ]
    for (verb, steps, at, percentage, code) in cases {
      #expect(refusal { _ = try record(verb, steps, at: at, percentage: percentage, rollout: nil) } == code)
    }
  }

  @Test("A ship recorded before a known one moves the start of the attempt")
  func backdated() throws {
    let earlier = try record(.ship, [first], at: "2027-03-01T15:00:00Z", rollout: nil)
    #expect(Exposure([first, earlier]).attempts.map(\.startedAt) == [Fixture.at("2027-03-01T15:00:00Z")])
  }

  @Test("A flag event that changes nothing or is already known adds no step")
  func flags() {
    let exposure = Exposure([first])
    let now = Fixture.at("2027-03-10T12:00:00Z")
    #expect(exposure.step(flagAt: second.at, percentage: 5, event: "f 1", now: now) == nil)
    let step = exposure.step(flagAt: second.at, percentage: 25, event: "f 1", now: now)
    #expect(step?.percentage == 25)
    let known = Exposure([first] + (step.map { [$0] } ?? []))
    #expect(known.step(flagAt: second.at, percentage: 50, event: "f 1", now: now) == nil)
  }

  @Test("Exposure without a GO in force, before the seal, or with a late seal is a violation")
  func violations() throws {
    let checklist = DecisionTests.ready()
    let decision = try DecisionTests.decision(checklist, on: "2027-02-26")
    let zone = try ZoneRules(Fixture.zone)
    func codes(_ steps: [ExposureStep], sealedAt: String?, _ decisions: [Decision]) -> [String] {
      let seal = sealedAt.map { Seal(digest: "d", sealedAt: Fixture.at($0)) }
      return Exposure(steps).violations(
        of: checklist.record, seal: seal, decisions: DecisionHistory(decisions), in: zone
      ).map { String($0.prefix { $0 != ":" }) }
    }
    let sealed = "2027-02-01T12:00:00Z"
    #expect(codes([first, second], sealedAt: sealed, [decision]) == [])
    #expect(codes([first], sealedAt: nil, [decision]) == ["not-sealed"])
    #expect(codes([first], sealedAt: "2027-03-02T15:00:01Z", [decision]) == ["not-sealed"])
    #expect(codes([again], sealedAt: "2027-03-05T15:00:00Z", []) == ["sealed-late", "no-go-in-force"])
    #expect(codes([first, second], sealedAt: sealed, []) == ["no-go-in-force", "no-go-in-force"])
    #expect(codes([Self.step(1, "2027-03-01T15:00:00Z", 5)], sealedAt: sealed, [decision]) == ["no-go-in-force"])
  }

  @Test("A GO that went stale later still counts as in force when it was used")
  func staleLater() throws {
    let checklist = DecisionTests.ready()
    var decision = try DecisionTests.decision(checklist, on: "2027-02-26")
    decision.staleAt = Fixture.at("2027-03-03T12:00:00Z")
    let zone = try ZoneRules(Fixture.zone)
    let violations = Exposure([first, second]).violations(
      of: checklist.record, seal: checklist.seal, decisions: DecisionHistory([decision]), in: zone)
    #expect(violations.count == 1)
    #expect(violations.first?.contains("25%") == true)
  }
}
