import ChecklistService
import JSON
import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct ExposureServiceTests {
  @discardableResult
  private func expose(
    _ stage: Stage, _ route: Route<ExposureRequest, ExposureView>, at: String? = nil, _ percentage: Double? = nil
  ) async throws -> ExposureView {
    let view = try await stage.harness.call(
      route,
      ExposureRequest(
        launch: Stage.launch, at: at.map(Stage.at), percentage: percentage,
        reason: route.method == ChecklistRoutes.rollback.method ? "errors doubled" : nil), as: "petra")
    try await stage.harness.settle()
    return view
  }

  @Test(
    "Shipping, staging, rolling back and relaunching are announced with all attempts, and violate nothing under a GO")
  func walk() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      let shipped = try await expose(stage, ChecklistRoutes.ship)
      #expect(shipped.percentage == 5 && shipped.violations.isEmpty && !shipped.backdated)
      stage.set("2027-03-03T14:00:00Z")
      #expect(try await stage.gate().open, "a GO covers the later stages")
      #expect(try await expose(stage, ChecklistRoutes.stage, 25).violations.isEmpty)
      stage.set("2027-03-04T14:00:00Z")
      try await expose(stage, ChecklistRoutes.rollback)
      #expect(try await !stage.gate().open)
      let relaunched = try await expose(stage, ChecklistRoutes.ship)
      #expect(relaunched.attempts.count == 2)
      #expect(relaunched.violations.count == 1)
      let started = try await stage.harness.announced(Announcements.exposureStarted)
      #expect(started.map(\.attempt) == [1, 2])
      #expect(try await stage.harness.announced(Announcements.exposureStaged).map(\.percentage) == [25])
      #expect(try await stage.harness.announced(Announcements.exposureRolledBack).first?.attempts.count == 1)
    }
  }

  @Test("A preview names the rules that an exposure would break, and records nothing")
  func preview() async throws {
    try await Stage.with { stage in
      func preview(_ at: String? = nil, _ percentage: Double? = nil) async throws -> ExposurePreview {
        let request = ExposureRequest(launch: Stage.launch, at: at.map(Stage.at), percentage: percentage)
        return try await stage.harness.call(ChecklistRoutes.previewExposure, request, as: "petra")
      }
      let early = try await preview()
      #expect(early.withoutGo && early.exposure.percentage == 5)
      #expect(early.breaks.map { String($0.prefix { $0 != ":" }) } == ["not-sealed", "no-go-in-force"])
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      let allowed = try await preview()
      #expect(!allowed.withoutGo && allowed.breaks.isEmpty)
      let late = try await preview("2027-03-01T14:00:00Z")
      #expect(late.withoutGo && late.exposure.backdated, "no GO was in force the day before")
      try await stage.harness.settle()
      let exposure = try await stage.harness.call(
        ChecklistRoutes.showExposure, LaunchReference(launch: Stage.launch), as: "petra")
      #expect(exposure.attempts.isEmpty)
      try await expose(stage, ChecklistRoutes.ship)
      #expect(try await !preview(nil, 25).withoutGo)
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "dana")
      #expect(try await preview(nil, 25).withoutGo, "the GO went stale with the item")
    }
  }

  @Test("A late record is marked as backdated, and is judged by the state at its time")
  func backdated() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-05T14:00:00Z")
      let view = try await expose(stage, ChecklistRoutes.ship, at: "2027-01-31T14:00:00Z")
      #expect(view.backdated)
      #expect(view.violations.map { String($0.prefix { $0 != ":" }) } == ["not-sealed", "no-go-in-force"])
    }
  }

  @Test(
    "Of many decisions, the one in effect at shipping counts, and the latest has the right number",
    arguments: [("2027-03-02T14:30:00Z", true), ("2027-03-02T15:30:00Z", false), ("2027-03-02T16:30:00Z", true)])
  func manyDecisions(at moment: String, isGoverned: Bool) async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      let decisions: [DecisionKind] = [.go, .hold, .go, .noGo, .hold]
      for (index, decision) in decisions.enumerated() {
        stage.set("2027-03-02T\(14 + index):00:00Z")
        try await stage.decide(decision, override: decision == .noGo ? true : nil)
      }
      let made = try await stage.harness.announced(Announcements.decisionMade)
      #expect(made.map(\.decision) == decisions)
      let view = try await expose(stage, ChecklistRoutes.ship, at: moment)
      #expect(view.violations.isEmpty == isGoverned)
      stage.set("2027-03-02T20:00:00Z")
      let staged = try await expose(stage, ChecklistRoutes.stage, 25)
      #expect(staged.violations.count == (isGoverned ? 1 : 2), "the last decision is a hold")
    }
  }

  @Test("Only the rollout's production flag above 0% is exposure")
  func flag() async throws {
    try await Stage.with { stage in
      func change(_ percentage: JSONValue, _ environment: String, _ id: String) async throws {
        try await stage.harness.receive(
          Signals.event(
            .flagChanged, id: id, at: stage.harness.clock.now(),
            ["flag": "smart-routing", "percentage": percentage, "environment": .string(environment)]))
        stage.harness.clock.advance(seconds: 60)
      }
      try await change(100, "staging", "1")
      try await change(0, "production", "2")
      #expect(try await stage.harness.announced(Announcements.exposureStarted).isEmpty)
      try await change(5, "production", "3")
      try await change(25, "production", "4")
      try await change(0, "production", "5")
      #expect(try await stage.harness.announced(Announcements.exposureStarted).map(\.percentage) == [5])
      #expect(try await stage.harness.announced(Announcements.exposureStaged).map(\.percentage) == [25])
      #expect(try await stage.harness.announced(Announcements.exposureRolledBack).count == 1)
    }
  }

  @Test("However often a flag is switched, each step is announced, and consumers see every attempt")
  func manySteps() async throws {
    try await Stage.with { stage in
      var known: [ExposureAttempt] = []
      let reason = String(repeating: "ü", count: 1_000)
      for _ in 1...130 {
        stage.harness.clock.advance(seconds: 60)
        try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
        stage.harness.clock.advance(seconds: 60)
        try await stage.harness.call(
          ChecklistRoutes.rollback, ExposureRequest(launch: Stage.launch, reason: reason), as: "petra")
      }
      try await stage.harness.settle()
      for announced in try await stage.harness.announced(Announcements.exposureRolledBack) {
        known = announced.attempts(after: known)
        #expect(announced.violations.count <= 20 && announced.attempts.count <= 100)
      }
      #expect(known.map(\.attempt) == Array(1...130))
      #expect(known.allSatisfy { $0.rolledBackAt != nil })
      let last = try #require(try await stage.harness.announced(Announcements.exposureRolledBack).last)
      #expect(last.violationCount == 260, "each attempt without a seal and without a GO")
    }
  }

  @Test("Only the launch's owner and Product Ops record exposure")
  func rights() async throws {
    try await Stage.with { stage in
      let refused = await problem {
        _ = try await stage.harness.call(
          ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "erin")
      }
      #expect(refused?.kind == .forbidden)
    }
  }
}
