import Contract
import LaunchModel
import Messaging
import ReviewService
import ServiceKit
import TestSupport
import Testing

@Suite("Reviews open automatically")
struct ReviewOpeningTests {
  private func show(_ harness: Harness, attempt: Int? = nil) async throws -> ReviewView {
    try await harness.call(
      ReviewRoutes.show, ReviewReference(launch: try ReviewStage.id(), attempt: attempt), as: "dana")
  }

  @Test("A review opens once, 30 x 24 hours after the exposure, and sends an invitation")
  func opens() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record())
      let start = try ReviewStage.time("2027-03-02T14:00:00Z")
      try await ReviewStage.expose(harness, attempts: [ExposureAttempt(attempt: 1, startedAt: start)])
      harness.clock.set(try ReviewStage.time("2027-04-01T13:59:59Z"))
      try await harness.sweep()
      #expect(try await show(harness).state == .scheduled)
      harness.clock.advance(seconds: 1)
      try await harness.sweep()
      try await harness.sweep()
      let review = try await show(harness)
      #expect(review.state == .open)
      #expect(review.opensOn.description == "2027-04-01")
      #expect(try await harness.announced(Announcements.reviewOpened) == [ReviewAnnounced(attempt: 1)])
      let notices = try await harness.announced(Announcements.noticeReviewOpen)
      #expect(notices.map(\.key) == ["reviewopen/smart-routing/1"])
      #expect(notices.first?.functions == [.product, .engineering, .marketing, .cs, .support])
    }
  }

  @Test("A clock that jumps over the opening does not skip it")
  func leap() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.openReview(harness)
      try await ReviewStage.propose(harness, try ReviewStage.record("other"))
      try await ReviewStage.expose(
        harness, "other", attempts: [ExposureAttempt(attempt: 1, startedAt: harness.clock.now())])
      harness.clock.advance(days: 400)
      try await harness.sweep()
      let reviews = try await harness.call(ReviewRoutes.list, NoParameters(), as: "dana").reviews
      #expect(reviews.map(\.launch.rawValue) == ["smart-routing", "other"])
      #expect(reviews.allSatisfy { $0.state == .open })
    }
  }

  @Test("The launch's calendar is read from tiering, and moves a scheduled opening")
  func calendar() async throws {
    let peers = StubPeers()
    peers.answer(TieringRoutes.showCalendar) { reference in
      CalendarView(
        calendar: reference.calendar, weekend: ["Sat", "Sun"], holidays: ["2027-04-01": "Founders' Day"], known: ["HQ"])
    }
    try await ReviewStage.run(peers: peers) { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record(calendar: "HQ"))
      let start = try ReviewStage.time("2027-03-02T14:00:00Z")
      try await ReviewStage.expose(harness, attempts: [ExposureAttempt(attempt: 1, startedAt: start)])
      harness.clock.set(try ReviewStage.time("2027-04-01T15:00:00Z"))
      try await harness.sweep()
      let review = try await show(harness)
      #expect(review.state == .scheduled)
      #expect(review.opensAt == (try ReviewStage.time("2027-04-02T04:00:00Z")))
    }
  }

  @Test("A tier 3 launch has no review")
  func minor() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record(tier: .minor))
      try await ReviewStage.expose(
        harness, attempts: [ExposureAttempt(attempt: 1, startedAt: harness.clock.now())])
      harness.clock.advance(days: 60)
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.reviewOpened).isEmpty)
      let problem = await #expect(throws: Problem.self) { try await show(harness) }
      #expect(problem?.code == "review-not-found")
    }
  }

  @Test("A rolled-back attempt still has its review, and a relaunch gets its own")
  func attempts() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record())
      let first = ExposureAttempt(
        attempt: 1, startedAt: try ReviewStage.time("2027-03-02T14:00:00Z"),
        rolledBackAt: try ReviewStage.time("2027-03-03T14:00:00Z"))
      let second = ExposureAttempt(attempt: 2, startedAt: try ReviewStage.time("2027-03-16T14:00:00Z"))
      try await ReviewStage.expose(harness, attempts: [first])
      try await ReviewStage.expose(harness, attempts: [first, second])
      harness.clock.set(try ReviewStage.time("2027-04-01T14:00:00Z"))
      try await harness.sweep()
      #expect(try await show(harness).attempt == 1)
      harness.clock.set(try ReviewStage.time("2027-04-15T14:00:00Z"))
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.reviewOpened).map(\.attempt) == [1, 2])
      #expect(try await show(harness).attempt == 2)
      #expect(try await show(harness, attempt: 1).state == .open)
    }
  }

  @Test("A restated exposure moves a scheduled opening and removes an attempt that did not happen")
  func restated() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record())
      let start = try ReviewStage.time("2027-03-02T14:00:00Z")
      let again = try ReviewStage.time("2027-03-10T14:00:00Z")
      try await ReviewStage.expose(
        harness,
        attempts: [ExposureAttempt(attempt: 1, startedAt: start), ExposureAttempt(attempt: 2, startedAt: again)])
      let earlier = try ReviewStage.time("2027-03-01T14:00:00Z")
      try await ReviewStage.expose(harness, attempts: [ExposureAttempt(attempt: 1, startedAt: earlier)])
      let reviews = try await harness.call(ReviewRoutes.list, NoParameters(), as: "dana").reviews
      #expect(reviews.map(\.opensAt) == [earlier.adding(days: 30)])
    }
  }

  @Test("For an unshipped launch, the error explains when its review would open")
  func notShipped() async throws {
    try await ReviewStage.run { harness in
      try await ReviewStage.propose(harness, try ReviewStage.record())
      let problem = await #expect(throws: Problem.self) { try await show(harness) }
      #expect(problem?.detail == "smart-routing has not shipped; its review opens 30 days after it ships")
    }
  }

  @Test("A service that was down on day 30 opens the review once when it is back, with replicas and restarts, too")
  func down() async throws {
    let back = try ReviewStage.time("2027-05-10T09:00:00Z")
    let bus = MemoryBus(clock: ManualClock(back))
    let shipped = try ReviewStage.time("2027-03-02T14:00:00Z")
    let attempts = [ExposureAttempt(attempt: 1, startedAt: shipped)]
    try await StorageEngine.standard.withFolder { folder in
      // One launch's exposure is known before the service stops, the other's is only read after it is back.
      try await withServiceHarness(ReviewService.self, at: shipped, in: folder, bus: bus) { harness in
        try await harness.adopt(ReviewStage.roster)
        try await ReviewStage.propose(harness, try ReviewStage.record())
        try await ReviewStage.propose(harness, try ReviewStage.record("other"))
        try await ReviewStage.expose(harness, attempts: attempts)
      }
      try await withServiceHarness(ReviewService.self, at: back, in: folder, bus: bus) { harness in
        try await ReviewStage.expose(harness, "other", attempts: attempts)
        let opening = try #require(harness.service.jobs.first { $0.name == "open-reviews" })
        try await withThrowingTaskGroup(of: Void.self) { replicas in
          for _ in 0..<3 { replicas.addTask { try await opening.body(harness.environment) } }
          try await replicas.waitForAll()
        }
      }
      let later = try ReviewStage.time("2027-05-11T09:00:00Z")
      try await withServiceHarness(ReviewService.self, at: later, in: folder, bus: bus) { harness in
        try await harness.sweep()
        let reviews = try await harness.call(ReviewRoutes.list, NoParameters(), as: "dana").reviews
        #expect(reviews.map(\.openedAt) == [back, back])
        let opened = try await harness.announcements(of: Announcements.reviewOpened.name)
        #expect(opened.compactMap(\.subject).sorted() == ["other", "smart-routing"])
        let notices = try await harness.announced(Announcements.noticeReviewOpen)
        #expect(notices.map(\.key).sorted() == ["reviewopen/other/1", "reviewopen/smart-routing/1"])
      }
    }
  }
}
