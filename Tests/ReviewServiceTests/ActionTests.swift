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

  @Test("All open actions of a person move in one call, except those the caller may not change")
  func reassign() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      let first = try await add(harness)
      _ = try await add(harness, owner: "omar")
      let ended = try await add(harness)
      _ = try await harness.call(
        ReviewRoutes.finishAction, ActionReference(action: ended.id, outcome: "done"), as: "priya")
      let refused = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.reassignActions, ReassignActions(from: "priya", to: "omar"), as: "omar")
      }
      #expect(refused?.kind == .forbidden)
      let moved = try await harness.call(
        ReviewRoutes.reassignActions, ReassignActions(from: "priya", to: "omar"), as: "dana")
      #expect(moved.actions.map(\.id) == [first.id] && moved.refused.isEmpty)
      let all = try await harness.call(ReviewRoutes.listActions, ActionFilter(), as: "dana").actions
      #expect(all.map(\.owner) == ["omar", "omar", "priya"])
      #expect(try await harness.announced(Announcements.actionAssigned).map(\.owner) == ["omar"])
      for (from, to) in [("omar", "omar"), ("omar", "nobody"), ("prya", "omar")] {
        let wrong = await #expect(throws: Problem.self) {
          try await harness.call(ReviewRoutes.reassignActions, ReassignActions(from: from, to: to), as: "dana")
        }
        #expect(wrong?.kind == .invalid, "\(from) to \(to)")
      }
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

  @Test("Overdue actions come first, before ended ones with an earlier date, and can be listed alone")
  func overdue() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      let done = try await add(harness, due: "2027-04-05")
      _ = try await add(harness, due: "2027-04-20")
      _ = try await add(harness, due: "2027-04-10")
      try await harness.call(
        ReviewRoutes.finishAction, ActionReference(action: done.id, outcome: "they are happy"), as: "priya")
      harness.clock.set(try ReviewStage.time("2027-04-12T12:00:00Z"))
      let all = try await harness.call(ReviewRoutes.listActions, ActionFilter(), as: "dana").actions
      #expect(all.map(\.id) == ["smart-routing-a3", "smart-routing-a1", "smart-routing-a2"])
      let overdue = try await harness.call(ReviewRoutes.listActions, ActionFilter(overdue: true), as: "dana").actions
      #expect(overdue.map(\.id) == ["smart-routing-a3"])
    }
  }

  /// The roster with a lead of Support, and without some people.
  private func roster(without absent: PersonID...) -> Roster {
    var roster = ReviewStage.roster
    roster.people["lena"] = Person(
      name: "Lena Fox", functions: [.support], lead: [.support], principals: [Principal("key:lena")])
    for person in absent { roster.people[person] = nil }
    return roster
  }

  @Test("An overdue action is escalated to the lead of its owner's function after 3 business days, then weekly")
  func escalation() async throws {
    try await ReviewStage.run { harness in
      try await harness.adopt(roster(), version: 2)
      try await ReviewStage.openReview(harness)
      let action = try await add(harness, due: "2027-04-15")
      harness.clock.set(try ReviewStage.time("2027-04-20T03:59:59Z"))
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.noticeActionOverdue).isEmpty)
      harness.clock.advance(seconds: 1)
      try await harness.sweep()
      try await harness.sweep()
      harness.clock.set(try ReviewStage.time("2027-05-31T12:00:00Z"))
      try await harness.sweep()
      let notices = try await harness.announced(Announcements.noticeActionOverdue)
      #expect(
        notices.map(\.key) == ["actionoverdue/\(action.id)/2027-04-20", "actionoverdue/\(action.id)/2027-05-25"])
      #expect(notices.map(\.people) == [["lena"], ["lena"]])
      #expect(notices.first?.text == "\(action.id) of priya has been overdue since 2027-04-15: Call Acme")
      try await harness.call(
        ReviewRoutes.dropAction, ActionReference(action: action.id, outcome: "they left us"), as: "dana")
      harness.clock.advance(days: 30)
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.noticeActionOverdue).count == 2)
    }
  }

  @Test("A new due date restarts reminders and escalation")
  func rescheduled() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      let action = try await add(harness, due: "2027-04-15")
      harness.clock.set(try ReviewStage.time("2027-04-23T12:00:00Z"))
      try await harness.sweep()
      try await harness.call(
        ReviewRoutes.assignAction, AssignAction(action: action.id, due: try ReviewStage.date("2027-04-21")), as: "dana")
      try await harness.sweep()
      let reminders = try await harness.announced(Announcements.noticeActionDue)
      #expect(
        reminders.map(\.key) == ["actiondue/\(action.id)/2027-04-22", "actiondue/\(action.id)/2027-04-21"])
      harness.clock.set(try ReviewStage.time("2027-04-27T12:00:00Z"))
      try await harness.sweep()
      let escalations = try await harness.announced(Announcements.noticeActionOverdue)
      #expect(
        escalations.map(\.key) == ["actionoverdue/\(action.id)/2027-04-20", "actionoverdue/\(action.id)/2027-04-26"])
      #expect(escalations.map(\.functions) == [[.productOps], [.productOps]], "Support has no lead here")
    }
  }

  @Test("Reminders continue after review, launch and relaunch; Product Ops gets them once the owner has left")
  func outlives() async throws {
    try await ReviewStage.run { harness in
      try await harness.adopt(roster(), version: 2)
      try await ReviewStage.openReview(harness)
      let action = try await add(harness, due: "2027-04-15")
      try await harness.call(ReviewRoutes.close, CloseReview(launch: try ReviewStage.id()), as: "dana")
      let first = ExposureAttempt(
        attempt: 1, startedAt: try ReviewStage.time("2027-03-02T14:00:00Z"),
        rolledBackAt: try ReviewStage.time("2027-04-02T14:00:00Z"))
      let second = ExposureAttempt(attempt: 2, startedAt: try ReviewStage.time("2027-04-03T14:00:00Z"))
      try await ReviewStage.expose(harness, attempts: [first, second])
      try await harness.receive(
        Announcements.launchCancelled, from: .tiering, launch: ReviewStage.launch, version: 2,
        LaunchAnnounced(record: try ReviewStage.record(version: 2), changed: []))
      harness.clock.set(try ReviewStage.time("2027-04-20T12:00:00Z"))
      try await harness.sweep()
      try await harness.adopt(roster(without: "priya"), version: 3)
      harness.clock.set(try ReviewStage.time("2027-04-27T12:00:00Z"))
      try await harness.sweep()
      let reminders = try await harness.announced(Announcements.noticeActionDue)
      #expect(reminders.map(\.key) == ["actiondue/\(action.id)/2027-04-15", "actiondue/\(action.id)/2027-04-22"])
      #expect(reminders.map(\.people) == [["priya"], []])
      #expect(reminders.map(\.functions) == [[], [.productOps]])
      let escalations = try await harness.announced(Announcements.noticeActionOverdue)
      #expect(escalations.map(\.key) == ["actionoverdue/\(action.id)/2027-04-20"])
    }
  }

  @Test("The owner is reminded on the due date and weekly afterwards; of missed reminders only the latest is sent")
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
