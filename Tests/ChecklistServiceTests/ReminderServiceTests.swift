import ChecklistService
import Contract
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

/// For the launch on Tuesday 2 March, the demo is due on Tuesday 23 February, and its reminder on Thursday the 18th.
@Suite("Reminders by the checklist service") struct ReminderServiceTests {
  private static func notices(_ stage: Stage, _ type: EventType<Notice>, of item: String) async throws -> [Notice] {
    try await stage.harness.announced(type).filter { $0.key.contains("/\(item)/") }
  }

  @Test("People are reminded once per due day, in the launch's time zone") func once() async throws {
    try await Stage.with { stage async throws in
      try await stage.act(ChecklistRoutes.assign, "internal-demo", as: "cora") { $0.to = "cora" }
      stage.set("2027-02-18T04:59:59Z")
      try await stage.harness.sweep()
      #expect(try await Self.notices(stage, Announcements.noticeDue, of: "internal-demo").isEmpty)
      // Midnight in New York.
      stage.set("2027-02-18T05:00:00Z")
      for _ in 1...3 { try await stage.harness.sweep() }
      let due = try await Self.notices(stage, Announcements.noticeDue, of: "internal-demo")
      #expect(due.map(\.key) == ["due/smart-routing/internal-demo/2027-02-23"])
      #expect(due.map(\.people) == [["cora"]])
      stage.set("2027-02-24T15:00:00Z")
      for _ in 1...2 { try await stage.harness.sweep() }
      let late = try await Self.notices(stage, Announcements.noticeOverdue, of: "internal-demo")
      #expect(late.map(\.functions) == [[.cs]])
      #expect(try await Self.notices(stage, Announcements.noticeDue, of: "internal-demo").count == 1)
    }
  }

  @Test("A moved launch has reminders for its new days, none again if moved back; a stopped launch has none")
  func moved() async throws {
    try await Stage.with { stage async throws in
      stage.set("2027-02-19T15:00:00Z")
      try await stage.harness.sweep()
      try await stage.announce(
        Stage.record(date: Stage.day("2027-03-30"), version: 2), as: Announcements.launchRescheduled)
      try await stage.announce(Stage.record(version: 3), as: Announcements.launchRescheduled)
      stage.set("2027-02-22T15:00:00Z")
      try await stage.harness.sweep()
      #expect(try await Self.notices(stage, Announcements.noticeDue, of: "internal-demo").count == 1)
      try await stage.announce(
        Stage.record(date: Stage.day("2027-03-30"), version: 4), as: Announcements.launchRescheduled)
      stage.set("2027-02-25T15:00:00Z")
      try await stage.harness.sweep()
      #expect(try await Self.notices(stage, Announcements.noticeOverdue, of: "internal-demo").isEmpty)
      stage.set("2027-03-22T15:00:00Z")
      try await stage.harness.sweep()
      #expect(
        try await Self.notices(stage, Announcements.noticeDue, of: "internal-demo").map(\.key) == [
          "due/smart-routing/internal-demo/2027-02-23", "due/smart-routing/internal-demo/2027-03-23",
        ])
      let late = try await stage.harness.announced(Announcements.noticeOverdue).count
      try await stage.stop(.postponed)
      stage.set("2027-03-26T15:00:00Z")
      try await stage.harness.sweep()
      #expect(try await stage.harness.announced(Announcements.noticeOverdue).count == late)
    }
  }

  @Test("Each block notifies the launch's owner and the function") func blocked() async throws {
    try await Stage.with { stage async throws in
      try await stage.act(ChecklistRoutes.block, "qa", as: "erin")
      try await stage.act(ChecklistRoutes.unblock, "qa", as: "erin")
      try await stage.act(ChecklistRoutes.block, "qa", as: "erin")
      let notices = try await stage.harness.announced(Announcements.noticeBlocked)
      #expect(Set(notices.map(\.key)).count == 2)
      #expect(notices.first?.people == ["petra"])
      #expect(notices.first?.functions == [.engineering])
      #expect(notices.first?.text.contains("is blocked: because") == true)
    }
  }

  @Test("Launches from before reminders existed are checked once") func fromBefore() async throws {
    try await Stage.with { stage async throws in
      try await stage.harness.environment.database.write { db in
        try db.execute("UPDATE launches SET remind_on = ''")
      }
      stage.set("2027-02-24T15:00:00Z")
      try await stage.harness.sweep()
      #expect(try await Self.notices(stage, Announcements.noticeOverdue, of: "internal-demo").count == 1)
    }
  }
}
