import Glibc

/// The range that an estimate's true value lies in with 95 % confidence.
public struct ConfidenceInterval: Sendable, Hashable {
  /// The lower bound, in the estimate's unit.
  public var low: Double
  /// The upper bound, in the estimate's unit; never below `low`.
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Wilson's score interval of a share, without continuity correction; nil where there are no trials.
  ///
  /// E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference".
  public static func wilson(successes: Int, trials: Int) -> ConfidenceInterval? {
    guard trials > 0 else { return nil }
    let n = Double(trials)
    let share = Double(successes) / n
    let square = standardNormal975 * standardNormal975
    let scale = 1 + square / n
    let center = (share + square / (2 * n)) / scale
    let margin = standardNormal975 * sqrt(share * (1 - share) / n + square / (4 * n * n)) / scale
    return ConfidenceInterval(
      low: successes == 0 ? 0 : center - margin, high: successes == trials ? 1 : center + margin)
  }

  /// The 97.5 % quantile of the standard normal distribution.
  private static let standardNormal975 = 1.959_963_984_540_054
}
