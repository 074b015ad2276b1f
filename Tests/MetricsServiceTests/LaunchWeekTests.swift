import Contract
import JSON
import LaunchModel
import Messaging
import MetricsService
import TestSupport
import Testing

/// What people are notified of while a window is open.
@Suite("Launch week")
struct LaunchWeekTests {
  private static let tickets: JSONValue = ["key": "tickets", "kind": "tickets", "forecast": 20, "days": 7]
  private static let csat: JSONValue = ["key": "csat", "kind": "csat", "margin": "5%", "days": 30]

  /// Runs the body with an exposed launch of the feature `f`.
  private func withLaunch(
    _ metrics: JSONValue..., body: @escaping @Sendable (Metrics, LaunchID) async throws -> Void
  ) async throws {
    try await withServiceHarness(MetricsService.self) { service in
      let launch = try launchID("trial")
      try await service.propose(launch)
      try await service.call(MetricsRoutes.define, DefinePlan(launch: launch, document: ["metrics": .array(metrics)]))
      try await service.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
      try await service.settle()
      try await service.expose(launch, ExposureAttempt(attempt: 1, startedAt: service.clock.now()))
      try await body(service, launch)
    }
  }

  private func open(_ count: Int, from first: Int, in metrics: Metrics) async throws {
    for number in first..<(first + count) {
      try await metrics.signal(
        .ticketOpened, ["ticket": .string("T-\(number)"), "account": "acme", "feature": "f"], at: metrics.clock.now())
    }
  }

  @Test("A spike is announced once, with its figures, and again only after it has ended")
  func spike() async throws {
    try await withLaunch(Self.tickets) { metrics, launch in
      metrics.clock.advance(seconds: 3_600)
      try await open(4, from: 1, in: metrics)
      try await metrics.sweep()
      #expect(try await metrics.announced(Announcements.noticeSpike) == [])
      metrics.clock.advance(seconds: 3_600)
      try await open(26, from: 10, in: metrics)
      try await metrics.sweep()
      metrics.clock.advance(seconds: 3_600)
      try await metrics.sweep()
      let notices = try await metrics.announced(Announcements.noticeSpike)
      let notice = try #require(notices.first)
      #expect(notices.count == 1)
      #expect(notice.key == "spike/trial/1/tickets/1")
      #expect(notice.people == ["dana"] && notice.functions == [.product, .cs, .support])
      // Without history a launch's first day has 28 % of its week.
      let text = "30 tickets where 5.6 were expected by the end of day 1, 5.4 times as many"
      #expect(notice.text.contains(text), "\(notice.text)")
      let likelihood = " times as likely under a raised rate as under the forecast (alarm from 20 times); see gonogo "
      #expect(notice.text.contains(likelihood), "\(notice.text)")
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .pending)
      let spike = try #require(view.spike)
      #expect(spike.raisedAt != nil && spike.count == 1 && spike.evidence >= 20)
      // For six days only tickets about another feature come: those about this one are what was expected again, but for less than
      // 1.5 times as many.
      for day in 1...6 {
        metrics.clock.advance(days: 1)
        try await metrics.signal(
          .ticketOpened, ["ticket": .string("O-\(day)"), "account": "acme", "feature": "other"],
          at: metrics.clock.now())
      }
      try await metrics.sweep()
      let later = try #require(try await metrics.verdict(launch).spike)
      #expect(later.raisedAt != nil, "30 are 1.5 times 20: it takes less than 1.25 times to clear it")
      metrics.clock.advance(days: 1)
      try await metrics.sweep()
      #expect(try await metrics.verdict(launch).verdict == .missed)
      #expect(try await metrics.announced(Announcements.noticeSpike).count == 1)
    }
  }

  @Test("Satisfaction that is lower than with other features is announced once")
  func satisfaction() async throws {
    try await withLaunch(Self.csat) { metrics, launch in
      metrics.clock.advance(seconds: 3_600)
      for number in 0..<40 {
        try await metrics.signal(
          .csatScored, ["ticket": .string("o-\(number)"), "score": 5, "scale": "1-5", "feature": "other"],
          at: metrics.clock.now())
      }
      for number in 0..<12 {
        try await metrics.signal(
          .csatScored, ["ticket": .string("f-\(number)"), "score": 1, "scale": "1-5", "feature": "f"],
          at: metrics.clock.now())
      }
      try await metrics.sweep()
      metrics.clock.advance(seconds: 3_600)
      try await metrics.sweep()
      let notices = try await metrics.announced(Announcements.noticeCSAT)
      #expect(notices.map(\.key) == ["csat/trial/1/csat/1"])
      #expect(notices.first?.text.contains("0 % of 12 scores, and 100 % with other features") == true)
      let view = try await metrics.verdict(launch)
      #expect((view.satisfaction?.probabilityWorse ?? 0) >= 0.95 && view.satisfaction?.others == 40)
    }
  }

  // MARK: Feeds

  private static let opened = FeedName(type: SignalType.ticketOpened.rawValue, source: "//test")

  @Test("A type that was never delivered leaves the figure unknown at the end, and never met")
  func neverDelivered() async throws {
    try await withLaunch(Self.tickets) { metrics, launch in
      metrics.clock.advance(days: 2)
      #expect(try await metrics.verdict(launch).verdict == .pending)
      metrics.clock.advance(days: 6)
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .unknown)
      #expect(view.notes.contains { $0.contains("no dev.gonogo.signal.ticket.opened.v1 has ever been delivered") })
    }
  }

  @Test("A gap that a bridge reports makes the figure unknown until it is filled, and is announced once")
  func reportedGap() async throws {
    try await withLaunch(Self.tickets) { metrics, launch in
      metrics.clock.advance(seconds: 3_600)
      try await open(3, from: 1, in: metrics)
      #expect(try await metrics.verdict(launch).verdict == .pending)
      let since = metrics.clock.now()
      metrics.clock.advance(seconds: 3_600)
      try await metrics.report(.feedGap, Self.opened, since, metrics.clock.now())
      try await metrics.sweep()
      try await metrics.sweep()
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .unknown)
      #expect(view.notes.contains { $0.contains("ticket.opened.v1 from //test has a reported gap from \(since)") })
      let notices = try await metrics.announced(Announcements.noticeFeedSilent)
      #expect(notices.count == 1)
      #expect(notices.first?.people == ["dana"] && notices.first?.functions == [.productOps])
      // An event does not end a reported gap, because those before it are still missing.
      try await open(1, from: 10, in: metrics)
      #expect(try await metrics.verdict(launch).verdict == .unknown)
      let during = metrics.clock.now()
      metrics.clock.advance(seconds: 3_600)
      try await metrics.report(.feedFilled, Self.opened, since, metrics.clock.now())
      try await metrics.sweep()
      #expect(try await metrics.verdict(launch).verdict == .pending)
      #expect(try await metrics.verdict(launch, asOf: during).verdict == .unknown, "what was known then")
    }
  }

  @Test("A feed that stops becomes silent by its own rhythm, and its next event ends the silence")
  func silence() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.tickets)
      // Four tickets each hour, for five weeks.
      for hour in 0..<(35 * 24) {
        let events = (0..<4).map { number in
          metrics.event(
            SignalType.ticketOpened.rawValue,
            ["ticket": .string("T-\(hour)-\(number)"), "account": "acme", "feature": "other"],
            at: metrics.clock.now(), id: "t-\(hour)-\(number)")
        }
        _ = try await metrics.bus.publish(events.map { $0.encoded() }, timeout: .seconds(1))
        metrics.clock.advance(seconds: 3_600)
      }
      try await metrics.settle()
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      try await metrics.sweep()
      #expect(try await feed(metrics).state == .alive)
      metrics.clock.advance(seconds: 12 * 3_600)
      try await metrics.sweep()
      let silent = try await feed(metrics)
      #expect(silent.state == .silent && silent.rhythm == .stream)
      #expect((silent.probability ?? 1) * (silent.gapsPerQuarter ?? 0) < 0.1)
      #expect(try await metrics.verdict(launch).verdict == .unknown)
      #expect(try await metrics.announced(Announcements.noticeFeedSilent).count == 1)
      try await open(1, from: 1, in: metrics)
      try await metrics.sweep()
      #expect(try await feed(metrics).state == .alive)
      #expect(try await metrics.verdict(launch).verdict == .unknown, "its tickets are missing still")
    }
  }

  private func feed(_ metrics: Metrics) async throws -> FeedView {
    let feeds = try await metrics.call(MetricsRoutes.feeds, FeedsRequest()).feeds
    return try #require(feeds.first { $0.type == Self.opened.type && $0.source == Self.opened.source })
  }

  @Test("Product Ops accepts a gap or retires a feed, with a reason")
  func rulings() async throws {
    try await withLaunch(Self.tickets) { metrics, launch in
      try await open(3, from: 1, in: metrics)
      await expectProblem("not-silent") {
        try await metrics.call(MetricsRoutes.acceptFeed, FeedRuling(feed: Self.opened, reason: "lost"))
      }
      let since = metrics.clock.now()
      metrics.clock.advance(seconds: 60)
      try await metrics.report(.feedGap, Self.opened, since, metrics.clock.now())
      #expect(try await metrics.verdict(launch).verdict == .unknown)
      await expectProblem("reason-missing") {
        try await metrics.call(MetricsRoutes.acceptFeed, FeedRuling(feed: Self.opened, reason: " "))
      }
      await expectProblem("feed-not-found") {
        let other = FeedName(type: Self.opened.type, source: "//other")
        try await metrics.call(MetricsRoutes.acceptFeed, FeedRuling(feed: other, reason: "lost"))
      }
      let accepted = try await metrics.call(
        MetricsRoutes.acceptFeed, FeedRuling(feed: Self.opened, reason: "the export is gone"))
      #expect(accepted.state == .accepted && accepted.reason == "the export is gone")
      for day in 1...3 {
        metrics.clock.advance(days: 1)
        try await open(1, from: 20 + day, in: metrics)
      }
      #expect(try await metrics.verdict(launch).verdict == .pending)
      metrics.clock.advance(days: 5)
      #expect(try await metrics.verdict(launch).verdict == .unknown, "a later silence was not accepted")
      try await metrics.call(MetricsRoutes.acceptFeed, FeedRuling(feed: Self.opened, reason: "nobody wrote"))
      #expect(try await metrics.verdict(launch).verdict == .inconclusive)
      let retired = try await metrics.call(
        MetricsRoutes.retireFeed, FeedRuling(feed: Self.opened, reason: "moved to another helpdesk"))
      #expect(retired.state == .retired)
      #expect(try await metrics.verdict(launch).verdict == .inconclusive, "what was accepted stays so")
    }
  }
}
