import Contract
import JSON
import LaunchModel
import Messaging
import MetricsService
import ServiceKit
import Storage
import TestSupport
import Testing

/// What is kept of feeds, of which at most 1,000 are followed.
@Suite("The limits of feeds")
struct FeedLimitTests {
  private static let opened = SignalType.ticketOpened.rawValue
  private static let noise = "com.example.noise"

  /// A metric that rests on tickets.
  private static func tickets(days: Int64) -> JSONValue {
    ["key": "tickets", "kind": "tickets", "forecast": 20, "days": .integer(days)]
  }

  /// An event whose data fit tickets.
  private static func event(_ type: String, from source: String, at moment: Timestamp) -> CloudEvent {
    let id = "\(type) \(source) \(moment)"
    return CloudEvent(
      id: id, source: source, type: type, time: moment, data: ["ticket": .string(id), "account": "acme"])
  }

  private static func publish(_ events: [CloudEvent], to metrics: Metrics) async throws {
    _ = try await metrics.bus.publish(events.map { $0.encoded() }, timeout: .seconds(1))
    try await metrics.settle()
  }

  /// Publishes events that are older than a day, and then one from each of 999 sources, the lowest number first.
  private static func publish(_ events: [CloudEvent], andNoiseTo metrics: Metrics) async throws {
    let yesterday = metrics.clock.now().adding(days: -1)
    let disturbances = (0..<999).map { number in
      event(noise, from: "//noise/\(number)", at: yesterday.adding(seconds: Int64(number)))
    }
    try await publish(events + disturbances, to: metrics)
  }

  private static func feeds(of metrics: Metrics) async throws -> Set<FeedName> {
    let view = try await metrics.call(MetricsRoutes.feeds, FeedsRequest())
    #expect(view.full == true)
    let names = view.feeds.map { FeedName(type: $0.type, source: $0.source) }
    #expect(names.count == 1_000 && Set(names).count == 1_000)
    return Set(names)
  }

  /// The events that are kept of a feed, by hour.
  private static func hours(of feed: FeedName, in metrics: Metrics) async throws -> [Int: Int] {
    try await metrics.environment.database.read { db in
      let rows = try db.query(
        """
        SELECT hour, events FROM feed_events JOIN feeds ON feeds.id = feed_events.feed
        WHERE feeds.type = ? AND feeds.source = ? ORDER BY hour, stored_hour
        """, [feed.type, feed.source])
      let counts = try rows.map { (try $0.int("hour"), try $0.int("events")) }
      return Dictionary(counts, uniquingKeysWith: +)
    }
  }

  private static func hour(of moment: Timestamp) -> Int { Int(moment.microseconds / 3_600_000_000) }

  @Test("Beyond 1,000 feeds, the one seen least recently that no plan uses makes room for one that a plan uses")
  func eviction() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.tickets(days: 7))
      let now = metrics.clock.now()
      let desk = FeedName(type: Self.opened, source: "//desk/a")
      try await Self.publish([Self.event(desk.type, from: desk.source, at: now.adding(days: -10))], andNoiseTo: metrics)
      let noise = (0..<999).map { FeedName(type: Self.noise, source: "//noise/\($0)") }
      #expect(try await Self.feeds(of: metrics) == Set(noise + [desk]))
      try await Self.publish([Self.event(Self.noise, from: "//noise/late", at: now)], to: metrics)
      #expect(try await Self.feeds(of: metrics) == Set(noise + [desk]), "no plan uses the type")
      let planned = [
        FeedName(type: Self.opened, source: "//desk/b"),
        FeedName(type: SignalType.ticketUpdated.rawValue, source: "//desk/a"),
      ]
      try await Self.publish(planned.map { Self.event($0.type, from: $0.source, at: now) }, to: metrics)
      #expect(try await Self.feeds(of: metrics) == Set(Array(noise.dropFirst(2)) + planned + [desk]))
    }
  }

  @Test("Nothing that a plan uses is dropped, also for another source of the same type")
  func plannedStay() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.tickets(days: 7))
      let now = metrics.clock.now()
      let desks = (0..<1_000).map { FeedName(type: Self.opened, source: "//desk/\($0)") }
      let events = desks.enumerated().map { number, feed in
        Self.event(feed.type, from: feed.source, at: now.adding(seconds: Int64(number) - 86_400))
      }
      try await Self.publish(events, to: metrics)
      #expect(try await Self.feeds(of: metrics) == Set(desks))
      try await Self.publish([Self.event(Self.opened, from: "//desk/more", at: now)], to: metrics)
      #expect(try await Self.feeds(of: metrics) == Set(desks))
    }
  }

  @Test("A source or gap of a planned type without room makes the figures of its time unknown, and later ones not")
  func incomplete() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.tickets(days: 7))
      let now = metrics.clock.now()
      let desks = (0..<1_000).map { Self.event(Self.opened, from: "//desk/\($0)", at: now.adding(seconds: -86_400)) }
      try await Self.publish(desks, to: metrics)
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: now))
      func isNoted() async throws -> Bool {
        let view = try await metrics.verdict(launch)
        let isNoted = view.notes.contains { $0.contains("more sources deliver \(Self.opened) than are followed") }
        if isNoted { #expect(view.verdict == .unknown) }
        return isNoted
      }
      #expect(try await !isNoted())
      #expect(try await metrics.call(MetricsRoutes.feeds, FeedsRequest()).incomplete == nil)
      metrics.clock.advance(seconds: 3_600)
      let missing = FeedName(type: Self.opened, source: "//desk/more")
      try await metrics.report(.feedGap, missing, now, now.adding(seconds: 1_800))
      #expect(try await isNoted())
      #expect(try await metrics.call(MetricsRoutes.feeds, FeedsRequest(launch: launch)).incomplete == [Self.opened])
      try await Self.publish([Self.event(missing.type, from: missing.source, at: metrics.clock.now())], to: metrics)
      #expect(try await isNoted())
      metrics.clock.advance(days: 1)
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      #expect(try await !isNoted(), "the window begins after what was refused")
    }
  }

  @Test("A plan that needs a type that was dropped or never followed has the log searched for it, each event once")
  func searchedAgain() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let now = metrics.clock.now()
      let export = FeedName(type: "com.example.export.done", source: "//exporter/")
      let late = FeedName(type: "com.example.late", source: "//late/")
      let history = (0..<30).map { Self.event(export.type, from: export.source, at: now.adding(days: $0 - 31)) }
      try await Self.publish(history, andNoiseTo: metrics)
      let gap = now.adding(days: -5)
      try await metrics.report(.feedGap, export, gap, gap.adding(days: 2))
      try await metrics.report(.feedFilled, export, gap, gap.adding(days: 1))
      #expect(try await Self.feeds(of: metrics).contains(export))
      let first = try launchID("first")
      try await metrics.propose(first)
      try await metrics.seal(first, Self.tickets(days: 7))
      try await Self.publish([Self.event(Self.opened, from: "//desk/", at: now)], to: metrics)
      #expect(try await !Self.feeds(of: metrics).contains(export), "seen least recently")
      try await Self.publish([export, late].map { Self.event($0.type, from: $0.source, at: now) }, to: metrics)
      #expect(try await Self.feeds(of: metrics).isDisjoint(with: [export, late]))

      let second = try launchID("second")
      try await metrics.propose(second, feature: "g")
      let plan: [JSONValue] = [export, late].map { feed in
        [
          "key": .string(feed.source.filter(\.isLetter)), "kind": "custom", "type": .string(feed.type),
          "aggregate": "count", "target": ">= 1", "days": 7,
        ]
      }
      let definition = DefinePlan(launch: second, document: ["metrics": .array(plan)])
      try await metrics.call(MetricsRoutes.define, definition)
      #expect(try await !metrics.call(MetricsRoutes.feeds, FeedsRequest()).complete)
      #expect(try await !metrics.call(MetricsRoutes.feeds, FeedsRequest(launch: second)).complete)
      #expect(try await metrics.call(MetricsRoutes.feeds, FeedsRequest(launch: first)).complete)
      let meanwhile = now.adding(seconds: 60)
      try await Self.publish([Self.event(export.type, from: export.source, at: meanwhile)], to: metrics)
      #expect(try await !Self.feeds(of: metrics).contains(export), "left to the search")
      try await metrics.sweep()

      let view = try await metrics.call(MetricsRoutes.feeds, FeedsRequest(launch: second))
      #expect(view.complete && view.feeds.map(\.source) == [export.source, late.source])
      let found = try #require(view.feeds.first)
      #expect(found.firstSeen == now.adding(days: -31) && found.lastSeen == meanwhile)
      #expect(found.state == .silent && found.silentSince == gap.adding(days: 1), "the rest of the gap is open")
      #expect(try await Self.hours(of: export, in: metrics).values.reduce(0, +) == 32)
      #expect(try await Self.hours(of: late, in: metrics) == [Self.hour(of: now): 1])

      try await metrics.call(MetricsRoutes.define, definition)
      #expect(try await metrics.call(MetricsRoutes.feeds, FeedsRequest()).complete, "it is searched for once")
      try await Self.publish(
        [Self.event(export.type, from: export.source, at: now.adding(seconds: 120))], to: metrics)
      try await metrics.sweep()
      #expect(try await Self.hours(of: export, in: metrics).values.reduce(0, +) == 33)
    }
  }

  @Test("Hours of a type that a plan uses are kept since 13 weeks before its first window, of others for 13 weeks")
  func pruning() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.tickets(days: 7))
      let now = metrics.clock.now()
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: now.adding(days: -200)))
      let used = FeedName(type: Self.opened, source: "//desk/")
      let unused = FeedName(type: Self.noise, source: "//noise/")
      let events = [used, unused].flatMap { feed in
        (0..<300).map { Self.event(feed.type, from: feed.source, at: now.adding(days: -$0)) }
      }
      try await Self.publish(events, to: metrics)
      let before = try await metrics.verdict(launch)
      #expect(try await Self.hours(of: used, in: metrics).count == 300)
      try await metrics.sweep()
      // 13 weeks are 91 days, and one day more is kept.
      for (feed, days) in [(used, 200 + 92), (unused, 92)] {
        let kept = try await Self.hours(of: feed, in: metrics).keys.sorted(by: >)
        #expect(kept == (0..<days).map { Self.hour(of: now) - 24 * $0 }, "\(feed)")
      }
      #expect(before.verdict == .met)
      #expect(try await metrics.verdict(launch) == before)
    }
  }

  @Test("Silences are not judged before what was published while the service was down has been read")
  func catchUp() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, Self.tickets(days: 30))
      for _ in 0..<42 {
        try await Self.publish([Self.event(Self.opened, from: "//desk/", at: metrics.clock.now())], to: metrics)
        metrics.clock.advance(days: 1)
      }
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      for _ in 0..<10 {
        let event = Self.event(Self.opened, from: "//desk/", at: metrics.clock.now())
        _ = try await metrics.bus.publish([event.encoded()], timeout: .seconds(1))
        metrics.clock.advance(days: 1)
      }
      let job = try #require(metrics.service.jobs.first { $0.name == "feeds" })
      func notices() async throws -> Int {
        try await job.body(metrics.environment)
        return try await metrics.announcements(of: Announcements.noticeFeedSilent.name).count
      }
      #expect(try await notices() == 0, "ten days are not read yet")
      try await metrics.settle()
      #expect(try await notices() == 0)
      metrics.clock.advance(days: 3)
      #expect(try await notices() == 1)
    }
  }
}
