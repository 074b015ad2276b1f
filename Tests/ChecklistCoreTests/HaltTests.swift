import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Stopping the line") struct HaltTests {
  private static let other = [LaunchID("fast-search")].compactMap(\.self)[0]
  private static let noon = Fixture.at("2027-03-02T17:00:00Z")

  private static func set(
    _ latest: Halt?, _ request: SetHalt, at: Timestamp = noon
  ) throws -> Halt {
    try Halt.setting(request, after: latest, by: Fixture.actor("dana"), at: at)
  }

  private static func halt(except: [LaunchID]? = nil) throws -> Halt {
    try set(nil, SetHalt(reason: "payments are failing", except: except))
  }

  @Test("A halt closes every gate except those of exempt launches, until it is lifted")
  func closing() throws {
    let halt = try Self.halt(except: [Self.other])
    #expect(halt.number == 1 && halt.by == "dana" && halt.reason == "payments are failing")
    #expect(halt.closes(Fixture.launch) && !halt.closes(Self.other))
    let lifted = try Halt.lifting(
      halt, LiftHalt(reason: "fixed"), by: Fixture.actor("ibrahim"), at: Self.noon.adding(seconds: 60))
    #expect(!lifted.isStanding && !lifted.closes(Fixture.launch))
    #expect(lifted.lifted == Halt.Entry(reason: "fixed", by: "ibrahim", at: Self.noon.adding(seconds: 60)))
    #expect(try Self.set(lifted, SetHalt(reason: "again")).number == 2)
  }

  @Test("During a halt, its exceptions can be changed, and every change is recorded")
  func exceptions() throws {
    let later = Self.noon.adding(seconds: 60)
    let granted = try Self.set(try Self.halt(), SetHalt(reason: "the fix", except: [Fixture.launch]), at: later)
    #expect(granted.number == 1 && granted.reason == "payments are failing")
    #expect(!granted.closes(Fixture.launch))
    let last = later.adding(seconds: 60)
    let revoked = try Self.set(granted, SetHalt(reason: "not the fix", revoke: [Fixture.launch]), at: last)
    #expect(revoked.closes(Fixture.launch))
    #expect(revoked.exceptions.map(\.granted.reason) == ["the fix"])
    #expect(revoked.exceptions.map(\.revoked?.reason) == ["not the fix"])
    // What stood at each moment is known later.
    #expect(!revoked.closed(Fixture.launch, at: Self.noon.adding(seconds: -1)))
    #expect(revoked.closed(Fixture.launch, at: Self.noon))
    #expect(!revoked.closed(Fixture.launch, at: later))
    #expect(revoked.closed(Fixture.launch, at: last))
  }

  @Test(
    "Contradictory or pointless requests are refused",
    arguments: [
      (SetHalt(reason: nil), false, "missing-reason"), (SetHalt(reason: " "), false, "missing-reason"),
      (SetHalt(reason: "again"), true, "already-halted"),
      (SetHalt(reason: "r", except: [other, other]), false, "already-exempt"),
      (SetHalt(reason: "r", revoke: [other]), true, "not-exempt"),
      (SetHalt(reason: "r", revoke: [other]), false, "unfit-revoke"),
      (SetHalt(reason: "r", except: [other], revoke: [other]), true, "unfit-revoke"),
    ])
  func refused(request: SetHalt, isHalted: Bool, code: String) throws {
    let latest = isHalted ? try Self.halt() : nil
    #expect(refusal { _ = try Self.set(latest, request) } == code)
  }

  @Test("Only a halt in effect can be lifted, and lifting it needs a reason")
  func lifting() throws {
    func lift(_ latest: Halt?, _ reason: String?) -> String? {
      refusal { _ = try Halt.lifting(latest, LiftHalt(reason: reason), by: Fixture.actor("dana"), at: Self.noon) }
    }
    var lifted = try Self.halt()
    #expect(lift(nil, "fixed") == "not-halted")
    #expect(lift(lifted, nil) == "missing-reason")
    lifted.lifted = Halt.Entry(reason: "fixed", by: "dana", at: Self.noon)
    #expect(lift(lifted, "fixed") == "not-halted")
  }

  @Test(
    "A halted gate names who, when and why; the GO is not stale, and is in force again after the halt")
  func gate() throws {
    let checklist = DecisionTests.ready()
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-03-02")])
    let moment = try Fixture.noon("2027-03-02")
    let view = history.view(of: checklist, at: moment, exposure: Exposure([]))
    let gate = GateView(of: view, reasonsAgainstGo: [])
    #expect(gate.open && gate.closed(by: nil) == gate)
    let halted = gate.closed(by: try Self.halt().reasonAgainstGo)
    #expect(!halted.open && !halted.inForce && !halted.stale)
    #expect(halted.reasons.map(\.detail) == ["halted by dana since 2027-03-02T17:00:00Z: payments are failing"])
    let decision = view.halted(by: try Self.halt())
    #expect(!decision.inForce && !decision.stale && decision.reasons.map(\.code) == ["halted"])
    #expect(history.worsened(in: checklist, at: moment) == [])
  }

  @Test("While the line is halted, NO-GO is recommended, and a GO needs an override")
  func recommendation() throws {
    let checklist = DecisionTests.ready()
    let moment = try Fixture.noon("2027-03-02")
    let readiness = checklist.readiness(at: moment, isExposed: false, halt: try Self.halt())
    #expect(readiness.recommendation == .noGo && readiness.reasons.map(\.code) == ["halted"])
    #expect(try readiness.halt == Self.halt())
    let request = DecisionRequest(launch: checklist.launch, decision: .go)
    let code = refusal {
      _ = try checklist.decide(
        request, by: Fixture.actor("dana"), at: moment, isExposed: false, halt: try Self.halt())
    }
    #expect(code == "against-recommendation")
  }

  @Test("Shipping while the line is halted is a violation, unless the launch was exempt")
  func violations() throws {
    let checklist = DecisionTests.ready()
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-03-02")])
    let exposure = Exposure([ExposureTests.step(1, "2027-03-02T18:00:00Z", 5)])
    func codes(_ halts: [Halt]) throws -> [String] {
      exposure.violations(
        of: checklist.record, seal: checklist.seal, decisions: history, halts: halts, in: try ZoneRules(Fixture.zone)
      ).map { String($0.prefix { $0 != ":" }) }
    }
    #expect(try codes([]) == [])
    #expect(try codes([try Self.halt()]) == ["halted"])
    #expect(try codes([try Self.halt(except: [Fixture.launch])]) == [])
    var lifted = try Self.halt()
    lifted.lifted = Halt.Entry(reason: "fixed", by: "dana", at: Fixture.at("2027-03-02T17:30:00Z"))
    #expect(try codes([lifted]) == [])
  }
}
