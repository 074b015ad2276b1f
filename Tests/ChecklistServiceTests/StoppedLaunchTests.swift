import ChecklistService
import JSON
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite("Cancelled and postponed launches") struct StoppedLaunchTests {
  private let reference = LaunchReference(launch: Stage.launch)

  /// Runs the body on the launch date of a tier 1 launch that was ready, got its GO, and was then stopped.
  private func afterGo(
    _ status: LaunchStatus, _ body: @Sendable (Stage) async throws -> Void
  ) async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await stage.gate().open)
      try await stage.stop(status)
      try await body(stage)
    }
  }

  @Test(
    "A cancelled launch accepts no decision, vote, work or exposure, not even with an override"
  )
  func cancelled() async throws {
    try await afterGo(.cancelled) { stage in
      let harness = stage.harness
      let attempts: [@Sendable () async throws -> Void] = [
        { try await stage.decide(.go, override: true) }, { try await stage.decide(.noGo, override: true) },
        { try await stage.decide(.hold) },
        { try await harness.call(ChecklistRoutes.confirmDecision, LaunchAction(launch: Stage.launch), as: "dana") },
        {
          let vote = PollAnswer(launch: Stage.launch, answer: .go, function: .sales)
          try await harness.call(ChecklistRoutes.answerPoll, vote, as: "sol")
        }, { try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin") },
        { try await harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra") },
      ]
      for attempt in attempts {
        let refused = await problem(attempt)
        #expect(refused?.kind == .conflict && refused?.code == "launch-cancelled")
        #expect(refused?.extra["status"] == "cancelled")
      }
      let gate = try await stage.gate()
      #expect(!gate.open && !gate.inForce && gate.stale)
      #expect(gate.reasons.map(\.code) == ["launch-cancelled"])
    }
  }

  @Test("A postponed launch accepts no GO until it has a new date, and its gate names the reason")
  func postponed() async throws {
    try await afterGo(.postponed) { stage in
      let gate = try await stage.gate()
      #expect(!gate.open && !gate.inForce)
      #expect(gate.reasons.map(\.code) == ["launch-postponed"])
      let refused = await problem { try await stage.decide(.go, override: true) }
      #expect(refused?.kind == .conflict && refused?.code == "launch-postponed")
      #expect(refused?.extra["status"] == "postponed")
      let confirmed = await problem {
        try await stage.harness.call(
          ChecklistRoutes.confirmDecision, LaunchAction(launch: Stage.launch), as: "dana")
      }
      #expect(confirmed?.code == "launch-postponed")
      #expect(try await stage.decide(.hold).decision == .hold)
      try await stage.announce(
        Stage.record(tier: .major, date: Stage.day("2027-03-09"), version: 3), as: Announcements.launchRescheduled)
      #expect(try await stage.decide(.go, override: true).provisional)
    }
  }

  @Test(
    "In tier 3, stopping a launch closes the gate without a decision",
    arguments: [
      LaunchStatus.cancelled, .postponed,
    ])
  func minor(status: LaunchStatus) async throws {
    try await Stage.with(Stage.record(tier: .minor)) { stage in
      try await stage.stop(status)
      try await stage.act(ChecklistRoutes.comment, "qa", as: "erin") { $0.text = "for the record" }
      let gate = try await stage.gate()
      #expect(!gate.open && gate.reasons.map(\.code).contains("launch-\(status.rawValue)"))
    }
  }

  @Test("Shipping a postponed launch ends the postponement and puts it back on the board")
  func shipped() async throws {
    try await Stage.with { stage in
      func board() async throws -> [LaunchID] {
        try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin").launches.map(\.launch)
      }
      try await stage.stop(.postponed)
      #expect(try await board().isEmpty)
      try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
      try await stage.harness.settle()
      #expect(try await board() == [Stage.launch])
      let readiness = try await stage.harness.call(ChecklistRoutes.readiness, reference, as: "erin")
      #expect(!readiness.reasons.contains { $0.code == "launch-postponed" })
      // Tiering announces a change before it has received the exposure.
      var record = Stage.record(version: 3)
      record.status = .postponed
      try await stage.announce(record)
      #expect(try await board() == [Stage.launch])
    }
  }

  @Test("A launch that shipped while it was being cancelled stays on the board and can be rolled back")
  func shippedAtOnce() async throws {
    try await Stage.with { stage in
      try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
      try await stage.stop(.cancelled)
      let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin").launches
      #expect(board.map(\.launch) == [Stage.launch])
      let shown = try await stage.harness.call(ChecklistRoutes.showExposure, reference, as: "erin")
      #expect(shown.percentage > 0)
      #expect(shown.attempts.count == 1)
      let back = try await stage.harness.call(
        ChecklistRoutes.rollback, ExposureRequest(launch: Stage.launch, reason: "it was given up"), as: "petra")
      #expect(back.percentage == 0)
    }
  }

  @Test("Shipping an outdated version is refused; rolling back works with any version") func expectedVersion()
    async throws
  {
    try await Stage.with { stage in
      let ship = ExposureRequest(launch: Stage.launch)
      try await stage.announce(Stage.record(date: Stage.day("2027-03-09"), version: 2))
      let seen = CallMeta(expectedVersion: 1)
      let late = await problem {
        try await stage.harness.call(ChecklistRoutes.ship, ship, as: "petra", meta: seen)
      }
      #expect(late?.code == "version-conflict")
      #expect(late?.extra["current"] == 2)
      try await stage.harness.call(ChecklistRoutes.ship, ship, as: "petra", meta: CallMeta(expectedVersion: 2))
      try await stage.harness.call(
        ChecklistRoutes.rollback, ExposureRequest(launch: Stage.launch, reason: "outage"), as: "petra", meta: seen)
    }
  }

  @Test("The gate of a postponed launch with a stale GO and a reopened item lists both reasons")
  func everyReason() async throws {
    try await afterGo(.postponed) { stage in
      let exempt = try await stage.harness.call(ChecklistRoutes.items, reference, as: "erin").items
      let item = try #require(exempt.first { $0.key == "qa" })
      try await stage.act(ChecklistRoutes.reopen, item.key, as: "ibrahim")
      let gate = try await stage.gate()
      #expect(gate.stale)
      #expect(gate.reasons.map(\.code) == ["launch-postponed", "item-reopened"])
    }
  }
}
