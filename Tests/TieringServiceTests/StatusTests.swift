import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Launch status") struct StatusTests {
  @Test("The status follows the announcements of other services, and each change is announced once") func wholeLife()
    async throws
  {
    try await TieringStage.with { harness async throws in
      let launch = "smart-routing"
      try await harness.propose()
      try await harness.receive(
        Announcements.checklistInstantiated, from: .checklist, launch: launch,
        ChecklistInstantiated(templateVersion: 1, items: []))
      try await harness.decide(.go)
      try await harness.decide(.go, stale: true)
      try await harness.decide(.go)
      let attempt = ExposureAttempt(attempt: 1, startedAt: harness.clock.now())
      let started = ExposureAnnounced(
        attempt: 1, percentage: 5, occurredAt: harness.clock.now(), violations: [], attempts: [attempt])
      try await harness.receive(Announcements.exposureStarted, from: .checklist, launch: launch, started)
      harness.clock.advance(days: 2)
      try await harness.sweep()
      var staged = started
      staged.percentage = 100
      try await harness.receive(Announcements.exposureStaged, from: .checklist, launch: launch, staged)
      harness.clock.advance(days: 28)
      try await harness.receive(
        Announcements.reviewOpened, from: .review, launch: launch, ReviewAnnounced(attempt: 1))
      try await harness.receive(
        Announcements.reviewClosed, from: .review, launch: launch, ReviewAnnounced(attempt: 1))
      #expect(
        try await harness.announced(Announcements.launchStatus).map(\.status) == [
          .preparing, .decided, .preparing, .decided, .live, .measuring, .inReview, .closed,
        ])
      #expect(try await harness.show(try smartRouting()).status == .closed)
      #expect(try await harness.show(try smartRouting()).version == 1)
    }
  }

  @Test("A fully exposed launch goes from live to measuring at local midnight, without any event") func byTime()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let attempt = ExposureAttempt(attempt: 1, startedAt: harness.clock.now())
      try await harness.receive(
        Announcements.exposureStarted, from: .checklist, launch: "smart-routing",
        ExposureAnnounced(
          attempt: 1, percentage: 100, occurredAt: harness.clock.now(), violations: [], attempts: [attempt]))
      #expect(try await harness.show(try smartRouting()).status == .live)
      harness.clock.advance(seconds: 19 * 3_600 + 3_600 - 1)
      try await harness.sweep()
      #expect(try await harness.show(try smartRouting()).status == .live)
      harness.clock.advance(seconds: 1)
      try await harness.sweep()
      try await harness.sweep()
      #expect(try await harness.announced(Announcements.launchStatus).map(\.status) == [.live, .measuring])
    }
  }

  @Test("A malformed launch id is malformed data; an unknown launch is named with its nearest id")
  func unknownLaunch() async throws {
    for (launch, code) in [("No Launch", "malformed-data"), ("smart-rooting", "launch-not-found")] {
      try await TieringStage.with { harness async throws in
        try await harness.propose()
        let error = await #expect(throws: EventError.self) {
          try await harness.receive(
            Announcements.reviewOpened, from: .review, launch: launch, ReviewAnnounced(attempt: 1))
        }
        #expect(error?.code == code)
        let named = "no launch \"smart-rooting\" (did you mean \"smart-routing\"?); see gonogo launch list"
        #expect(code == "malformed-data" || error?.detail == named, "\(error?.detail ?? "")")
      }
    }
  }

  @Test("Shipping ends a postponement, even after a rollback") func postponed() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      try await harness.call(TieringRoutes.postpone, LaunchAction(launch: try smartRouting()), as: "ibrahim")
      #expect(try await harness.show(try smartRouting()).status == .postponed)
      var attempt = ExposureAttempt(attempt: 1, startedAt: harness.clock.now())
      for (type, percentage) in [(Announcements.exposureStarted, 5.0), (Announcements.exposureRolledBack, 0)] {
        if percentage == 0 { attempt.rolledBackAt = harness.clock.now() }
        try await harness.receive(
          type, from: .checklist, launch: "smart-routing",
          ExposureAnnounced(
            attempt: 1, percentage: percentage, occurredAt: harness.clock.now(), violations: [], attempts: [attempt]))
        harness.clock.advance(seconds: 60)
      }
      #expect(
        try await harness.announced(Announcements.launchStatus).map(\.status) == [.postponed, .live, .rolledBack])
    }
  }

  @Test("A rollback ends the GO") func rollback() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      try await harness.decide(.go)
      let now = harness.clock.now()
      let attempt = ExposureAttempt(attempt: 1, startedAt: now, rolledBackAt: now)
      try await harness.receive(
        Announcements.exposureRolledBack, from: .checklist, launch: "smart-routing",
        ExposureAnnounced(attempt: 1, percentage: 0, occurredAt: now, violations: [], attempts: [attempt]))
      #expect(try await harness.show(try smartRouting()).status == .rolledBack)
    }
  }

  @Test("Cancelling and postponing are previewed without being done", arguments: [LaunchStatus.cancelled, .postponed])
  func previewed(status: LaunchStatus) async throws {
    try await TieringStage.with { harness async throws in
      let before = try await harness.propose()
      let preview = PreviewLaunch(launch: try smartRouting(), status: status)
      let diff = try await harness.call(TieringRoutes.preview, preview, as: "sam")
      #expect(diff.changed == ["status"] && diff.version == before.version)
      #expect(diff.told == ["status \(before.status.rawValue) → \(status.rawValue)"])
      #expect(try await harness.show(try smartRouting()) == before)
    }
  }

  @Test("No other status can be previewed") func otherStatus() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          TieringRoutes.preview, PreviewLaunch(launch: try smartRouting(), status: .live), as: "sam")
      }
      #expect(problem?.errors.map(\.pointer) == ["/status"])
    }
  }

  @Test("A launch is postponed until it has a new date, and cancelled for good") func postponedAndCancelled()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let action = LaunchAction(launch: try smartRouting(), reason: "a dependency slipped")
      let postponed = try await harness.call(TieringRoutes.postpone, action, as: "ibrahim")
      #expect(postponed.status == .postponed)
      #expect(postponed.version == 2)
      let date = try #require(LocalDate("2027-05-04"))
      let move = RescheduleLaunch(launch: try smartRouting(), date: date)
      #expect(try await harness.call(TieringRoutes.reschedule, move, as: "ibrahim").status == .proposed)
      #expect(try await harness.call(TieringRoutes.cancel, action, as: "ibrahim").status == .cancelled)
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.reschedule, move, as: "ibrahim")
      }
      #expect(problem?.code == "not-now")
      let announced = try await harness.announced(Announcements.launchStatus).map(\.status)
      #expect(announced == [.postponed, .proposed, .cancelled])
    }
  }

  @Test("A launch that shipped while it was cancelled is live, and its people are notified")
  func cancelledAndShipped() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let action = LaunchAction(launch: try smartRouting(), reason: "too late")
      #expect(try await harness.call(TieringRoutes.cancel, action, as: "ibrahim").status == .cancelled)
      let now = harness.clock.now()
      let attempt = ExposureAttempt(attempt: 1, startedAt: now)
      let started = ExposureAnnounced(attempt: 1, percentage: 5, occurredAt: now, violations: [], attempts: [attempt])
      try await harness.receive(Announcements.exposureStarted, from: .checklist, launch: "smart-routing", started)
      #expect(try await harness.show(try smartRouting()).status == .live)
      #expect(try await harness.announced(Announcements.launchStatus).map(\.from) == [.proposed, .cancelled])
      let staged = ExposureAnnounced(attempt: 1, percentage: 50, occurredAt: now, violations: [], attempts: [attempt])
      try await harness.receive(Announcements.exposureStaged, from: .checklist, launch: "smart-routing", staged)
      let notices = try await harness.announced(Announcements.noticeCancelledLive)
      #expect(notices.map(\.key) == ["cancelledlive/smart-routing/1"])
      #expect(notices.first?.people == ["ibrahim"])
      #expect(notices.first?.functions == [.productOps])
    }
  }

  @Test("An event about an unknown launch is rejected") func unknownLaunchOfEvent() async throws {
    try await TieringStage.with { harness async throws in
      await #expect(throws: (any Error).self) { try await harness.decide(.go) }
    }
  }
}
