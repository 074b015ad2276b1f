import Contract
import JSON
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

@testable import TieringService

/// The launch is proposed on Monday 2027-02-01 for Tuesday 2027-03-02, and its last six weeks have begun.
@Suite("Confirming dates again") struct ReconfirmTests {
  private static func action(_ reason: String? = nil) throws -> LaunchAction {
    LaunchAction(launch: try smartRouting(), reason: reason)
  }

  @Test("Proposing a launch confirms its date by the adopted policy's rule")
  func proposing() async throws {
    try await TieringStage.with { harness async throws in
      let proposed = try await harness.propose()
      #expect(
        proposed.confirmation == DateConfirmation(at: TieringStage.start, by: "ibrahim", rule: .standard))
      #expect(try await harness.announced(Announcements.launchReconfirmed).isEmpty)
    }
  }

  @Test("The owner and Product Ops can confirm a date, even after GO, which creates no version")
  func confirming() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      try await harness.decide(.go)
      harness.clock.advance(days: 3)
      let confirmed = try await harness.call(
        TieringRoutes.reconfirm, try Self.action("checked with Marketing"), as: "ibrahim")
      #expect(confirmed.confirmation?.at == harness.clock.now() && confirmed.confirmation?.by == "ibrahim")
      #expect(confirmed.version == 1 && confirmed.status == .decided)
      let again = try await harness.call(TieringRoutes.reconfirm, try Self.action(), as: "dana")
      #expect(again.confirmation?.by == "dana" && again.version == 1)
      let announced = try await harness.announced(Announcements.launchReconfirmed)
      #expect(announced.map(\.confirmation.by) == ["ibrahim", "dana"])
      #expect(announced.map(\.date.description) == ["2027-03-02", "2027-03-02"])
      let history = try await harness.call(
        TieringRoutes.history, LaunchReference(launch: try smartRouting()), as: "sam")
      let entry = history.entries.last { $0.by == "ibrahim" }
      #expect(entry?.action == "reconfirmed" && entry?.detail == "checked with Marketing")
    }
  }

  @Test("Nobody else can confirm a date, and a launch without a date cannot be confirmed")
  func refused() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      func refusal(_ person: PersonID) async throws -> Problem? {
        let action = try Self.action("because")
        return await #expect(throws: Problem.self) {
          try await harness.call(TieringRoutes.reconfirm, action, as: person)
        }
      }
      #expect(try await refusal("sam")?.kind == .forbidden)
      try await harness.call(TieringRoutes.postpone, try Self.action("later"), as: "ibrahim")
      #expect(try await refusal("ibrahim")?.code == "not-now")
      try await harness.call(TieringRoutes.cancel, try Self.action("never"), as: "ibrahim")
      #expect(try await refusal("ibrahim")?.code == "not-now")
    }
  }

  @Test("Rescheduling confirms the new date")
  func rescheduling() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      harness.clock.advance(days: 5)
      let request = RescheduleLaunch(launch: try smartRouting(), date: try #require(LocalDate("2027-03-16")))
      let moved = try await harness.call(TieringRoutes.reschedule, request, as: "dana")
      #expect(moved.confirmation?.at == harness.clock.now() && moved.confirmation?.by == "dana")
    }
  }

  @Test("The owner is asked once, on the last day of the confirmation, unless the date was confirmed before")
  func notices() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      func keys() async throws -> [String] { try await harness.announced(Announcements.noticeReconfirm).map(\.key) }
      // Proposed on 2027-02-01, so confirmed until 2027-02-15.
      harness.clock.advance(days: 13)
      try await harness.sweep()
      #expect(try await keys() == [])
      harness.clock.advance(days: 1)
      for _ in 1...3 { try await harness.sweep() }
      #expect(try await keys() == ["reconfirm/smart-routing/2027-02-15"])
      #expect(try await harness.announced(Announcements.noticeReconfirm).first?.people == ["ibrahim"])
      harness.clock.advance(days: 1)
      try await harness.call(TieringRoutes.reconfirm, try Self.action(), as: "ibrahim")
      // Confirmed on 2027-02-16 for 14 days, which lasts until the launch.
      harness.clock.advance(days: 13)
      try await harness.sweep()
      #expect(try await keys().count == 1)
    }
  }

  @Test("The rule of the launch's own policy version applies; another policy applies from re-tiering on")
  func policy() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let adopted = try await harness.call(TieringRoutes.showPolicy, VersionReference(), as: "dana")
      var document = adopted.document.objectValue ?? [:]
      document["version"] = .integer(Int64(adopted.documentVersion + 1))
      document["reconfirmation"] = ["everyDays": 7, "tiers": [1]]
      try await harness.environment.change { [document] tx in
        try DocumentRepository(db: tx.db).adoptPolicy(.object(document), reason: "weekly", tx)
      }
      #expect(try await harness.show(try smartRouting()).confirmation?.rule == .standard)
      let retier = RetierLaunch(launch: try smartRouting(), facts: ["pricing": true], reason: "weekly")
      let retiered = try await harness.call(TieringRoutes.retier, retier, as: "dana")
      let rule = ReconfirmationRule(everyDays: 7, lastWeeks: 6, tiers: [.major])
      #expect(retiered.confirmation?.rule == rule)
      #expect(retiered.confirmation?.at == TieringStage.start, "re-tiering confirms nothing")
    }
  }

  @Test("The confirmation at an earlier moment can be queried")
  func earlier() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      harness.clock.advance(days: 3)
      let before = harness.clock.now()
      harness.clock.advance(days: 1)
      try await harness.call(TieringRoutes.reconfirm, try Self.action(), as: "dana")
      let after = harness.clock.now()
      func by(_ moment: Timestamp) async throws -> String? {
        let reference = LaunchReference(launch: try smartRouting(), asOf: moment)
        return try await harness.call(TieringRoutes.show, reference, as: "sam").confirmation?.by
      }
      #expect(try await by(before) == "ibrahim")
      #expect(try await by(after) == "dana")
    }
  }

  @Test("At the upgrade, running launches count as confirmed once, and their chains stay intact")
  func upgrade() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      // As a store of 0.1.0 has it: written by the service, so that its chain says so.
      try await harness.environment.change { tx in
        var row = try LaunchRepository(db: tx.db).required(try smartRouting())
        row.record.confirmation = nil
        try LaunchWriter(tx).progress(row)
      }
      harness.clock.advance(days: 10)
      for _ in 1...2 { try await harness.service.started(harness.environment) }
      let record = try await harness.show(try smartRouting())
      #expect(record.confirmation?.at == harness.clock.now() && record.confirmation?.by == "gonogo-tiering")
      #expect(record.version == 1)
      #expect(try await harness.announced(Announcements.launchReconfirmed).count == 1)
    }
  }
}
