import ArgumentParser
import Contract
import Glibc
import JSON
import LaunchModel
import Testing

@testable import Gateway

@Suite("Commands that ask first")
struct ConfirmationTests {
  private static let record = LaunchRecord(
    plan: LaunchPlan(
      launch: Sample.launch, name: "Smart routing", owner: "petra", feature: "smart-routing",
      date: Sample.date("2027-03-02"), timeZone: "UTC", locales: ["en"], segments: [],
      facts: Facts(kinds: [.newSurface]), rollout: nil),
    tier: .major, tierComputed: .major, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
    reachedOn: [:], earliestDate: Sample.date("2027-03-01"), status: .preparing, version: 7,
    proposedAt: Sample.time("2027-01-04T09:00:00Z"), proposedBy: "petra")

  /// What the services answer: a GO in force or none, and a blackout that stops a launch or none.
  private static func answer(
    _ call: RecordingServices.Call, withoutGo: Bool, stops: Bool
  ) throws -> JSONValue {
    let exposure = ExposureView(launch: Sample.launch, attempts: [], percentage: 0, backdated: false, violations: [])
    let blackout = Blackout(
      key: Sample.id("freeze"), from: Sample.date("2027-03-01"), to: Sample.date("2027-03-05"), reason: "audit",
      by: "dana", at: Sample.time("2027-02-01T09:00:00Z"), version: 3)
    switch call.method {
    case TieringRoutes.preview.method: return try JSONCoding.value(Self.diff)
    case ChecklistRoutes.previewExposure.method:
      let breaks = withoutGo ? ["no-go-in-force: shipped without a GO (5% exposed)"] : []
      return try JSONCoding.value(ExposurePreview(exposure: exposure, breaks: breaks, withoutGo: withoutGo))
    case TieringRoutes.previewBlackout.method, TieringRoutes.previewExemption.method:
      let stopped = BlackoutPreview.Launch(
        launch: Sample.launch, name: "Smart routing", tier: .major, date: Sample.date("2027-03-02"), owner: "petra",
        endsGo: true)
      return try JSONCoding.value(
        BlackoutPreview(blackout: blackout, version: 2, stops: stops ? [stopped] : [], releases: []))
    case TieringRoutes.blackouts.method: return try JSONCoding.value(BlackoutList(blackouts: []))
    case TieringRoutes.setBlackout.method, TieringRoutes.exceptBlackout.method:
      return try JSONCoding.value(BlackoutView(blackout: blackout, stopped: []))
    case ChecklistRoutes.ship.method, ChecklistRoutes.stage.method, ChecklistRoutes.showExposure.method:
      return try JSONCoding.value(exposure)
    default: return try JSONCoding.value(Self.record)
    }
  }

  private static let diff = LaunchDiff(
    launch: Sample.launch, version: 7, changed: ["status"], told: ["status preparing → cancelled"],
    tier: .init(from: .major, to: .major), tierComputed: .init(from: .major, to: .major), override: nil,
    tierReasons: [], date: .init(from: Sample.date("2027-03-02"), to: Sample.date("2027-03-02")),
    earliestDate: .init(from: Sample.date("2027-03-01"), to: Sample.date("2027-03-01")), shortfall: nil, conflicts: [],
    notes: [], checklist: nil, needs: [])

  /// Runs a command whose standard input is not a terminal.
  ///
  /// - Returns: the error, and the methods that change something.
  private static func run(
    _ words: [String], withoutGo: Bool = true, stops: Bool = true
  ) async throws -> (error: GatewayError?, changes: [RecordingServices.Call], diagnostics: String) {
    try await withRecordingServices(answer: { try answer($0, withoutGo: withoutGo, stops: stops) }) { services in
      var failure: GatewayError?
      do {
        let command = try #require(try Gonogo.parseAsRoot(words) as? any GatewayCommand)
        try await command.run(in: services.session)
      } catch let error as GatewayError {
        failure = error
      }
      let changing = [
        TieringRoutes.cancel.method, TieringRoutes.postpone.method, TieringRoutes.setBlackout.method,
        TieringRoutes.exceptBlackout.method, ChecklistRoutes.ship.method, ChecklistRoutes.stage.method,
      ]
      return (failure, services.calls.filter { changing.contains($0.method) }, try services.diagnostics())
    }
  }

  private static let commands = [
    ["launch", "cancel", "smart-routing"], ["launch", "postpone", "smart-routing"],
    ["launch", "ship", "smart-routing"], ["launch", "stage", "smart-routing", "25"],
    ["calendar", "blackout", "set", "freeze", "--from", "2027-03-01", "--to", "2027-03-05"],
    ["calendar", "blackout", "except", "freeze", "smart-routing", "--remove"],
  ]

  @Test(
    "A script without --yes is refused, and nothing is changed",
    .enabled(if: isatty(0) == 0, "the test itself must not run at a terminal"), arguments: commands)
  func unasked(words: [String]) async throws {
    let (error, changes, _) = try await Self.run(words + ["--reason", "because"])
    #expect(error?.status == .usage)
    #expect(error?.messages == ["not a terminal: pass --yes to apply, or --dry-run to preview. Nothing was changed."])
    #expect(changes.isEmpty)
  }

  @Test("Without a reason nothing is changed, even with --yes", arguments: commands)
  func unexplained(words: [String]) async throws {
    let (error, changes, _) = try await Self.run(words + ["--yes"])
    #expect(error?.status == .usage)
    #expect(error?.messages.first?.contains("pass --reason TEXT") == true)
    #expect(changes.isEmpty)
  }

  @Test("With --yes and a reason the change is made", arguments: commands)
  func confirmed(words: [String]) async throws {
    let (error, changes, _) = try await Self.run(words + ["--yes", "--reason", "because"])
    #expect(error == nil, "\(error?.messages ?? [])")
    #expect(changes.count == 1)
    #expect(changes.first?.params["reason"] == "because")
  }

  @Test("--dry-run needs no reason and changes nothing", arguments: commands)
  func previewed(words: [String]) async throws {
    let (error, changes, _) = try await Self.run(words + ["--dry-run"])
    #expect(error == nil && changes.isEmpty)
  }

  @Test("Shipping without a GO warns on stderr, even with --yes; with a GO in force nothing is asked")
  func shipping() async throws {
    let (_, _, warned) = try await Self.run(Self.commands[2] + ["--yes", "--reason", "because"])
    #expect(warned.contains("warning: would be recorded: shipped without a GO (5% exposed)"))
    let (error, changes, silent) = try await Self.run(Self.commands[2], withoutGo: false)
    #expect(error == nil && changes.count == 1 && !silent.contains("without a GO"))
  }

  @Test("A rollback through stage 0 is never delayed by a question")
  func rollback() async throws {
    let (error, changes, _) = try await Self.run(
      ["launch", "stage", "smart-routing", "0", "--reason", "errors doubled"])
    #expect(error == nil && changes.count == 1)
  }

  @Test("A blackout that stops no launch is set without a question, based on the previewed version")
  func harmlessBlackout() async throws {
    let (error, changes, _) = try await Self.run(Self.commands[4] + ["--reason", "audit"], stops: false)
    #expect(error == nil)
    #expect(changes.map(\.meta.expectedVersion) == [2])
  }
  @Test("An exemption is granted without a question, and revoked without one if that stops nothing")
  func harmlessExemption() async throws {
    let revoke = Self.commands[5] + ["--reason", "audit"]
    let (error, changes, _) = try await Self.run(revoke, stops: false)
    #expect(error == nil)
    #expect(changes.map(\.meta.expectedVersion) == [2])
    let grant = revoke.filter { $0 != "--remove" }
    let granted = try await Self.run(grant)
    #expect(granted.error == nil && granted.changes.count == 1)
    let looked = try await Self.run(grant + ["--dry-run"])
    #expect(looked.error == nil && looked.changes.isEmpty)
  }
}
