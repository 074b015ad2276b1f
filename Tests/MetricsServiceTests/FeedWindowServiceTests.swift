import Contract
import JSON
import LaunchModel
import Messaging
import MetricsService
import TestSupport
import Testing

/// Verdicts of windows in which a feed did not deliver everything.
@Suite("Windows with missing events")
struct FeedWindowServiceTests {
  private static let metric: JSONValue = ["key": "tickets", "kind": "tickets", "forecast": 20, "days": 7]
  private static let opened = FeedName(type: SignalType.ticketOpened.rawValue, source: "//test")

  /// Runs the body with a launch that is exposed at `start`, after six weeks with a ticket a day; two days without one are silence.
  private func withLaunch(
    _ body: @escaping @Sendable (_ metrics: Metrics, _ launch: LaunchID, _ start: Timestamp) async throws -> Void
  ) async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.metric)
      for _ in 0..<42 {
        try await Self.open(at: metrics.clock.now(), in: metrics)
        metrics.clock.advance(days: 1)
      }
      let start = metrics.clock.now()
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start))
      try await body(metrics, launch, start)
    }
  }

  /// Publishes a ticket that was opened at a moment.
  private static func open(at moment: Timestamp, from source: String = "//test", in metrics: Metrics) async throws {
    let id = "\(source)-\(moment)"
    try await metrics.receive(
      CloudEvent(
        id: id, source: source, type: opened.type, time: moment,
        data: ["ticket": .string(id), "account": "acme", "feature": "f"]))
  }

  /// A ticket a day.
  private static func deliver(days: Int, in metrics: Metrics) async throws {
    for _ in 0..<days {
      try await open(at: metrics.clock.now(), in: metrics)
      try await metrics.sweep()
      metrics.clock.advance(days: 1)
    }
  }

  /// Tickets on the first two days of the window, a silence that is noticed, and a ticket after the window.
  private static func interrupt(
    _ metrics: Metrics, whileSilent: @Sendable () async throws -> Void = {}
  ) async throws {
    try await deliver(days: 2, in: metrics)
    metrics.clock.advance(days: 2)
    try await metrics.sweep()
    try await whileSilent()
    metrics.clock.advance(days: 4)
    try await open(at: metrics.clock.now(), in: metrics)
    try await metrics.sweep()
  }

  @Test("An event after the window does not produce a verdict if the window misses most of its days")
  func afterwards() async throws {
    try await withLaunch { metrics, launch, _ in
      try await Self.interrupt(metrics) {
        let silent = try await metrics.verdict(launch)
        #expect(silent.verdict == .unknown)
      }
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .unknown)
      #expect(view.notes.contains { $0.contains("was silent for 143 h of the window") }, "\(view.notes)")
    }
  }

  @Test("An acceptance remains, although the feed delivers again and is retired later")
  func accepted() async throws {
    try await withLaunch { metrics, launch, _ in
      try await Self.interrupt(metrics) {
        let view = try await metrics.call(
          MetricsRoutes.acceptFeed, FeedRuling(feed: Self.opened, reason: "the export is gone"))
        #expect(view.state == .accepted)
        #expect(try await metrics.verdict(launch).verdict == .pending)
      }
      #expect(try await metrics.verdict(launch).verdict == .inconclusive)
      try await metrics.call(MetricsRoutes.retireFeed, FeedRuling(feed: Self.opened, reason: "moved"))
      #expect(try await metrics.verdict(launch).verdict == .inconclusive)
    }
  }

  @Test("Late events fill a silence")
  func late() async throws {
    try await withLaunch { metrics, launch, start in
      try await Self.interrupt(metrics)
      #expect(try await metrics.verdict(launch).verdict == .unknown)
      let before = metrics.clock.now()
      metrics.clock.advance(seconds: 7_200)
      try await Self.open(at: start.adding(days: 4), in: metrics)
      #expect(try await metrics.verdict(launch).verdict == .unknown, "one late event fills no week")
      for day in [2, 3, 5, 6, 7] { try await Self.open(at: start.adding(days: day), in: metrics) }
      try await metrics.sweep()
      #expect(try await metrics.verdict(launch, asOf: before).verdict == .unknown, "what was known then")
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .met && view.numerator == 7)
      #expect(!view.notes.contains { $0.contains("silent") }, "\(view.notes)")
    }
  }

  @Test("Each reported gap is filled separately, by parts; a gap outside the window does not matter")
  func gaps() async throws {
    try await withLaunch { metrics, launch, start in
      try await Self.deliver(days: 8, in: metrics)
      func report(_ type: SignalType, day: Int, _ hours: ClosedRange<Int64>) async throws -> Verdict {
        let day = start.adding(days: day)
        try await metrics.report(
          type, Self.opened, day.adding(seconds: hours.lowerBound * 3_600),
          day.adding(seconds: hours.upperBound * 3_600))
        return try await metrics.verdict(launch).verdict
      }
      #expect(try await report(.feedFilled, day: 1, 0...2) == .met, "before its gap")
      #expect(try await report(.feedGap, day: 7, 0...1) == .met, "after the window")
      #expect(try await report(.feedGap, day: -1, 0...24) == .met, "before the window")
      #expect(try await report(.feedGap, day: 1, 0...2) == .unknown)
      #expect(try await report(.feedGap, day: 3, 0...2) == .unknown)
      #expect(try await report(.feedFilled, day: 1, 0...2) == .unknown, "the other one is open")
      #expect(try await report(.feedFilled, day: 3, 0...1) == .unknown, "a part of it is open")
      let during = metrics.clock.now()
      metrics.clock.advance(seconds: 60)
      #expect(try await report(.feedFilled, day: 3, 1...2) == .met)
      #expect(try await metrics.verdict(launch, asOf: during).verdict == .unknown)
    }
  }

  @Test("A gap is filled by who reported it, and not by another")
  func filler() async throws {
    try await withLaunch { metrics, launch, start in
      try await Self.deliver(days: 8, in: metrics)
      func report(_ type: SignalType, from source: String) async throws -> MetricView {
        var event = metrics.event(
          type.rawValue,
          [
            "feed": ["type": .string(Self.opened.type), "source": .string(Self.opened.source)],
            "from": .string("\(start.adding(days: 1))"), "to": .string("\(start.adding(days: 2))"),
          ])
        event.source = source
        try await metrics.receive(event)
        return try await metrics.verdict(launch)
      }
      #expect(try await report(.feedGap, from: "//bridge/").verdict == .unknown)
      let refused = try await report(.feedFilled, from: "//other")
      #expect(refused.verdict == .unknown)
      #expect(refused.notes.contains { $0.contains("//other reported the gap") }, "\(refused.notes)")
      #expect(try await report(.feedFilled, from: "//bridge/").verdict == .met)
    }
  }

  @Test("A gap may name its feed by the type's short name")
  func shortName() async throws {
    try await withLaunch { metrics, launch, start in
      try await Self.deliver(days: 8, in: metrics)
      let feed = FeedName(type: "ticket.opened", source: Self.opened.source)
      try await metrics.report(.feedGap, feed, start.adding(days: 1), start.adding(days: 2))
      #expect(try await metrics.verdict(launch).verdict == .unknown)
    }
  }

  @Test("A later silence does not undo an earlier one, and missing events can be accepted afterwards")
  func afterwardsAccepted() async throws {
    try await withLaunch { metrics, launch, _ in
      try await Self.interrupt(metrics)
      for _ in 0..<4 {
        try await Self.deliver(days: 5, in: metrics)
        metrics.clock.advance(days: 3)
        try await metrics.sweep()
      }
      try await Self.deliver(days: 2, in: metrics)
      #expect(try await metrics.verdict(launch).verdict == .unknown)
      try await metrics.call(MetricsRoutes.acceptFeed, FeedRuling(feed: Self.opened, reason: "the export is gone"))
      #expect(try await metrics.verdict(launch).verdict == .inconclusive)
    }
  }

  @Test("A gap that begins in the future is quarantined")
  func future() async throws {
    try await withLaunch { metrics, _, start in
      await #expect(throws: EventError.self) {
        try await metrics.report(.feedGap, Self.opened, start.adding(seconds: 301), start.adding(seconds: 400))
      }
    }
  }

  @Test("After a feed is retired, the window in which it fell silent is inconclusive, and later windows are unaffected")
  func retired() async throws {
    try await withLaunch { metrics, launch, _ in
      try await Self.deliver(days: 2, in: metrics)
      metrics.clock.advance(days: 2)
      try await metrics.sweep()
      try await metrics.call(MetricsRoutes.retireFeed, FeedRuling(feed: Self.opened, reason: "moved"))
      #expect(try await metrics.verdict(launch).verdict == .unknown, "nothing else delivers")
      for _ in 0..<4 {
        try await Self.open(at: metrics.clock.now(), from: "//new", in: metrics)
        metrics.clock.advance(days: 1)
      }
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .inconclusive)
      #expect(view.notes.contains { $0.contains("has been retired since") }, "\(view.notes)")
      let later = try launchID("later")
      try await metrics.propose(later, feature: "g")
      try await metrics.seal(later, Self.metric)
      try await metrics.expose(later, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      for _ in 0..<8 {
        try await Self.open(at: metrics.clock.now(), from: "//new", in: metrics)
        metrics.clock.advance(days: 1)
      }
      #expect(try await metrics.verdict(later).verdict == .met)
    }
  }

  @Test("Events from before a late first delivery are unknown until they are delivered")
  func first() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.metric)
      let start = metrics.clock.now()
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start))
      metrics.clock.advance(days: 2)
      try await Self.open(at: metrics.clock.now(), in: metrics)
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .unknown)
      #expect(view.notes.contains { $0.contains("whether any came before it is not known") }, "\(view.notes)")
      try await Self.open(at: start.adding(seconds: 3_600), in: metrics)
      #expect(try await metrics.verdict(launch).verdict == .unknown, "one event does not cover two days")
      for hours in [12, 24, 36] { try await Self.open(at: start.adding(seconds: Int64(hours) * 3_600), in: metrics) }
      #expect(try await metrics.verdict(launch).verdict == .pending)
    }
  }

  @Test("As of a moment when the service was down, a silence counts even though nobody noticed it")
  func unnoticed() async throws {
    try await withLaunch { metrics, launch, start in
      try await Self.deliver(days: 2, in: metrics)
      metrics.clock.advance(days: 7)
      try await Self.open(at: metrics.clock.now(), in: metrics)
      try await metrics.sweep()
      #expect(try await metrics.verdict(launch, asOf: start.adding(days: 2)).verdict == .pending)
      #expect(try await metrics.verdict(launch, asOf: start.adding(days: 5)).verdict == .unknown)
    }
  }
}
