import JSON
import Contract
import LaunchModel
import Messaging
import MetricsService
import ServiceKit
import TestSupport
import Testing

@Suite("Projections of the log")
struct ProjectionTests {
  @Test("A rollback cuts off the windows, and a relaunch starts new ones; the time between counts for neither")
  func relaunch() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      let start = metrics.clock.now()
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption())
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start))
      for (account, day) in [("a", 1), ("b", 6), ("c", 11)] {
        metrics.clock.set(start.adding(days: day))
        try await metrics.signal(.featureUsed, ["feature": "f", "account": .string(account)])
      }
      let first = ExposureAttempt(attempt: 1, startedAt: start, rolledBackAt: start.adding(days: 5))
      try await metrics.expose(launch, first)
      try await metrics.expose(launch, first, ExposureAttempt(attempt: 2, startedAt: start.adding(days: 10)))
      try await metrics.pass(days: 39, (.featureUsed, ["feature": "f", "account": "c"]))
      let old = try await metrics.verdicts(launch, attempt: 1)
      #expect(old.metrics.map(\.verdict) == [.inconclusive])
      #expect(old.metrics.map(\.numerator) == [1])
      let new = try await metrics.verdicts(launch)
      #expect(new.attempt == 2)
      #expect(new.metrics.map(\.verdict) == [.met])
      #expect(new.metrics.map(\.denominator) == [1])
      await expectProblem("attempt-not-found") { try await metrics.verdicts(launch, attempt: 3) }
    }
  }

  @Test("A figure completed before the log was pruned stays known; one computed later is unknown")
  func pruned() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption())
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      #expect(try await metrics.verdict(launch).numerator == 1)
      try await metrics.pass(days: 30, (.featureUsed, ["feature": "f", "account": "a"]))
      metrics.clock.advance(days: 1)
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "b"])
      metrics.bus.prune(before: Int64(metrics.bus.events.count))
      #expect(try await metrics.verdict(launch).verdict == .met)
      try await metrics.call(MetricsRoutes.rebuild, LaunchAction(launch: launch))
      let view = try await metrics.verdict(launch)
      #expect(view.verdict == .unknown)
      #expect(view.notes.contains { $0.hasPrefix("the log was pruned") })
    }
  }

  @Test("As of a moment before a launch was proposed, the launch is unknown")
  func beforeTheProposal() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      let before = metrics.clock.now()
      metrics.clock.advance(days: 1)
      try await metrics.propose(launch)
      metrics.clock.advance(days: 1)
      let problem = await #expect(throws: Problem.self) { try await metrics.verdicts(launch, asOf: before) }
      #expect(problem?.code == "launch-not-found")
      #expect(problem?.detail.hasPrefix("trial was not known at \(before)") == true)
    }
  }

  @Test("A restated exposure is measured from its new start")
  func restatedStart() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      let start = metrics.clock.now()
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption())
      for day in 0..<4 {
        metrics.clock.set(start.adding(days: day))
        try await metrics.signal(.featureUsed, ["feature": "f", "account": .string("a\(day)")])
      }
      metrics.clock.set(start.adding(days: 60))
      for (day, count) in [(2, 2), (0, 4), (1, 3)] {
        try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start.adding(days: day)))
        #expect(try await metrics.verdict(launch).numerator == count)
        metrics.clock.advance(days: 1)
      }
      // What was known then, by the start that was known then.
      for (day, count) in [(60, 2), (61, 4), (62, 3)] {
        #expect(try await metrics.verdict(launch, asOf: start.adding(days: day)).numerator == count)
      }
    }
  }

  @Test("Figures as of a moment before a rollback are not cut off by it, and survive a restart")
  func asOfBeforeRollback() async throws {
    try await StorageEngine.standard.withFolder { folder in
      let clock = ManualClock(Timestamp(microseconds: 1_798_794_000_000_000))
      let bus = MemoryBus(clock: clock)
      let launch = try launchID("trial")
      let start = clock.now()
      let attempt = ExposureAttempt(attempt: 1, startedAt: start)
      try await withServiceHarness(MetricsService.self, in: folder, bus: bus) { metrics in
        try await metrics.propose(launch)
        try await metrics.seal(launch, .adoption())
        try await metrics.expose(launch, attempt)
        for day in 1...4 {
          clock.set(start.adding(days: day))
          metrics.clock.set(clock.now())
          try await metrics.signal(.featureUsed, ["feature": "f", "account": .string("a\(day)")])
        }
        clock.advance(seconds: 3_600)
        metrics.clock.set(clock.now())
        try await metrics.expose(
          launch, ExposureAttempt(attempt: 1, startedAt: start, rolledBackAt: start.adding(days: 2)))
        #expect(try await metrics.verdict(launch).numerator == 1)
        #expect(try await metrics.verdict(launch, asOf: start.adding(days: 4)).numerator == 4)
      }
      try await withServiceHarness(MetricsService.self, at: clock.now(), in: folder, bus: bus) { metrics in
        clock.advance(days: 1)
        metrics.clock.set(clock.now())
        try await metrics.signal(.featureUsed, ["feature": "f", "account": "late"], at: start.adding(days: 1))
        #expect(try await metrics.verdict(launch).numerator == 2)
        #expect(try await metrics.verdict(launch).restated == true)
        #expect(try await metrics.verdict(launch, asOf: start.adding(days: 3)).numerator == 3)
      }
    }
  }

  @Test("Tags of another launch's plan, or of a later amendment, change nothing about a sealed plan")
  func attribution() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let (launch, other) = (try launchID("trial"), try launchID("other"))
      try await metrics.propose(launch)
      try await metrics.seal(launch, ["key": "t", "kind": "tickets", "forecast": 3, "tags": ["routing"]])
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      for index in 0..<12 {
        let ticket = JSONValue.string("t\(index)")
        metrics.clock.advance(seconds: 60)
        try await metrics.signal(.ticketOpened, ["ticket": ticket, "account": "a", "tags": ["routing"]])
        try await metrics.signal(.ticketUpdated, ["ticket": ticket, "tags": ["routing", "billing"]])
      }
      try await metrics.signal(.ticketOpened, ["ticket": "x", "account": "a", "tags": ["import"]])
      #expect(try await metrics.verdict(launch).numerator == 12)
      let asked = metrics.clock.now()
      for day in 1...8 {
        metrics.clock.advance(days: 1)
        try await metrics.signal(.ticketOpened, ["ticket": .string("o\(day)"), "account": "a"])
      }
      try await metrics.propose(other, feature: "g")
      try await metrics.seal(other, ["key": "t", "kind": "tickets", "forecast": 3, "tags": ["routing", "billing"]])
      #expect(try await metrics.verdict(launch).numerator == 12)
      #expect(try await metrics.verdict(launch).verdict == .missed)
      let amended: JSONValue = ["metrics": [["key": "t", "kind": "tickets", "forecast": 3, "tags": ["import"]]]]
      try await metrics.call(
        MetricsRoutes.amend, DefinePlan(launch: launch, document: amended, reason: "the tag was wrong"))
      let view = try await metrics.verdicts(launch)
      #expect(view.metrics.map(\.numerator) == [1])
      #expect(view.beforeAmendment?.map(\.numerator) == [12])
      #expect(try await metrics.verdict(launch, asOf: asked).numerator == 12)
    }
  }

  @Test("Figures as of an earlier time are computed from the log")
  func asOf() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      let start = metrics.clock.now()
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption())
      metrics.clock.advance(seconds: 3_600)
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start))
      for day in 1...5 {
        metrics.clock.set(start.adding(days: day))
        try await metrics.signal(.featureUsed, ["feature": "f", "account": .string("a\(day)")])
      }
      metrics.clock.set(start.adding(days: 6))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "late"], at: start.adding(days: 2))
      #expect(try await metrics.verdict(launch).numerator == 6)
      #expect(try await metrics.verdict(launch, asOf: start.adding(days: 3)).numerator == 3)
      #expect(try await metrics.verdict(launch, asOf: start.adding(days: 3)).curve?.count == 3)
      #expect(try await metrics.verdict(launch, asOf: start.adding(days: 6)).numerator == 6)
      let before = try await metrics.verdict(launch, asOf: start)
      #expect(before.verdict == .pending)
      #expect(before.windowStart == nil)
    }
  }

  @Test("Incrementally updated figures equal those computed from the complete log", arguments: 1...6)
  func agreesWithTheLog(seed: Int) async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(
        launch, .adoption(), ["key": "t", "kind": "tickets", "forecast": 5], ["key": "c", "kind": "csat"],
        ["key": "h", "kind": "articles", "target": ">= 50% helpful", "minimumVotes": 1, "articles": ["k1"]],
        ["key": "v", "kind": "articles", "target": ">= 5 views"],
        [
          "key": "x", "kind": "custom", "type": "com.example.x", "aggregate": "distinct", "field": "/data/user",
          "target": ">= 3",
        ],
        [
          "key": "m", "kind": "custom", "type": "com.example.x", "aggregate": "mean", "field": "/data/ms",
          "target": ">= 3",
        ],
        [
          "key": "r", "kind": "custom", "type": "com.example.x", "aggregate": "ratio", "where": ["/data/user": "u1"],
          "target": ">= 1%",
        ])
      let start = metrics.clock.now()
      let exposedAfter = Int.random(in: 0..<200)
      for index in 0..<200 {
        if index == exposedAfter {
          try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: start.adding(days: 2)))
        }
        metrics.clock.advance(seconds: 4 * 3_600)
        _ = try await metrics.bus.publish([RandomSignals.event(metrics).encoded()], timeout: .seconds(1))
        if Int.random(in: 0..<10) == 0 { try await metrics.settle() }
      }
      try await metrics.settle()
      metrics.clock.advance(days: 60)
      // What was known at a moment includes the silences that had been noticed.
      try await metrics.sweep()
      metrics.clock.advance(seconds: 1)
      let live = try await metrics.verdicts(launch)
      let replayed = try await metrics.verdicts(
        launch, asOf: Timestamp(microseconds: metrics.clock.now().microseconds - 1))
      #expect(live.metrics == replayed.metrics)
      #expect(live.metrics.contains { $0.n > 0 })
      try await metrics.call(MetricsRoutes.rebuild, LaunchAction(launch: launch))
      #expect(try await metrics.verdicts(launch).metrics == live.metrics)
    }
  }

  @Test("A failed batch changes neither the store nor memory")
  func failedBatch() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption())
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      let good = metrics.event(SignalType.featureUsed.rawValue, ["feature": "f", "account": "a"])
      let bad = metrics.event(SignalType.featureUsed.rawValue, ["feature": "f"])
      _ = try await metrics.bus.publish([good.encoded(), bad.encoded(), good.encoded()], timeout: .seconds(1))
      let batch = try await metrics.bus.fetch(after: metrics.environment.progress.offset)
      let refused = await #expect(throws: RefusedEvents.self) {
        try await metrics.runtime.sink.apply(batch.events, upTo: batch.head)
      }
      #expect(refused?.refusals.map(\.error.code) == ["malformed-data"])
      try await metrics.runtime.sink.apply(Array(batch.events.prefix(1)), upTo: batch.head)
      metrics.environment.progress.advance(to: batch.head)
      #expect(try await metrics.verdict(launch).numerator == 1)
    }
  }

  @Test("A time in the future is rejected as an error in the event")
  func future() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let error = await #expect(throws: EventError.self) {
        try await metrics.signal(.accountActive, ["account": "a"], at: metrics.clock.now().adding(seconds: 301))
      }
      #expect(error?.code == "future-time")
    }
  }

  @Test("If the log cannot be read, figures that need it are unavailable")
  func unreachableBus() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption())
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      metrics.bus.isReachable = false
      await expectProblem("unreachable") { try await metrics.verdicts(launch) }
      metrics.bus.isReachable = true
      #expect(try await metrics.verdict(launch).numerator == 1)
      metrics.bus.isReachable = false
      #expect(try await metrics.verdict(launch).numerator == 1)
    }
  }
}

/// Random signals about a small set of subjects, so that they interact.
enum RandomSignals {
  static func event(_ metrics: Metrics) -> CloudEvent {
    let account = JSONValue.string("a\(Int.random(in: 0..<6))")
    let ticket = JSONValue.string("t\(Int.random(in: 0..<8))")
    let feature: JSONValue = Bool.random() ? "f" : "g"
    let article = JSONValue.string("k\(Int.random(in: 0..<3))")
    let age = Int64.random(in: 0..<(5 * 86_400))
    let content: (SignalType, JSONValue)? =
      switch Int.random(in: 0..<12) {
      case 0, 1: (.featureUsed, ["account": account, "feature": feature])
      case 2: (.accountActive, ["account": account])
      case 3:
        (
          .accountChanged,
          ["account": account, "state": .string(["active", "test", "closed"].randomElement() ?? "test")]
        )
      case 4: (.accountChanged, ["account": account, "state": "merged", "mergedInto": "a9"])
      case 5: (.ticketOpened, ["ticket": ticket, "account": account, "feature": feature, "channel": "chat"])
      case 6: (.ticketUpdated, ["ticket": ticket, "tags": [feature], "mergedInto": Bool.random() ? "t1" : .null])
      case 7:
        (.csatScored, ["ticket": ticket, "score": .integer(.random(in: 1...5)), "scale": "1-5", "channel": "chat"])
      case 8: (.articlePublished, ["article": article, "locale": "en", "feature": feature])
      case 9: (.articleViewed, ["article": article, "account": account])
      case 10: (.articleRated, ["article": article, "rating": Bool.random() ? "up" : "down", "voter": account])
      default: nil
      }
    let moment = metrics.clock.now().adding(seconds: -age)
    guard let (type, data) = content else {
      return metrics.event(
        "com.example.x",
        ["user": .string("u\(Int.random(in: 0..<5))"), "ms": .number(.random(in: 0..<9)), "account": account],
        at: moment)
    }
    return metrics.event(type.rawValue, data, at: Bool.random() ? moment : nil)
  }
}
