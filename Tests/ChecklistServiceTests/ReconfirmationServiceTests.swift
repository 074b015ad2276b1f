import ChecklistService
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

/// The launch is on Tuesday 2027-03-02; its last five business days begin on 2027-02-23.
@Suite("Dates that are not confirmed") struct ReconfirmationServiceTests {
  private static func record(confirmedAt: String) -> LaunchRecord {
    var record = Stage.record(tier: .major)
    record.confirmation = DateConfirmation(at: Stage.at(confirmedAt), by: "petra")
    return record
  }

  private static func readiness(_ stage: Stage) async throws -> ReadinessView {
    try await stage.harness.call(ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch), as: "erin")
  }

  @Test("An unconfirmed date is a risk, then a reason against GO, until tiering announces its confirmation")
  func announced() async throws {
    try await Stage.with(Self.record(confirmedAt: "2027-01-20T12:00:00Z")) { stage in
      try await stage.makeReady()
      stage.set("2027-02-04T15:00:00Z")
      let early = try await Self.readiness(stage)
      #expect(early.recommendation == .go && early.risks?.map(\.code) == ["date-unconfirmed"])
      stage.set("2027-02-23T15:00:00Z")
      #expect(try await Self.readiness(stage).reasons.map(\.code) == ["date-unconfirmed"])
      let confirmation = DateConfirmation(at: stage.harness.clock.now(), by: "petra")
      try await stage.harness.receive(
        Announcements.launchReconfirmed, from: .tiering, launch: Stage.launch.rawValue, by: "petra",
        LaunchReconfirmed(date: Stage.date, confirmation: confirmation))
      let confirmed = try await Self.readiness(stage)
      #expect(confirmed.recommendation == .go && confirmed.risks == nil)
    }
  }

  @Test("A decision asks tiering whether the date is confirmed; a lapse does not end an existing GO")
  func decisions() async throws {
    try await Stage.with(Self.record(confirmedAt: "2027-02-10T12:00:00Z")) { stage in
      try await stage.makeReady()
      stage.set("2027-02-24T15:00:00Z")
      try await stage.decide()
      // The confirmation counted until 2027-02-24.
      stage.set("2027-03-02T14:00:00Z")
      try await stage.harness.sweep()
      try await stage.harness.call(
        ChecklistRoutes.confirmDecision, LaunchAction(launch: Stage.launch), as: "dana")
      #expect(try await stage.gate().open)
      let refused = await problem { try await stage.decide() }
      #expect(refused?.code == "against-recommendation")
      #expect(refused?.detail.contains("gonogo launch reconfirm smart-routing") == true)
      #expect(try await stage.gate().open)
      // Confirmed in tiering; the announcement is still on its way.
      stage.setOwner(Self.record(confirmedAt: "2027-03-02T13:00:00Z"))
      try await stage.decide()
      #expect(try await stage.gate().open)
      #expect(try await stage.harness.announced(Announcements.decisionStale).isEmpty)
    }
  }
}
