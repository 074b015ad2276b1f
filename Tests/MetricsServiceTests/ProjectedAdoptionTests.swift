import JSON
import Contract
import LaunchModel
import Messaging
import MetricsService
import ServiceKit
import Storage
import TestSupport
import Testing

/// The last day of an open window, as projected from launches that are over.
@Suite("Projected adoption")
struct ProjectedAdoptionTests {
  /// Four launches that are over, by the accounts of 40 that had adopted on the second and on the last day.
  private static let earlier = [
    (name: "first", early: 4, late: 10), (name: "second", early: 6, late: 14), (name: "third", early: 5, late: 9),
    (name: "fourth", early: 8, late: 20),
  ]

  /// Exposes a launch, to be measured for ten days.
  private func expose(_ name: String, in metrics: Metrics) async throws -> LaunchID {
    let launch = try launchID(name)
    try await metrics.propose(launch, feature: name)
    try await metrics.seal(launch, .adoption(">= 30%", days: 10))
    try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
    return launch
  }

  /// Lets days of a window pass: 40 accounts are active on the first and one on each, and some use the feature on the first and on
  /// the sixth.
  private func pass(
    _ days: Range<Int>, of feature: String, early: Int, late: Int, in metrics: Metrics
  ) async throws {
    for day in days {
      let adopters = day == 0 ? early : day == 5 ? late : 0
      let events =
        (0..<(day == 0 ? 40 : 1)).map { used("other", by: $0, in: metrics) }
        + (0..<adopters).map { used(feature, by: $0, in: metrics) }
      _ = try await metrics.bus.publish(events.map { $0.encoded() }, timeout: .seconds(1))
      try await metrics.settle()
      metrics.clock.advance(days: 1)
    }
    try await metrics.sweep()
  }

  private func used(_ feature: String, by account: Int, in metrics: Metrics) -> CloudEvent {
    metrics.event(
      SignalType.featureUsed.rawValue, ["feature": .string(feature), "account": .string("a\(account)")],
      at: metrics.clock.now())
  }

  @Test("With four finished launches, the last day is projected; as of an earlier moment, from those finished then")
  func projection() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      var started: [Timestamp] = []
      for earlier in Self.earlier {
        started.append(metrics.clock.now())
        let launch = try await expose(earlier.name, in: metrics)
        #expect(try await metrics.verdict(launch).projection == nil, "no day is over")
        try await pass(0..<2, of: earlier.name, early: earlier.early, late: earlier.late, in: metrics)
        let found = try await metrics.verdict(launch).projection
        #expect(found == ProjectionView(day: 2, launches: started.count - 1), "too few")
        try await pass(2..<10, of: earlier.name, early: earlier.early, late: earlier.late, in: metrics)
        let view = try await metrics.verdict(launch)
        #expect(view.numerator == earlier.late && view.denominator == 40 && view.projection == nil)
      }
      let launch = try await expose("fifth", in: metrics)
      let start = metrics.clock.now()
      try await pass(0..<2, of: "fifth", early: 6, late: 11, in: metrics)
      let found = try #require(try await metrics.verdict(launch).projection)
      #expect(found.day == 2 && found.launches == 4)
      // By Tests/MetricsCoreTests/Oracle/forecasts.py.
      #expect(try abs(#require(found.low) - 0.27228221063439134) < 1e-9)
      #expect(try abs(#require(found.median) - 0.3438008064876759) < 1e-9)
      #expect(try abs(#require(found.high) - 0.45822469490787776) < 1e-9)
      #expect(try abs(#require(found.chance) - 0.7868829646700483) < 1e-9)
      #expect(try await metrics.verdict(launch, asOf: start.adding(days: 1)).projection?.day == 1)
      let fourth = try #require(LaunchID("fourth"))
      let earlier = try await metrics.verdict(fourth, asOf: started[3].adding(days: 2)).projection
      #expect(earlier == ProjectionView(day: 2, launches: 3), "what was known then")

      try await pass(2..<10, of: "fifth", early: 6, late: 11, in: metrics)
      let report = try await metrics.call(MetricsRoutes.calibration, CalibrationRequest(day: 2))
      #expect(report.launches.map(\.launch.rawValue) == ["first", "second", "third", "fourth", "fifth"])
      #expect(report.launches.map { $0.projection?.launches } == [0, 1, 2, 3, 4])
      #expect(report.launches.last?.projection == found, "what was shown on that day")
      #expect(report.launches.map(\.outcome) == [0.25, 0.35, 0.225, 0.5, 0.275])
      #expect(report.launches.map(\.inside) == [nil, nil, nil, nil, true])
      #expect(report.launches.map(\.reached) == [false, true, false, true, false])
      #expect(report.summary.count == 1 && report.summary.coverage == 1 && report.summary.above == 0)
    }
  }

  @Test("A stored curve follows late events, has the tier at exposure, and is dropped if a rollback cuts its window")
  func stored() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let start = metrics.clock.now()
      let launch = try await expose("first", in: metrics)
      try await pass(0..<9, of: "first", early: 4, late: 10, in: metrics)
      #expect(try await calibration(metrics).isEmpty, "its window is open")
      try await pass(9..<10, of: "first", early: 4, late: 10, in: metrics)
      #expect(try await calibration(metrics).map(\.outcome) == [0.25])
      try await metrics.propose(launch, feature: "first", version: 2, tier: .major)
      // As after an update from a version without curves: every launch is evaluated again.
      try await metrics.environment.database.write { db in
        for table in ["adoption_curves", "evaluations"] { try db.execute("DELETE FROM \(table)") }
      }
      #expect(try await calibration(metrics).isEmpty)
      try await metrics.sweep()
      #expect(try await calibration(metrics).map(\.outcome) == [0.25])
      #expect(try await calibration(metrics).map(\.tier) == [.moderate])
      metrics.clock.advance(seconds: 60)
      try await metrics.signal(.featureUsed, ["feature": "first", "account": "a10"], at: start.adding(days: 3))
      try await metrics.sweep()
      #expect(try await calibration(metrics).map(\.outcome) == [0.275])
      try await metrics.expose(
        launch, ExposureAttempt(attempt: 1, startedAt: start, rolledBackAt: start.adding(days: 9)))
      try await metrics.sweep()
      #expect(try await calibration(metrics).isEmpty)
    }
  }

  private func calibration(_ metrics: Metrics) async throws -> [ProjectedLaunch] {
    try await metrics.call(MetricsRoutes.calibration, CalibrationRequest()).launches
  }

  @Test("Calibration is limited to a tier, and refuses a day that no window has")
  func request() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      _ = try await expose("first", in: metrics)
      try await pass(0..<10, of: "first", early: 4, late: 10, in: metrics)
      let moderate = try await metrics.call(MetricsRoutes.calibration, CalibrationRequest(tier: .moderate))
      #expect(moderate.day == 7 && moderate.launches.count == 1 && moderate.summary.count == 0)
      #expect(try await metrics.call(MetricsRoutes.calibration, CalibrationRequest(tier: .major)).launches.isEmpty)
      #expect(try await metrics.call(MetricsRoutes.calibration, CalibrationRequest(day: 10)).launches.isEmpty)
      await expectProblem("invalid-day") {
        try await metrics.call(MetricsRoutes.calibration, CalibrationRequest(day: 0))
      }
    }
  }
}
