import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct DecisionTests {
  static func ready(_ tier: Tier = .moderate) -> LaunchChecklist {
    var checklist = Fixture.checklist(Fixture.record(tier: tier), Fixture.item("qa"), Fixture.item("docs"))
    for index in checklist.items.indices {
      checklist.items[index].state = .done
      checklist.items[index].doneOn = Fixture.day("2027-02-01")
    }
    checklist.seal = Seal(digest: "d1", sealedAt: Fixture.at("2027-02-01T12:00:00Z"))
    if tier.hasPoll {
      checklist.votes = [
        PollVote(function: .engineering, answer: .go, by: "ibrahim", at: Fixture.at("2027-02-01T12:00:00Z"))
      ]
    }
    return checklist
  }

  static func decision(
    _ checklist: LaunchChecklist, _ kind: DecisionKind = .go, on day: String, override: Bool? = nil
  ) throws -> Decision {
    let moment = try Fixture.noon(day)
    let snapshot = try checklist.decide(
      DecisionRequest(launch: checklist.launch, decision: kind, reason: "we are ready", override: override),
      by: Fixture.actor("dana"), at: moment, isExposed: false)
    return Decision(of: snapshot, sequence: 1, madeOn: moment.today, digest: "x")
  }

  static func force(_ decision: Decision, on day: String, _ steps: [ExposureStep] = []) throws -> DecisionForce {
    decision.force(at: Fixture.at("\(day)T17:00:00Z"), exposure: Exposure(steps), in: try ZoneRules(Fixture.zone))
  }

  @Test(
    "A GO is in force only on its launch date; in tier 3 on any date",
    arguments: [
      (Tier.moderate, "2027-02-26", "2027-03-01", DecisionForce.provisional),
      (.moderate, "2027-02-26", "2027-03-02", .inForce), (.moderate, "2027-02-26", "2027-03-03", .lapsed),
      (.moderate, "2027-03-02", "2027-03-02", .inForce), (.major, "2027-02-26", "2027-03-01", .provisional),
      (.major, "2027-02-26", "2027-03-02", .unconfirmed), (.major, "2027-02-26", "2027-03-03", .lapsed),
      (.major, "2027-03-02", "2027-03-02", .inForce), (.minor, "2027-02-26", "2027-02-26", .inForce),
      (.minor, "2027-02-26", "2027-04-01", .inForce),
    ])
  func dates(tier: Tier, made: String, asked: String, force: DecisionForce) throws {
    #expect(try Self.force(try Self.decision(Self.ready(tier), on: made), on: asked) == force)
  }

  @Test("The launch date starts and ends at midnight in the launch's time zone, not UTC")
  func zones() throws {
    let decision = try Self.decision(Self.ready(), on: "2027-02-26")
    let zone = try ZoneRules(Fixture.zone)
    func force(_ text: String) -> DecisionForce {
      decision.force(at: Fixture.at(text), exposure: Exposure([]), in: zone)
    }
    #expect(force("2027-03-02T04:59:59Z") == .provisional)
    #expect(force("2027-03-02T05:00:00Z") == .inForce)
    #expect(force("2027-03-03T04:59:59Z") == .inForce)
    #expect(force("2027-03-03T05:00:00Z") == .lapsed)
  }

  @Test("An early GO in tiers 0 and 1 is in force once it is confirmed")
  func confirmation() throws {
    var decision = try Self.decision(Self.ready(.major), on: "2027-02-26")
    let zone = try ZoneRules(Fixture.zone)
    let morning = Fixture.at("2027-03-02T13:00:00Z")
    try decision.requireConfirmable(at: morning, exposure: Exposure([]), in: zone)
    decision.confirmedAt = morning
    #expect(decision.force(at: morning.adding(seconds: -1), exposure: Exposure([]), in: zone) == .unconfirmed)
    #expect(decision.force(at: morning, exposure: Exposure([]), in: zone) == .inForce)
  }

  @Test(
    "A refused confirmation names the reason",
    arguments: [
      (Tier.major, "2027-02-26", "2027-03-01", "not-launch-date"), (.major, "2027-02-26", "2027-03-03", "lapsed"),
      (.moderate, "2027-02-26", "2027-03-02", "in-force"), (.major, "2027-03-02", "2027-03-02", "in-force"),
    ])
  func notConfirmable(tier: Tier, made: String, asked: String, code: String) throws {
    let decision = try Self.decision(Self.ready(tier), on: made)
    let zone = try ZoneRules(Fixture.zone)
    let at = Fixture.at("\(asked)T17:00:00Z")
    #expect(refusal { try decision.requireConfirmable(at: at, exposure: Exposure([]), in: zone) } == code)
  }

  @Test("A stale GO cannot be confirmed")
  func staleNotConfirmable() throws {
    var decision = try Self.decision(Self.ready(.major), on: "2027-02-26")
    decision.staleAt = Fixture.at("2027-02-27T12:00:00Z")
    let zone = try ZoneRules(Fixture.zone)
    let at = Fixture.at("2027-03-02T17:00:00Z")
    #expect(refusal { try decision.requireConfirmable(at: at, exposure: Exposure([]), in: zone) } == "stale")
  }

  @Test("After exposure on the launch date, a GO covers later stages until a rollback")
  func laterStages() throws {
    let decision = try Self.decision(Self.ready(), on: "2027-02-26")
    let shipped = ExposureTests.step(1, "2027-03-02T18:00:00Z", 5)
    #expect(try Self.force(decision, on: "2027-03-05", [shipped]) == .inForce)
    let dark = ExposureTests.step(2, "2027-03-04T18:00:00Z", 0)
    #expect(try Self.force(decision, on: "2027-03-05", [shipped, dark]) == .rolledBack(dark))
    #expect(try Self.force(decision, on: "2027-03-05", [ExposureTests.step(1, "2027-03-04T18:00:00Z", 5)]) == .lapsed)
  }

  @Test("A GO against the recommendation requires an override, and is marked as one")
  func override() throws {
    var checklist = Self.ready()
    checklist.items[0].state = .open
    let problem = #expect(throws: Problem.self) { _ = try Self.decision(checklist, on: "2027-03-02") }
    #expect(problem?.code == "against-recommendation")
    #expect(problem?.detail.contains("qa (Engineering) is open") == true)
    let decision = try Self.decision(checklist, on: "2027-03-02", override: true)
    #expect(decision.override)
    #expect(decision.recommendation == .noGo)
    #expect(decision.reasons.map(\.code) == ["item-not-done"])
  }

  @Test("An override that was not needed is not recorded as one")
  func needlessOverride() throws {
    #expect(try !Self.decision(Self.ready(), on: "2027-03-02", override: true).override)
  }

  @Test(
    "NO-GO, HOLD and an override need a reason; a recommended GO does not",
    arguments: [(DecisionKind.go, nil), (.noGo, "missing-reason"), (.hold, "missing-reason")]
      as [(DecisionKind, String?)])
  func reasons(kind: DecisionKind, code: String?) throws {
    let moment = try Fixture.noon("2027-03-02")
    let request = DecisionRequest(launch: Self.ready().launch, decision: kind, override: true)
    let refused = refusal {
      _ = try Self.ready().decide(request, by: Fixture.actor("dana"), at: moment, isExposed: false)
    }
    #expect(refused == code)
  }

  @Test("Only Product Ops decides", arguments: ["ibrahim", "petra", "lena"])
  func rights(person: PersonID) throws {
    let moment = try Fixture.noon("2027-03-02")
    let request = DecisionRequest(launch: Self.ready().launch, decision: .go)
    let code = refusal {
      _ = try Self.ready().decide(request, by: Fixture.actor(person), at: moment, isExposed: false)
    }
    #expect(code == "forbidden")
  }

  @Test(
    "In tier 3, completed items trigger a GO, even after a stale one, but never against a decision")
  func byItself() throws {
    var checklist = Self.ready(.minor)
    checklist.seal = nil
    let moment = try Fixture.noon("2027-02-26")
    func isDue(_ decisions: [Decision]) -> Bool {
      DecisionHistory(decisions).isAutomaticGoDue(for: checklist, at: moment, exposure: Exposure([]))
    }
    #expect(isDue([]))
    var decision = try Self.decision(checklist, on: "2027-02-20")
    #expect(!isDue([decision]))
    decision.staleAt = Fixture.at("2027-02-21T12:00:00Z")
    #expect(isDue([decision]))
    #expect(!isDue([try Self.decision(checklist, .hold, on: "2027-02-20")]))
    checklist.items[0].state = .open
    #expect(!isDue([]))
  }

  @Test(
    "In tier 3, a launch with nothing to do before the launch date gets no automatic GO",
    arguments: [
      Fixture.item("qa", tiers: [.major]), Fixture.item("qa", phase: .after), Fixture.item("qa", gate: .advisory),
    ])
  func nothingToDo(item: TemplateItem) throws {
    let checklist = Fixture.checklist(Fixture.record(tier: .minor), item)
    let moment = try Fixture.noon("2027-02-26")
    #expect(checklist.reasonsAgainstGo(at: moment, isExposed: false) == [])
    #expect(!DecisionHistory([]).isAutomaticGoDue(for: checklist, at: moment, exposure: Exposure([])))
  }
}
