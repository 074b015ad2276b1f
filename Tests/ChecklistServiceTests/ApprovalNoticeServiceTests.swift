import ChecklistService
import Contract
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

/// The stage begins on Monday, 1 February 2027, at 10:00 in New York.
@Suite("Notices about approvals, mentions and waivers by the checklist service") struct ApprovalNoticeServiceTests {
  private static func asked(_ stage: Stage) async throws -> [Notice] {
    try await stage.harness.announced(Announcements.noticeApprovalAsked)
  }

  @Test("Groups are asked at once, and those that do not respond are reminded once, with their lead")
  func approvals() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.act(ChecklistRoutes.submit, "launch-copy", as: "max")
      let key = "approvalasked/smart-routing/launch-copy"
      let round = "2027-02-01T15:00:00Z"
      #expect(try await Self.asked(stage).map(\.key) == ["\(key)/product/\(round)", "\(key)/legal/\(round)"])
      #expect(try await Self.asked(stage).map(\.people) == [[], ["lena"]])
      try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "petra")
      stage.set("2027-02-03T14:59:59Z")
      for _ in 1...2 { try await stage.harness.sweep() }
      #expect(try await Self.asked(stage).count == 2)
      stage.set("2027-02-03T15:00:00Z")
      for _ in 1...3 { try await stage.harness.sweep() }
      let late = try await Self.asked(stage).dropFirst(2)
      #expect(late.map(\.key) == ["\(key)/legal/\(round)/reminder", "\(key)/legal/\(round)/lead"])
      #expect(late.last?.functions == [.productOps])
      let clocks = try await stage.show("launch-copy").item.approvals.map { $0.clock?.waitedMinutes }
      #expect(clocks == [0, 2 * 24 * 60])
      try await stage.harness.requireIntactChains()
    }
  }

  @Test("Items that were in review before the upgrade are checked once, and their groups are asked")
  func fromBefore() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.act(ChecklistRoutes.submit, "launch-copy", as: "max")
      let sent = try await Self.asked(stage).count
      try await stage.harness.environment.database.write { db in
        try db.execute("UPDATE launches SET ask_at = 0")
      }
      for _ in 1...2 { try await stage.harness.sweep() }
      #expect(try await Self.asked(stage).count == sent, "what was sent is not sent again")
      let due = try await stage.harness.environment.database.read { db in
        try db.query("SELECT launch FROM launches WHERE ask_at = 0").count
      }
      #expect(due == 0)
    }
  }

  @Test("Each comment notifies the people it mentions once, but not its author")
  func mentions() async throws {
    try await Stage.with { stage in
      for text in ["@mia and @lena: please look", "no mention", "@mia @erin again"] {
        try await stage.act(ChecklistRoutes.comment, "qa", as: "erin") { $0.text = text }
      }
      let notices = try await stage.harness.announced(Announcements.noticeMentioned)
      #expect(notices.map(\.people) == [["mia", "lena"], ["mia"]])
      #expect(notices.map(\.key) == ["mentioned/smart-routing/qa/1", "mentioned/smart-routing/qa/3"])
      #expect(
        notices.first?.text
          == "erin mentioned you in a comment on qa of Smart routing: @mia and @lena: please look")
    }
  }

  @Test("A waiver request notifies whoever may waive the item, and appears in the rollup")
  func waiver() async throws {
    try await Stage.with { stage in
      let detail = try await stage.act(ChecklistRoutes.waive, "qa", as: "erin") { $0.reason = "no test bench" }
      #expect(detail.item.state == .open)
      #expect(detail.item.waiverRequest?.by == "erin")
      #expect(detail.history.map(\.action) == ["request-waiver"])
      let notices = try await Self.asked(stage)
      #expect(notices.map(\.functions) == [[.productOps]])
      #expect(
        notices.first?.text.contains("erin asks to waive qa (Engineering) of Smart routing: no test bench") == true)
      let reference = LaunchReference(launch: Stage.launch)
      let asked = try await stage.harness.call(ChecklistRoutes.readiness, reference, as: "erin").functions
      #expect(asked.first { $0.function == .engineering }?.waiverRequests == ["qa"])
      try await stage.act(ChecklistRoutes.waive, "qa", as: "dana")
      let given = try await stage.harness.call(ChecklistRoutes.readiness, reference, as: "erin").functions
      let engineering = given.first { $0.function == .engineering }
      #expect(engineering?.waived == ["qa"] && engineering?.waiverRequests == [])
      #expect(engineering?.state == .ready)
    }
  }
}
