import Glibc

/// The beta distribution: a belief about a share between 0 and 1.
///
/// A parameter of 0 puts all mass on one end: `alpha` 0 on a share of 0, `beta` 0 on a share of 1.
public struct BetaDistribution: Sendable, Hashable {
  /// The weight of successes, at least 0; `alpha` 1 and `beta` 1 give the uniform distribution.
  public var alpha: Double
  /// The weight of failures, at least 0.
  public var beta: Double

  public init(alpha: Double, beta: Double) {
    self.alpha = alpha
    self.beta = beta
  }

  /// The posterior after observing trials, by conjugacy with the binomial distribution.
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

  /// The share below which the given probability lies, to about 15 digits.
  public func quantile(_ probability: Double) -> Double {
    var low = 0.0
    var high = 1.0
    for _ in 0..<100 where high - low > 1e-16 {
      let middle = (low + high) / 2
      if self.probability(below: middle) < probability { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The equal-tailed 95% credible interval.
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

/// The natural logarithm of the gamma function.
enum LogGamma {
  /// For a positive argument.
  static func value(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }
}

/// The Poisson distribution: the count of independent events with a known mean.
public struct PoissonDistribution: Sendable, Hashable {
  /// The expected count, at least 0.
  public var mean: Double

  public init(mean: Double) { self.mean = mean }

  /// The exact probability of at least `count` events.
  ///
  /// Above the mean the upper tail is summed directly, so that small probabilities keep their precision.
  public func probability(ofAtLeast count: Int) -> Double {
    guard count > 0 else { return 1 }
    guard mean > 0 else { return 0 }
    return Double(count) > mean ? upperTail(from: count) : 1 - lowerTail(below: count)
  }

  private func upperTail(from count: Int) -> Double {
    var term = mass(count)
    var sum = 0.0
    var next = count
    while term > sum * 1e-17 {
      sum += term
      next += 1
      term *= mean / Double(next)
    }
    return min(1, sum)
  }

  private func lowerTail(below count: Int) -> Double {
    var next = count - 1
    var term = mass(next)
    var sum = 0.0
    while next >= 0, term > sum * 1e-17 {
      sum += term
      term *= Double(next) / mean
      next -= 1
    }
    return min(1, sum)
  }

  private func mass(_ count: Int) -> Double {
    exp(Double(count) * log(mean) - mean - LogGamma.value(Double(count) + 1))
  }
}

/// A 95% interval for the true value of an estimate.
public struct ConfidenceInterval: Sendable, Hashable {
  /// The lower bound, in the estimate's unit.
  public var low: Double
  /// The upper bound, in the estimate's unit; never below `low`.
  public var high: Double

  public init(low: Double, high: Double) {
    self.low = low
    self.high = high
  }

  /// Wilson's score interval of a share, without continuity correction; nil if there are no trials.
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

  /// The 97.5% quantile of the standard normal distribution.
  private static let standardNormal975 = 1.959_963_984_540_054
}
