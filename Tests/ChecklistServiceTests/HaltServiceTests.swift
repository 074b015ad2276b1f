import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Stopping the line") struct HaltServiceTests {
  private static let other = [LaunchID("fast-search")].compactMap(\.self)[0]

  /// Runs the body on the launch date of a launch of tier 2 whose gate is open.
  private static func withOpenGate(
    isTampered: Bool = false, _ body: @Sendable (Stage) async throws -> Void
  ) async throws {
    try await Stage.with(isTampered: isTampered) { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await stage.gate().open)
      try await body(stage)
    }
  }

  @Test("A halt closes the gate at once without making the GO stale; lifting it restores the GO")
  func wholeHalt() async throws {
    try await Self.withOpenGate { stage in
      let digest = try await stage.gate().digest
      let view = try await stage.halt("payments are failing")
      #expect(view.halted && view.halt?.by == "dana")
      let gate = try await stage.gate()
      #expect(!gate.open && !gate.inForce && !gate.stale)
      #expect(
        gate.reasons.map(\.detail) == ["halted by dana since 2027-03-02T14:00:00Z: payments are failing"])
      let shown = try await stage.harness.call(
        ChecklistRoutes.showDecision, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(!shown.inForce && !shown.stale && shown.reasons.first?.code == "halted")
      try await stage.lift("fixed")
      let again = try await stage.gate()
      #expect(again.open && again.inForce && again.digest == digest)
      #expect(try await stage.harness.announced(Announcements.decisionStale).isEmpty)
      let set = try await stage.harness.announced(Announcements.haltSet)
      let lifted = try await stage.harness.announced(Announcements.haltLifted)
      #expect(set.map(\.halt) == [1] && lifted.map(\.halt) == [1])
      let headers = try await stage.harness.announcements(of: Announcements.haltSet.name).map {
        try JSONCoding.decode(AnnouncementHeader.self, from: $0.data ?? .null)
      }
      #expect(headers.map(\.reason) == ["payments are failing"] && headers.map(\.launch) == ["halt"])
    }
  }

  @Test("An exempt launch keeps its gate, a launch proposed later does not; both are recorded")
  func exceptions() async throws {
    try await Self.withOpenGate { stage in
      try await stage.halt("payments are failing", except: [Stage.launch])
      #expect(try await stage.gate().open)
      var record = Stage.record()
      record.plan.launch = Self.other
      try await stage.harness.receive(
        Announcements.launchProposed, from: .tiering, launch: Self.other.rawValue,
        LaunchAnnounced(record: record, changed: []))
      let readiness = try await stage.harness.call(
        ChecklistRoutes.readiness, LaunchReference(launch: Self.other), as: "erin")
      #expect(readiness.halt?.number == 1 && readiness.reasons.first?.code == "halted")
      let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin")
      #expect(board.halt?.reason == "payments are failing")
      let halted = board.launches.filter { $0.halt != nil }.map(\.launch)
      #expect(halted == [Self.other])
      try await stage.revoke(Stage.launch)
      #expect(try await stage.gate().reasons.map(\.code) == ["halted"])
      let shown = try await stage.harness.call(ChecklistRoutes.showHalt, NoParameters(), as: "lena")
      #expect(shown.halt?.exceptions.map(\.launch) == [Stage.launch])
      #expect(shown.halt?.exceptions.first?.revoked?.by == "dana")
      let unknown = await problem {
        let request = SetHalt(reason: "r", except: [LaunchID("fast-serch")].compactMap(\.self))
        try await stage.harness.call(ChecklistRoutes.setHalt, request, as: "dana")
      }
      #expect(unknown?.code == "launch-not-found" && unknown?.detail.contains("fast-search") == true)
    }
  }

  @Test("Only Product Ops, and people with the granted right, can stop the line and lift the halt")
  func rights() async throws {
    try await Self.withOpenGate { stage in
      #expect(await problem { try await stage.halt("mine", as: "ibrahim") }?.kind == .forbidden)
      #expect(try await stage.gate().open)
      var roster = Stage.roster
      roster.grants = [Grant(principal: .uid(12), rights: [.halt])]
      try await stage.harness.call(
        ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(roster)), as: "dana")
      try await stage.halt("an incident", as: "ibrahim")
      #expect(try await stage.gate().reasons.first?.detail.hasPrefix("halted by ibrahim since ") == true)
      #expect(await problem { try await stage.lift("mine", as: "petra") }?.kind == .forbidden)
      try await stage.lift("over", as: "ibrahim")
      #expect(try await stage.gate().open)
    }
  }

  @Test(
    "A halt deleted, lifted or rewritten in the store without gonogo is reported, and the gates stay closed",
    arguments: [
      "DELETE FROM halts", "UPDATE halts SET document = replace(document, 'payments', 'nothing')",
      """
      UPDATE halts SET document = replace(document, '"exceptions":[]',
        '"exceptions":[],"lifted":{"at":"2027-03-02T14:00:00Z","by":"dana","reason":"fixed"}')
      """,
    ])
  func tampering(sql: String) async throws {
    try await Self.withOpenGate(isTampered: true) { stage in
      try await stage.halt("payments are failing")
      let count = try await stage.harness.environment.database.write { try $0.execute(sql) }
      #expect(count == 1)
      let gate = try await stage.gate()
      #expect(!gate.open && !gate.inForce)
      #expect(gate.reasons.first?.code == Problem.contradictsChain)
      #expect(gate.reasons.first?.detail.contains("halt:1") == true)
      #expect(gate.reasons.first?.detail.contains("gonogo audit accept halt") == true)
      let verification = try await stage.harness.call(
        ServiceRoutes.auditVerify(.checklist), AuditVerifyParameters(), as: "erin")
      #expect(verification.chains.first { $0.launch == "halt" }?.broken?.key == "halt:1")
    }
  }

  @Test("In tier 3, the automatic GO waits until the halt is lifted")
  func automatic() async throws {
    try await Stage.with(Stage.record(tier: .minor)) { stage in
      try await stage.halt("payments are failing")
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await stage.act(ChecklistRoutes.done, "release-notes", as: "petra")
      try await stage.harness.sweep()
      let gate = try await stage.gate()
      #expect(!gate.open && gate.decision == nil && gate.reasons.first?.code == "halted")
      try await stage.lift("fixed")
      #expect(try await stage.gate().open)
    }
  }

  @Test("The halt at an earlier moment can be queried, and shipping during a halt is a violation")
  func earlier() async throws {
    try await Self.withOpenGate { stage in
      stage.set("2027-03-02T14:10:00Z")
      try await stage.halt("payments are failing")
      stage.set("2027-03-02T14:20:00Z")
      let exposure = try await stage.harness.call(
        ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
      #expect(exposure.violations.map { String($0.prefix { $0 != ":" }) } == ["halted"])
      stage.set("2027-03-02T14:30:00Z")
      try await stage.lift("fixed")
      for (time, isHalted) in [("14:05:00Z", false), ("14:15:00Z", true), ("14:30:00Z", false)] {
        let reference = LaunchReference(launch: Stage.launch, asOf: Stage.at("2027-03-02T\(time)"))
        let view = try await stage.harness.call(ChecklistRoutes.readiness, reference, as: "erin")
        #expect((view.halt != nil) == isHalted, "\(time)")
      }
    }
  }

  @Test("During a halt, shipping counts as without a GO, and a signed GO is stated as halted")
  func notInForce() async throws {
    try await Self.withOpenGate { stage in
      try await stage.halt("payments are failing")
      let preview = try await stage.harness.call(
        ChecklistRoutes.previewExposure, ExposureRequest(launch: Stage.launch), as: "petra")
      #expect(preview.withoutGo)
      #expect(preview.breaks.map { String($0.prefix { $0 != ":" }) } == ["halted"])
      try await stage.harness.settle()
      let envelope = try await stage.harness.call(
        ChecklistRoutes.exportDecision, ExportDecision(launch: Stage.launch), as: "erin")
      let payload = try #require(Base64.decoded(envelope.payload))
      let statement = try JSONCoding.decode(Statement<DecisionPredicate>.self, from: payload)
      #expect(statement.predicate.validity.state == "halted")
    }
  }

  @Test("Once a request to halt has been answered, every gate that is asked is closed")
  func race() async throws {
    try await Self.withOpenGate { stage in
      for round in 1...10 {
        async let concurrent = stage.harness.call(
          ChecklistRoutes.checkGate, GateRequest(launch: Stage.launch), as: "erin")
        try await stage.halt("round \(round)")
        let after = try await stage.gate()
        #expect(!after.open && after.reasons.first?.code == "halted")
        let gate = try await concurrent
        #expect(gate.open == gate.reasons.isEmpty, "open, or closed by the halt")
        try await stage.lift("round \(round)")
        #expect(try await stage.gate().open)
      }
    }
  }
}

extension Stage {
  @discardableResult
  fileprivate func halt(
    _ reason: String, except: [LaunchID]? = nil, as person: PersonID = "dana"
  ) async throws -> HaltView {
    try await harness.call(ChecklistRoutes.setHalt, SetHalt(reason: reason, except: except), as: person)
  }

  fileprivate func revoke(_ launch: LaunchID) async throws {
    try await harness.call(ChecklistRoutes.setHalt, SetHalt(reason: "not that one", revoke: [launch]), as: "dana")
  }

  fileprivate func lift(_ reason: String, as person: PersonID = "dana") async throws {
    try await harness.call(ChecklistRoutes.liftHalt, LiftHalt(reason: reason), as: person)
  }
}
