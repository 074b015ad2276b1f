import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct RollbackServiceTests {
  @discardableResult
  private func expose(
    _ stage: Stage, _ route: Route<ExposureRequest, ExposureView>, _ percentage: Double? = nil, reason: String? = nil
  ) async throws -> ExposureView {
    stage.harness.clock.advance(seconds: 60)
    let view = try await stage.harness.call(
      route, ExposureRequest(launch: Stage.launch, percentage: percentage, reason: reason), as: "petra")
    try await stage.harness.settle()
    return view
  }

  private func setFlag(_ stage: Stage, to percentage: Double) async throws {
    stage.harness.clock.advance(seconds: 60)
    try await stage.harness.receive(
      Signals.event(
        .flagChanged, id: "\(stage.harness.clock.now())", at: stage.harness.clock.now(),
        ["flag": "smart-routing", "percentage": .number(percentage), "environment": "production"]))
  }

  enum Way: String, CaseIterable, Sendable {
    case verb, stage, flag
  }

  @Test(
    "However a launch is rolled back, the gate says who and why, and a relaunch needs a new GO",
    arguments: Way.allCases)
  func everyWay(way: Way) async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      try await expose(stage, ChecklistRoutes.ship)
      #expect(try await stage.gate().open)
      switch way {
      case .verb: try await expose(stage, ChecklistRoutes.rollback, reason: "errors doubled")
      case .stage: try await expose(stage, ChecklistRoutes.stage, 0, reason: "errors doubled")
      case .flag: try await setFlag(stage, to: 0)
      }
      let closed = try await stage.gate()
      #expect(!closed.open)
      #expect(closed.reasons.first?.code == "rolled-back")
      let detail = closed.reasons.first?.detail ?? ""
      #expect(detail.contains(way == .flag ? "the flag was set to 0% in production" : "petra rolled the launch back"))
      #expect(way == .flag || detail.contains("errors doubled"))
      let relaunched: ExposureView
      if way == .flag {
        try await setFlag(stage, to: 5)
        relaunched = try await stage.harness.call(
          ChecklistRoutes.showExposure, LaunchReference(launch: Stage.launch), as: "erin")
      } else {
        relaunched = try await expose(stage, ChecklistRoutes.ship)
      }
      #expect(relaunched.attempts.first?.rollbackReason != nil)
      #expect(relaunched.violations.count == 1)
      #expect(relaunched.violations.first?.contains("ended the GO") == true)
      #expect(try await !stage.gate().open, "exposure without a GO opens nothing")
      stage.harness.clock.advance(seconds: 60)
      try await stage.decide()
      #expect(try await stage.gate().open)
    }
  }

  @Test("A rollback without a reason is refused and changes nothing")
  func reason() async throws {
    try await Stage.with { stage in
      try await expose(stage, ChecklistRoutes.ship)
      for (route, percentage) in [(ChecklistRoutes.rollback, nil), (ChecklistRoutes.stage, 0)] as [(_, Double?)] {
        let refused = await problem { try await expose(stage, route, percentage) }
        #expect(refused?.code == "missing-reason")
      }
      let view = try await stage.harness.call(
        ChecklistRoutes.showExposure, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(view.percentage == 5)
    }
  }

  @Test("In tier 3 the gate stays closed after a rollback until an item is done again")
  func tierThree() async throws {
    try await Stage.with(Stage.record(tier: .minor)) { stage in
      for key in ["qa", "release-notes"] {
        let function = key == "qa" ? "erin" : "petra"
        try await stage.act(ChecklistRoutes.done, key, as: function)
      }
      #expect(try await stage.gate().open)
      try await expose(stage, ChecklistRoutes.ship)
      try await expose(stage, ChecklistRoutes.rollback, reason: "errors doubled")
      #expect(try await !stage.gate().open)
      stage.harness.clock.advance(seconds: 60)
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      #expect(try await !stage.gate().open)
      stage.harness.clock.advance(seconds: 60)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      #expect(try await stage.gate().open)
    }
  }
}
