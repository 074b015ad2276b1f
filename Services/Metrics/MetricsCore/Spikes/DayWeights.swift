import LaunchModel

/// The belief about how a forecast spreads over the days of its window: a Dirichlet distribution (product.md, section 4).
///
/// Days are spans of 24 hours from exposure.
public struct DayWeights: Sendable, Hashable {
  /// The expected shares of a launch's first week without any history.
  public static let launchWeek = [0.28, 0.19, 0.15, 0.12, 0.10, 0.08, 0.08]
  /// The weight of each day beyond the first week, before normalisation.
  public static let laterDay = 0.08
  /// The strength of the expectation without history.
  public static let concentration = 40.0
  /// The strength that each earlier launch adds.
  public static let earlierConcentration = 10.0
  /// The least share of a day, before the last normalisation.
  public static let floor = 0.005

  /// The parameters of the distribution, one for each day.
  public let parameters: [Double]

  /// The tickets of an earlier launch, day by day.
  public struct EarlierWindow: Sendable, Hashable {
    /// The tickets about the feature on each day from exposure.
    public var counts: [Int]
    /// How its days compare with the average day, by `WeekProfile.dayFactors`; empty if that is not known. A day counts
    /// as at least a tenth of the average one, so that a ticket on a free day does not weigh more than ten.
    public var dayFactors: [Double]

    public init(counts: [Int], dayFactors: [Double] = []) {
      self.counts = counts
      self.dayFactors = dayFactors
    }
  }

  /// Creates the belief.
  ///
  /// - Parameters:
  ///   - days: the length of the window, at least 1.
  ///   - planned: the shares given in the plan, which replace the built-in ones and their weekday pattern; cut or
  ///     continued to the window's length.
  ///   - dayFactors: how the window's days compare with the average day, by `WeekProfile.dayFactors`; empty without a
  ///     learnt profile.
  ///   - earlier: the organisation's earlier launches. Their counts are carried over to this window's weekdays; those
  ///     without tickets or shorter than the window are left out.
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

  /// The expected share of each day, floored and normalised.
  public var mean: [Double] { Self.floored(parameters) }

  /// Samples of the shares, the same for a seed on every machine.
  ///
  /// A sample is a gamma quantile for each day, of SplitMix64's next number, divided by their sum; floored, normalised,
  /// and rounded to multiples of 2⁻⁴⁰, so that differences in the last digits of libraries do not show.
  public func samples(_ count: Int, seed: UInt64) -> [[Double]] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      Self.floored(parameters.map { generator.gamma(shape: $0) }).map { ($0 * 0x1p40).rounded() * 0x1p-40 }
    }
  }

  /// The factors, none negative; all 1 if there are not enough.
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
