import Glibc

/// What is believed of a share between 0 and 1.
///
/// A parameter of 0 puts all belief on one end: `alpha` 0 on a share of 0, `beta` 0 on a share of 1.
public struct BetaDistribution: Sendable, Hashable {
  /// The weight of successes, at least 0; 1 and 1 believe nothing.
  public var alpha: Double
  /// The weight of failures, at least 0.
  public var beta: Double

  public init(alpha: Double, beta: Double) {
    self.alpha = alpha
    self.beta = beta
  }

  /// The belief after seeing trials, by conjugacy with the binomial distribution.
  public func updated(successes: Int, trials: Int) -> BetaDistribution {
    BetaDistribution(alpha: alpha + Double(successes), beta: beta + Double(trials - successes))
  }

  /// The probability that the share is less than `x`: the regularised incomplete beta function.
  public func probability(below x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    guard alpha > 0 else { return 1 }
    guard beta > 0 else { return 0 }
    let front = exp(
      LogGamma.value(alpha + beta) - LogGamma.value(alpha) - LogGamma.value(beta) + alpha * log(x)
        + beta * log1p(-x))
    return x < (alpha + 1) / (alpha + beta + 2)
      ? front * Self.continuedFraction(alpha, beta, x) / alpha
      : 1 - front * Self.continuedFraction(beta, alpha, 1 - x) / beta
  }

  /// The share below which that much of the belief lies, to about 15 digits.
  public func quantile(_ probability: Double) -> Double {
    var low = 0.0
    var high = 1.0
    for _ in 0..<100 where high - low > 1e-16 {
      let middle = (low + high) / 2
      if self.probability(below: middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The equal-tailed range that holds 95 % of the belief.
  public var interval95: ConfidenceInterval {
    ConfidenceInterval(low: quantile(0.025), high: quantile(0.975))
  }

  /// DLMF 8.17.22, evaluated by Lentz's method.
  private static func continuedFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    var c = 1.0
    var d = 1 / nonZero(1 - (a + b) * x / (a + 1), tiny)
    var result = d
    for step in 1...10_000 {
      let m = Double(step)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonZero(1 + even * d, tiny)
      c = nonZero(1 + even / c, tiny)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonZero(1 + odd * d, tiny)
      c = nonZero(1 + odd / c, tiny)
      result *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return result
  }

  private static func nonZero(_ value: Double, _ tiny: Double) -> Double { abs(value) < tiny ? tiny : value }
}
