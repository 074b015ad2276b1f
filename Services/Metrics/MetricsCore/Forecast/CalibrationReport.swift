public import Contract
public import LaunchModel

extension CalibrationView {
  /// Projects the last day of each curve from an earlier day, with the curves that were final on that day, and compares
  /// the projections with the outcomes.
  ///
  /// - Parameters:
  ///   - curves: the curves of completed windows.
  ///   - day: the day to project from; curves that do not go beyond it are ignored.
  ///   - tier: the tier of the launches to report; nil for all.
  public init(of curves: [AdoptionCurve], from day: Int, tier: Tier? = nil) {
    let launches =
      curves
      .filter { tier == nil || $0.tier == tier }
      .sorted { ($0.window.start, $0.launch, $0.metric) < ($1.window.start, $1.launch, $1.metric) }
      .compactMap { ProjectedLaunch($0, from: day, by: curves) }
    self.init(
      day: day, launches: launches, summary: CalibrationSummary(ForecastCalibration(launches.compactMap(\.entry))))
  }
}

extension ProjectedLaunch {
  /// Returns nil if the curve does not go beyond the day, or if no account was active on its last day.
  fileprivate init?(_ curve: AdoptionCurve, from day: Int, by curves: [AdoptionCurve]) {
    guard day < curve.window.days, let end = curve.adoption(on: curve.window.days) else { return nil }
    let outcome = Double(end.adopted) / Double(end.active)
    let projection = curve.projection(from: day, by: curves, at: curve.window.start.adding(days: day))
    self.init(
      launch: curve.launch, attempt: curve.attempt, metric: curve.metric, tier: curve.tier,
      target: curve.target.description, windowStart: curve.window.start, projection: projection, outcome: outcome,
      inside: projection?.interval.map { $0.low <= outcome && outcome <= $0.high },
      reached: curve.target.isMet(by: outcome))
  }

  /// The projection with its outcome; nil if there were too few launches for a projection.
  fileprivate var entry: ForecastCalibration.Entry? {
    guard let projection, let median = projection.median, let interval = projection.interval else { return nil }
    return ForecastCalibration.Entry(
      interval: interval, median: median, chance: projection.chance, outcome: outcome, isReached: reached)
  }
}

extension ProjectionView {
  fileprivate var interval: ConfidenceInterval? {
    guard let low, let high else { return nil }
    return ConfidenceInterval(low: low, high: high)
  }
}

extension CalibrationSummary {
  fileprivate init(_ calibration: ForecastCalibration) {
    self.init(
      count: calibration.count, coverage: calibration.coverage, low: calibration.coverageInterval?.low,
      high: calibration.coverageInterval?.high, above: calibration.above, brier: calibration.brier,
      bins: calibration.bins.map { CalibrationBin(count: $0.count, stated: $0.stated, reached: $0.reached) })
  }
}
