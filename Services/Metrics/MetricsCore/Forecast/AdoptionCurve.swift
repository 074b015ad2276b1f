public import Contract
public import LaunchModel

/// The adoption curve of one attempt to launch, as far as its days are over.
public struct AdoptionCurve: Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The number of the attempt, from 1.
  public var attempt: Int
  /// The metric's key in its plan, such as `adoption`.
  public var metric: String
  /// The tier of the launch; nil if it is not known.
  public var tier: Tier?
  /// The metric's window.
  public var window: MeasurementWindow
  /// The metric's target.
  public var target: Target
  /// The days that are over, from day 1.
  public var points: [CurvePoint]

  public init(
    launch: LaunchID, attempt: Int, metric: String, tier: Tier?, window: MeasurementWindow, target: Target,
    points: [CurvePoint]
  ) {
    self.launch = launch
    self.attempt = attempt
    self.metric = metric
    self.tier = tier
    self.window = window
    self.target = target
    self.points = points
  }

  /// The adoption on a day; nil if the day is not over, or if no account has been active.
  func adoption(on day: Int) -> AdoptionForecast.Adoption? {
    guard points.indices.contains(day - 1), points[day - 1].denominator > 0 else { return nil }
    return AdoptionForecast.Adoption(adopted: points[day - 1].numerator, active: points[day - 1].denominator)
  }
}

extension AdoptionCurve {
  /// Projects the adoption of the last day from that of an earlier one (product.md, section 4).
  ///
  /// It rests on the curves of other launches of the same tier, whose windows have the same length and were final by then.
  ///
  /// - Parameters:
  ///   - day: the day to project from.
  ///   - curves: the curves of launches whose windows are over.
  ///   - moment: the moment of the projection.
  /// - Returns: without figures if it rests on too few launches; nil if the day is not over, if it is the last, or if no account
  ///   has been active.
  public func projection(from day: Int, by curves: [AdoptionCurve], at moment: Timestamp) -> ProjectionView? {
    guard day < window.days, let current = adoption(on: day) else { return nil }
    let launches = earlierLaunches(in: curves, day: day, at: moment)
    guard let forecast = AdoptionForecast(from: current, launches: launches) else {
      return ProjectionView(day: day, launches: launches.count)
    }
    let interval = forecast.interval()
    return ProjectionView(
      day: day, launches: forecast.launches, median: forecast.median, low: interval.low, high: interval.high,
      chance: forecast.chance(of: target))
  }

  /// Each launch counts once, however many metrics it has.
  private func earlierLaunches(
    in curves: [AdoptionCurve], day: Int, at moment: Timestamp
  ) -> [AdoptionForecast.EarlierLaunch] {
    guard let tier else { return [] }
    var launches: Set<LaunchID> = [launch]
    return curves.compactMap { other in
      guard other.tier == tier, other.window.days == window.days, other.window.finalAt <= moment,
        let early = other.adoption(on: day), let end = other.adoption(on: window.days),
        launches.insert(other.launch).inserted
      else { return nil }
      return AdoptionForecast.EarlierLaunch(day: early, end: end)
    }
  }
}
