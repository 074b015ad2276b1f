import Contract
import LaunchModel
import ReviewService
import TestSupport
import Testing

@Suite("Actions outlive the review")
struct ActionTests {
  private func add(_ harness: Harness, owner: PersonID? = "priya", due: String? = nil) async throws -> ActionView {
    try await harness.call(
      ReviewRoutes.addAction,
      AddAction(launch: try ReviewStage.id(), text: "Call Acme", owner: owner, due: try due.map(ReviewStage.date)),
      as: "dana")
  }

  @Test("An action is numbered within its launch, announced, and completed with an outcome by its owner")
  func life() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      #expect(try await add(harness).id == "smart-routing-a1")
      let second = try await add(harness, owner: "omar")
      #expect(second.id == "smart-routing-a2")
      let missing = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.finishAction, ActionReference(action: second.id), as: "omar")
      }
      #expect(missing?.errors.map(\.pointer) == ["/outcome"])
      let done = try await harness.call(
        ReviewRoutes.finishAction, ActionReference(action: second.id, outcome: "they are happy"), as: "omar")
      #expect(done.state == .done)
      let again = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.dropAction, ActionReference(action: second.id, outcome: "x"), as: "dana")
      }
      #expect(again?.code == "action-ended")
      #expect(try await harness.announced(Announcements.actionAdded).map(\.owner) == ["priya", "omar"])
      #expect(try await harness.announced(Announcements.actionDone).map(\.outcome) == ["they are happy"])
    }
  }

  @Test("An action without an owner can be assigned")
  func assign() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      let action = try await add(harness, owner: nil)
      let assigned = try await harness.call(
        ReviewRoutes.assignAction, AssignAction(action: action.id, owner: "priya"), as: "dana")
      #expect(assigned.owner == "priya")
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          ReviewRoutes.assignAction, AssignAction(action: action.id, owner: "nobody"), as: "dana")
      }
      #expect(problem?.code == "unknown-person")
    }
  }

  @Test("Actions are listed by due date, for a launch or an owner, with overdue ones marked in the launch's time zone")
  func list() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      _ = try await add(harness)
      _ = try await add(harness, owner: "omar", due: "2027-04-20")
      _ = try await add(harness, due: "2027-04-10")
      harness.clock.set(try ReviewStage.time("2027-04-11T03:00:00Z"))
      let all = try await harness.call(ReviewRoutes.listActions, ActionFilter(), as: "dana").actions
      #expect(all.map(\.id) == ["smart-routing-a3", "smart-routing-a2", "smart-routing-a1"])
      #expect(all.allSatisfy { !$0.overdue })
      harness.clock.advance(seconds: 3_600)
      let own = try await harness.call(ReviewRoutes.listActions, ActionFilter(owner: "priya"), as: "dana").actions
      #expect(own.map(\.overdue) == [true, false])
    }
  }

  @Test("The owner is reminded on the due date and weekly afterwards; only the latest of missed reminders is sent")
  func reminders() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      let action = try await add(harness, due: "2027-04-15")
      harness.clock.set(try ReviewStage.time("2027-04-15T03:59:59Z"))
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.noticeActionDue).isEmpty)
      harness.clock.advance(seconds: 1)
      try await harness.sweep()
      try await harness.sweep()
      harness.clock.set(try ReviewStage.time("2027-05-31T12:00:00Z"))
      try await harness.sweep()
      let notices = try await harness.announced(Announcements.noticeActionDue)
      #expect(
        notices.map(\.key) == ["actiondue/\(action.id)/2027-04-15", "actiondue/\(action.id)/2027-05-27"])
      #expect(notices.map(\.people) == [["priya"], ["priya"]])
      try await harness.call(
        ReviewRoutes.finishAction, ActionReference(action: action.id, outcome: "done"), as: "priya")
      harness.clock.advance(days: 30)
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.noticeActionDue).count == 2)
    }
  }
}
