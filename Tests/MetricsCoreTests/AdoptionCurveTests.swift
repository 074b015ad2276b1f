import JSON
import Contract
import LaunchModel
import MetricsCore
import Testing

@Suite("Adoption curves")
struct AdoptionCurveTests {
  /// The curve of a launch with one count up to a day and another from then on.
  private func curve(
    _ launch: String, _ counts: (Int, Int, Int, Int), startedOn day: Int = 0, knownOn known: Int? = nil,
    attempt: Int = 1, metric: String = "adoption", tier: Tier? = .moderate, days: Int = 30, target: String = ">= 25%"
  ) throws -> AdoptionCurve {
    let start = MetricEvents.moment(day: day)
    let exposure = Attempt(
      number: attempt, startedAt: start, knownSince: known.map { MetricEvents.moment(day: $0) } ?? start)
    return AdoptionCurve(
      launch: try #require(LaunchID(launch)), attempt: attempt, metric: metric, tier: tier,
      window: exposure.window(days: days), target: try #require(Target(target)),
      points: (1...days).map { day in
        CurvePoint(
          day: day, numerator: day <= 7 ? counts.0 : counts.2, denominator: day <= 7 ? counts.1 : counts.3)
      })
  }

  /// The curves of the oracle's launches, each exposed on the day after the last one's window was over.
  private func calibrated() throws -> [AdoptionCurve] {
    try ForecastOracle.calibration.enumerated().map { try curve("l\($0)", $1.counts, startedOn: $0 * 31) }
  }

  @Test("The last day is projected from the curves of earlier launches, with the same results as SciPy")
  func projection() throws {
    let curves = try calibrated()
    let wanted = ForecastOracle.calibration[4]
    let found = try #require(curves[4].projection(from: 7, by: curves, at: curves[4].window.start.adding(days: 7)))
    #expect(found.day == 7 && found.launches == 4)
    #expect(try abs(#require(found.median) - #require(wanted.median)) < 1e-9)
    #expect(try abs(#require(found.low) - #require(wanted.low)) < 1e-9)
    #expect(try abs(#require(found.high) - #require(wanted.high)) < 1e-9)
    #expect(try abs(#require(found.chance) - #require(wanted.chance)) < 1e-9)
    let few = curves[4].projection(from: 7, by: Array(curves.dropFirst()), at: curves[4].window.start.adding(days: 7))
    #expect(few == ProjectionView(day: 7, launches: 3))
  }

  @Test("Only other launches of the tier count that have a long enough, final window, each once")
  func comparable() throws {
    let counts = (80, 700, 260, 1_000)
    let open = try curve("open", counts, startedOn: 100)
    let earlier = try (1...3).map { try curve("l\($0)", counts) }
    let others = [
      try curve("other-tier", counts, tier: .major), try curve("unknown-tier", counts, tier: nil),
      try curve("shorter", counts, days: 20), try curve("not-over", counts, startedOn: 78),
      try curve("known-later", counts, knownOn: 108), try curve("inactive", (0, 0, 0, 0)),
      try curve("open", counts, attempt: 1), try curve("l1", counts, metric: "adoption-2"),
    ]
    let now = MetricEvents.moment(day: 107)
    #expect(open.projection(from: 7, by: earlier + others, at: now)?.launches == 3)
    let over = try curve("just-over", counts, startedOn: 77)
    #expect(open.projection(from: 7, by: earlier + others + [over], at: now)?.launches == 4)
    let unknown = try curve("open", counts, startedOn: 100, tier: nil)
    #expect(unknown.projection(from: 7, by: earlier + others, at: now)?.launches == 0)
    #expect(open.projection(from: 30, by: earlier, at: now) == nil)
    #expect(open.projection(from: 0, by: earlier, at: now) == nil)
  }

  @Test("Calibration compares each launch with the projection from those before it, with SciPy's results")
  func calibration() throws {
    let view = CalibrationView(of: try calibrated().reversed(), from: 7)
    #expect(view.launches.map(\.launch.rawValue) == (0..<7).map { "l\($0)" })
    #expect(view.launches.map { $0.projection?.launches } == [0, 1, 2, 3, 4, 5, 6])
    for (found, wanted) in zip(view.launches, ForecastOracle.calibration) {
      let outcome = Double(wanted.counts.2) / Double(wanted.counts.3)
      #expect(found.outcome == outcome && found.reached == (outcome >= 0.25))
      guard let low = wanted.low, let high = wanted.high, let chance = wanted.chance else {
        #expect(found.projection?.median == nil && found.inside == nil)
        continue
      }
      #expect(found.inside == (low <= outcome && outcome <= high))
      #expect(try abs(#require(found.projection?.chance) - chance) < 1e-9)
    }
    let summary = view.summary
    #expect(summary.count == 3)
    #expect(try abs(#require(summary.coverage) - ForecastOracle.coverage) < 1e-12)
    #expect(try abs(#require(summary.above) - ForecastOracle.above) < 1e-12)
    #expect(try abs(#require(summary.brier) - ForecastOracle.brier) < 1e-9)
    // Chances of 69%, 9% and 70%, of which only the first was followed by success.
    #expect(summary.bins.map(\.count) == [1, 2] && summary.bins.map(\.reached) == [0, 0.5])
  }

  @Test("Calibration ignores other tiers, and windows that are not longer than the given day")
  func selection() throws {
    let counts = (80, 700, 260, 1_000)
    let curves = [
      try curve("short", counts, days: 10), try curve("long", counts), try curve("major", counts, tier: .major),
      try curve("late-start", (0, 0, 260, 1_000), startedOn: 1),
    ]
    #expect(CalibrationView(of: curves, from: 9).launches.count == 4)
    #expect(CalibrationView(of: curves, from: 10).launches.map(\.launch.rawValue) == ["long", "major", "late-start"])
    #expect(CalibrationView(of: curves, from: 7, tier: .major).launches.map(\.launch.rawValue) == ["major"])
    let inactive = CalibrationView(of: curves, from: 7).launches.last
    #expect(inactive?.projection == nil && inactive?.outcome == 0.26)
    #expect(CalibrationView(of: [], from: 7).summary == CalibrationSummary(count: 0))
  }

  // MARK: In a launch's figures

  /// The projection of a launch with two active accounts, one of which adopted on day 0, at that hour.
  private func shown(
    atHour hours: Int64, silent: Bool = false, rolledBackOn day: Int? = nil
  ) throws -> (projection: ProjectionView?, verdict: Verdict) {
    let attempt = MetricEvents.attempt(rolledBackAt: day.map { MetricEvents.moment(day: $0) })
    var trial = try Trial(["key": "a", "kind": "adoption", "target": ">= 30%", "days": 30], attempt: attempt)
    try trial.add(.featureUsed, ["feature": "f", "account": "a"], day: 0)
    try trial.add(.featureUsed, ["feature": "g", "account": "b"], day: 0)
    var evaluation = try trial.evaluation(at: MetricEvents.exposure.adding(seconds: hours * 3_600))
    evaluation.evidence.tier = .moderate
    evaluation.evidence.earlierCurves = try (1...4).map {
      try curve("l\($0)", ForecastOracle.calibration[$0].counts, startedOn: -31 * $0)
    }
    if silent {
      let used = FeedName(type: SignalType.featureUsed.rawValue, source: "//app")
      evaluation.evidence.feeds = FeedOutlook([
        .init(
          name: used, status: .alive, firstSeen: MetricEvents.exposure, lastSeen: MetricEvents.exposure,
          deliveries: MetricEvents.deliveries([0]))
      ])
    }
    let view = try #require(evaluation.views().first)
    return (view.projection, view.verdict)
  }

  @Test("A launch's figures have a projection once a day is complete, and only while the verdict is pending")
  func evaluated() throws {
    #expect(try shown(atHour: 23).projection == nil)
    #expect(try shown(atHour: 24).projection?.day == 1)
    let found = try #require(try shown(atHour: 24 * 8 + 5).projection)
    #expect(found.day == 8 && found.launches == 4 && found.median != nil)
    #expect(try shown(atHour: 24 * 30 - 1).projection?.day == 29)
    #expect(try shown(atHour: 24 * 30).projection == nil)
    let silent = try shown(atHour: 24 * 8, silent: true)
    #expect(silent.projection == nil && silent.verdict == .unknown)
    let rolledBack = try shown(atHour: 24 * 8, rolledBackOn: 5)
    #expect(rolledBack.projection == nil && rolledBack.verdict == .inconclusive)
  }
}
