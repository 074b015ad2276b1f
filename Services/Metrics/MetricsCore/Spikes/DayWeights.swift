import LaunchModel

/// The assumed distribution of a forecast over the days of its window, with its uncertainty: a
/// Dirichlet distribution (product.md, section 4).
///
/// Days are periods of 24 hours from exposure.
public struct DayWeights: Sendable, Hashable {
  /// The expected shares of the days in a launch's first week, if there is no history.
  public static let launchWeek = [0.28, 0.19, 0.15, 0.12, 0.10, 0.08, 0.08]
  /// The weight of each day beyond the first week, before normalisation.
  public static let laterDay = 0.08
  /// The concentration of the distribution without history; higher values mean less uncertainty.
  public static let concentration = 40.0
  /// The concentration that each earlier launch adds.
  public static let earlierConcentration = 10.0
  /// The minimum share of a day, before shares are normalised for the last time.
  public static let floor = 0.005

  /// The parameters of the Dirichlet distribution, one for each day.
  public let parameters: [Double]

  /// The tickets of an earlier launch by day.
  public struct EarlierWindow: Sendable, Hashable {
    /// The tickets about the feature on each day from exposure.
    public var counts: [Int]
    /// How its days compare with the average day, as returned by `WeekProfile.dayFactors`; empty if unknown. Factors
    /// below 0.1 count as 0.1, so that a ticket on a quiet day weighs at most ten times as much.
    public var dayFactors: [Double]

    public init(counts: [Int], dayFactors: [Double] = []) {
      self.counts = counts
      self.dayFactors = dayFactors
    }
  }

  /// Creates the distribution.
  ///
  /// - Parameters:
  ///   - days: the length of the window in days, at least 1.
  ///   - planned: the shares given in the plan. They replace the built-in shares and the weekday pattern, and are cut
  ///     or continued to the window's length.
  ///   - dayFactors: how the window's days compare with the average day, as returned by
  ///     `WeekProfile.dayFactors`; empty without a learnt profile.
  ///   - earlier: the organisation's earlier launches. Their counts are adjusted to this window's weekdays. Windows
  ///     without tickets or shorter than this one are ignored.
  public init(days: Int, planned: [Double]? = nil, dayFactors: [Double] = [], earlier: [EarlierWindow] = []) {
    let days = max(1, days)
    let factors = Self.factors(dayFactors, days)
    let base = (0..<days).map { day in
      let shares = planned ?? Self.launchWeek
      let share = day < shares.count ? max(0, shares[day]) : Self.laterDay
      return share * (planned == nil ? factors[day] : 1)
    }
    let windows = earlier.filter { $0.counts.count >= days && $0.counts[..<days].contains { $0 > 0 } }
    parameters = windows.reduce(Self.floored(base).map { $0 * Self.concentration }) { parameters, window in
      let own = Self.factors(window.dayFactors, days)
      let shares = Self.normalized(
        (0..<days).map { Double(max(0, window.counts[$0])) * factors[$0] / max(0.1, own[$0]) })
      return zip(parameters, shares).map { $0 + Self.earlierConcentration * $1 }
    }
  }

  /// The expected share of each day, with the minimum applied, normalised.
  public var mean: [Double] { Self.floored(parameters) }

  /// Draws samples of the shares; the same seed gives the same samples on every machine.
  ///
  /// In a sample, each day has a gamma quantile of the next number from SplitMix64, divided by their sum. The shares
  /// are then raised to the minimum, normalised, and rounded to multiples of 2⁻⁴⁰, so that libraries' differences in
  /// the last digits have no effect.
  public func samples(_ count: Int, seed: UInt64) -> [[Double]] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      Self.floored(parameters.map { generator.gamma(shape: $0) }).map { ($0 * 0x1p40).rounded() * 0x1p-40 }
    }
  }

  /// The factors, with negative ones replaced by 0; all 1 if there are fewer than `days`.
  private static func factors(_ factors: [Double], _ days: Int) -> [Double] {
    (0..<days).map { factors.count < days ? 1 : max(0, factors[$0]) }
  }

  private static func floored(_ weights: [Double]) -> [Double] {
    normalized(normalized(weights).map { max(floor, $0) })
  }

  private static func normalized(_ weights: [Double]) -> [Double] {
    let total = weights.reduce(0, +)
    return total > 0 ? weights.map { $0 / total } : weights.map { _ in 1 / Double(weights.count) }
  }
}
