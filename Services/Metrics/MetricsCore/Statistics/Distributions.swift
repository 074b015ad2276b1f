import CSpecialFunctions
import Glibc

/// The beta distribution, which describes knowledge about a share between 0 and 1.
///
/// A parameter of 0 concentrates the distribution on one share: 0 if `alpha` is 0, 1 if `beta` is 0.
public struct BetaDistribution: Sendable, Hashable {
  /// The weight of successes, at least 0; `alpha` 1 and `beta` 1 give the uniform distribution.
  public var alpha: Double
  /// The weight of failures, at least 0.
  public var beta: Double

  public init(alpha: Double, beta: Double) {
    self.alpha = alpha
    self.beta = beta
  }

  /// The posterior distribution after observing trials (the beta distribution is conjugate to the binomial).
  public func updated(successes: Int, trials: Int) -> BetaDistribution {
    BetaDistribution(alpha: alpha + Double(successes), beta: beta + Double(trials - successes))
  }

  /// The mean share; NaN if both parameters are 0.
  public var mean: Double { alpha / (alpha + beta) }

  /// The variance of the share; NaN if both parameters are 0.
  public var variance: Double { mean * (1 - mean) / (alpha + beta + 1) }

  /// The probability that the share is less than `x`.
  public func probability(below x: Double) -> Double {
    guard x > 0 else { return 0 }
    guard x < 1 else { return 1 }
    guard alpha > 0 else { return 1 }
    guard beta > 0 else { return 0 }
    return gonogo_beta_i(alpha, beta, x)
  }

  /// The probability that the share is more than `x`; small probabilities keep their relative precision.
  public func probability(above x: Double) -> Double {
    guard x > 0 else { return 1 }
    guard x < 1 else { return 0 }
    guard alpha > 0 else { return 0 }
    guard beta > 0 else { return 1 }
    return gonogo_beta_i_complement(alpha, beta, x)
  }

  /// The share below which the result lies with the given probability; NaN for a probability outside 0 to 1.
  public func quantile(_ probability: Double) -> Double {
    guard (0...1).contains(probability) else { return .nan }
    guard alpha > 0 else { return 0 }
    guard beta > 0 else { return 1 }
    return gonogo_beta_i_inverse(alpha, beta, probability)
  }

  /// The equal-tailed 95% credible interval.
  public var interval95: ConfidenceInterval {
    ConfidenceInterval(low: quantile(0.025), high: quantile(0.975))
  }
}

/// The Poisson distribution: the count of independent events with a known mean.
public struct PoissonDistribution: Sendable, Hashable {
  /// The expected count, at least 0.
  public var mean: Double

  public init(mean: Double) { self.mean = mean }

  /// The probability of at least `count` events; small probabilities keep their relative precision.
  public func probability(ofAtLeast count: Int) -> Double {
    guard count > 0 else { return 1 }
    guard mean > 0 else { return 0 }
    return gonogo_gamma_p(Double(count), mean)
  }

  /// The probability of at most `count` events; small probabilities keep their relative precision.
  public func probability(ofAtMost count: Int) -> Double {
    guard count >= 0 else { return 0 }
    guard mean > 0 else { return 1 }
    return gonogo_gamma_q(Double(count) + 1, mean)
  }
}

/// The gamma distribution with a scale of 1.
public struct GammaDistribution: Sendable, Hashable {
  /// The shape, which is also the mean; more than 0.
  public var shape: Double

  public init(shape: Double) { self.shape = shape }

  /// The value below which the given probability lies; NaN for a probability outside 0 to 1.
  public func quantile(_ probability: Double) -> Double { gonogo_gamma_p_inverse(shape, probability) }
}

/// The normal distribution.
public struct NormalDistribution: Sendable, Hashable {
  /// The mean.
  public var mean: Double
  /// The standard deviation, at least 0.
  public var deviation: Double

  public init(mean: Double = 0, deviation: Double = 1) {
    self.mean = mean
    self.deviation = deviation
  }

  /// The probability of a value less than `x`; if the deviation is 0, 1 for `x` above the mean and 0 otherwise.
  public func probability(below x: Double) -> Double {
    deviation > 0 ? gonogo_normal_cdf((x - mean) / deviation) : (x > mean ? 1 : 0)
  }

  /// The value below which the given probability lies; NaN for a probability outside 0 to 1.
  public func quantile(_ probability: Double) -> Double { mean + deviation * gonogo_normal_quantile(probability) }
}

/// Student's t distribution, scaled and shifted: a normal variable whose variance was itself estimated.
public struct StudentDistribution: Sendable, Hashable {
  /// The degrees of freedom, more than 0.
  public var degrees: Double
  /// The centre of the distribution.
  public var center: Double
  /// The scale, at least 0: the standard deviation of the normal distribution that it approaches as `degrees` grow.
  public var scale: Double

  public init(degrees: Double, center: Double = 0, scale: Double = 1) {
    self.degrees = degrees
    self.center = center
    self.scale = scale
  }

  /// The probability of a value less than `x`; if the scale is 0, 1 for `x` above the centre and 0 otherwise.
  public func probability(below x: Double) -> Double {
    scale > 0 ? gonogo_student_t_cdf(degrees, (x - center) / scale) : (x > center ? 1 : 0)
  }

  /// The value below which the given probability lies; NaN for a probability outside 0 to 1.
  public func quantile(_ probability: Double) -> Double {
    center + scale * gonogo_student_t_quantile(degrees, probability)
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
  static let standardNormal975 = 1.959_963_984_540_054
}
