import ChecklistService
import JSON
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct DecisionServiceTests {
  @Test("A launch gets from proposal to a GO with an open gate, and reopening an item closes the gate and names it")
  func walk() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.makeReady()
      let readiness = try await stage.harness.call(
        ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(readiness.recommendation == .go)
      #expect(readiness.reasons.isEmpty)
      let early = try await stage.decide()
      #expect(early.provisional && !early.inForce)
      #expect(try await stage.gate().reasons.map(\.code) == ["provisional"])
      stage.set("2027-03-02T14:00:00Z")
      let open = try await stage.gate()
      #expect(open.open && open.decision == .go)
      #expect(open.digest == early.digest)
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin") { $0.reason = "a regression" }
      let closed = try await stage.gate()
      #expect(!closed.open && closed.stale)
      #expect(closed.reasons.map(\.item) == ["qa"])
      #expect(closed.reasons.first?.detail.contains("a regression") == true)
      #expect(try await stage.harness.announced(Announcements.decisionStale).count == 1)
      #expect(try await stage.harness.announced(Announcements.noticeStale).map(\.key) == ["stale/smart-routing/1"])
    }
  }

  @Test("A GO that a new roster made stale stays stale when the next one has everybody again, whenever that comes")
  func roster() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.act(ChecklistRoutes.done, "rollback-procedure", as: "ibrahim") { $0.person = "erin" }
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await stage.gate().open)
      var others = Stage.roster
      others.people["erin"] = nil
      for roster in [others, Stage.roster] {
        try await stage.harness.call(
          ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(roster)), as: "dana")
      }
      let gate = try await stage.gate()
      #expect(!gate.open && gate.stale)
      #expect(gate.reasons.map(\.code) == ["stale"])
      #expect(try await stage.harness.announced(Announcements.decisionStale).count == 1)
      try await stage.decide()
      #expect(try await stage.gate().open, "the cause is gone, so it is decided again")
      try await stage.harness.requireIntactChains()
    }
  }

  @Test("A blackout after the GO closes the gate; once it is accepted, another GO is possible")
  func conflict() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await stage.gate().open)
      var record = Stage.record(version: 2)
      record.conflicts = [
        LaunchConflict(launch: Stage.launch, kind: .blackout, other: "freeze", reason: "an incident")
      ]
      try await stage.announce(record)
      let gate = try await stage.gate()
      #expect(!gate.open && gate.stale)
      #expect(gate.reasons.map(\.code) == ["conflict"])
      #expect(await problem { try await stage.decide() }?.kind == .conflict)
      record.version = 3
      record.conflicts[0].accepted = Acceptance(reason: "a hot fix", by: "dana", at: Stage.at("2027-03-02T14:10:00Z"))
      try await stage.announce(record)
      try await stage.decide()
      #expect(try await stage.gate().open)
    }
  }

  @Test("Metrics changed after sealing close an open gate and prevent a GO")
  func tampering() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await stage.gate().open)
      stage.harness.peers.answer(MetricsRoutes.showPlan) { _ in
        throw Problem.conflict(Problem.changedAfterSealing, "the sealed metrics were changed")
      }
      let gate = try await stage.gate()
      #expect(!gate.open && !gate.inForce)
      #expect(gate.reasons.first?.code == Problem.changedAfterSealing)
      #expect(gate.reasons.first?.detail == "the sealed metrics were changed")
      #expect(await problem { try await stage.decide(override: true) }?.code == Problem.changedAfterSealing)
      #expect(try await stage.decide(.noGo, override: true).decision == .noGo)
    }
  }

  @Test("A stale GO stays stale until the decision is made again, even if things improve")
  func sticky() async throws {
    try await Stage.with { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      #expect(try await !stage.gate().open)
      try await stage.decide()
      #expect(try await stage.gate().open)
    }
  }

  @Test("A GO against the recommendation requires an override; without one, nothing is stored")
  func override() async throws {
    try await Stage.with { stage in
      stage.set("2027-03-02T14:00:00Z")
      let refused = await problem { try await stage.decide() }
      #expect(refused?.code == "against-recommendation")
      #expect(refused?.kind == .conflict)
      #expect(try await stage.gate().decision == nil)
      #expect(try await stage.harness.announced(Announcements.decisionMade).isEmpty)
      let decision = try await stage.decide(override: true)
      #expect(decision.override && decision.recommendation == .noGo)
      #expect(try await stage.gate().open)
      #expect(try await stage.harness.announced(Announcements.decisionMade).map(\.override) == [true])
    }
  }

  @Test("An early GO in tier 1 is confirmed on the launch date")
  func confirmed() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.makeReady()
      try await stage.decide()
      let confirm = LaunchAction(launch: Stage.launch)
      let tooEarly = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.confirmDecision, confirm, as: "dana")
      }
      #expect(tooEarly?.code == "not-launch-date")
      stage.set("2027-03-02T14:00:00Z")
      #expect(try await stage.gate().reasons.map(\.code) == ["unconfirmed"])
      let view = try await stage.harness.call(ChecklistRoutes.confirmDecision, confirm, as: "dana")
      #expect(view.inForce && view.confirmedAt == Stage.at("2027-03-02T14:00:00Z"))
      #expect(try await stage.gate().open)
      #expect(try await stage.harness.announced(Announcements.decisionConfirmed).count == 1)
    }
  }

  @Test("If an owning service is unreachable or ahead, no decision is made and the gate is unknown")
  func owners() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await stage.gate().open)
      stage.setOwner(Stage.record(version: 2))
      #expect(await problem { _ = try await stage.gate() }?.code == "lagging")
      stage.harness.peers.removeAnswer(TieringRoutes.show)
      #expect(await problem { _ = try await stage.gate() }?.kind == .unavailable)
      #expect(await problem { try await stage.decide(.hold) }?.kind == .unavailable)
      stage.harness.peers.answer(TieringRoutes.show) { _ in Stage.record() }
      stage.harness.peers.removeAnswer(MetricsRoutes.showPlan)
      #expect(await problem { _ = try await stage.gate() }?.code == "owner-unreachable")
    }
  }

  @Test("Without the bus, the gate is unknown")
  func bus() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.harness.bus.isReachable = false
      let refused = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.checkGate, GateRequest(launch: Stage.launch), as: "erin")
      }
      #expect(refused?.kind == .unavailable)
      stage.harness.bus.isReachable = true
    }
  }

  @Test("An expired waiver makes the GO stale, without any other change")
  func sweep() async throws {
    try await Stage.with { stage in
      try await stage.seal()
      try await stage.act(ChecklistRoutes.waive, "qa", as: "dana") { $0.until = Stage.day("2027-02-20") }
      try await stage.makeReady()
      try await stage.decide()
      stage.set("2027-02-19T15:00:00Z")
      try await stage.harness.sweep()
      #expect(try await stage.harness.announced(Announcements.decisionStale).isEmpty)
      stage.set("2027-02-20T15:00:00Z")
      try await stage.harness.sweep()
      let stale = try await stage.harness.announced(Announcements.decisionStale)
      #expect(stale.first?.reasons.first?.contains("waiver expired") == true)
    }
  }

  @Test(
    "A changed fact, date or tier makes the GO stale",
    arguments: [
      Stage.record(flags: [.pricing: .known(true)], version: 2),
      Stage.record(date: Stage.day("2027-03-03"), version: 2), Stage.record(tier: .major, version: 2),
    ])
  func stale(record: LaunchRecord) async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      try await stage.decide()
      try await stage.announce(record)
      let view = try await stage.harness.call(
        ChecklistRoutes.showDecision, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(view.stale && !view.inForce)
    }
  }

  @Test("In tier 3, the gate follows the items immediately, without waiting for a job")
  func minorAtOnce() async throws {
    try await Stage.with(Stage.record(tier: .minor)) { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      #expect(try await stage.gate().decision == nil)
      try await stage.act(ChecklistRoutes.done, "release-notes", as: "petra")
      let gate = try await stage.gate()
      #expect(gate.open && gate.by == "gonogo-checklist")
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      #expect(try await !stage.gate().open)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      stage.setOwner(Stage.record(tier: .minor, version: 2))
      #expect(await problem { _ = try await stage.gate() }?.code == "lagging", "no decision rests on a lagging copy")
      stage.setOwner(Stage.record(tier: .minor))
      #expect(try await stage.gate().open)
      try await stage.harness.sweep()
      #expect(try await stage.harness.announced(Announcements.decisionMade).count == 2)
    }
  }

  @Test("In tier 3, a GO is made automatically once both items are done, for any date")
  func minor() async throws {
    try await Stage.with(Stage.record(tier: .minor)) { stage in
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.harness.sweep()
      #expect(try await stage.gate().decision == nil)
      try await stage.act(ChecklistRoutes.done, "release-notes", as: "petra")
      try await stage.harness.sweep()
      let gate = try await stage.gate()
      #expect(gate.open && gate.by == "gonogo-checklist")
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      try await stage.harness.sweep()
      #expect(try await !stage.gate().open)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.harness.sweep()
      #expect(try await stage.gate().open)
      #expect(try await stage.harness.announced(Announcements.decisionMade).count == 2)
    }
  }
}
