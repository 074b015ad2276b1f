/// A Beta-Binomial comparison of a feature's satisfied share with that of all other features (product.md, section 4).
public struct SatisfactionComparison: Sendable, Hashable {
  /// The weight of the feature's prior, as a number of interactions.
  public static let priorWeight = 10.0
  /// The probability of being worse from which the conclusion is `worse`.
  public static let worseFrom = 0.95
  /// The probability of being worse up to which the conclusion is `ok`.
  public static let okUpTo = 0.2
  /// The minimum number of other features' interactions for a conclusion.
  public static let minimumOthers = 20

  /// The number of scored interactions, and of those that were satisfied.
  public struct Answers: Sendable, Hashable {
    /// The number of satisfied interactions.
    public var satisfied: Int
    /// The number of interactions.
    public var count: Int

    public init(satisfied: Int, count: Int) {
      self.satisfied = satisfied
      self.count = count
    }
  }

  /// The interactions of one channel, such as `chat`.
  public struct Channel: Sendable, Hashable {
    /// The interactions about the feature.
    public var own: Answers
    /// The interactions about other features.
    public var others: Answers

    public init(own: Answers, others: Answers) {
      self.own = own
      self.others = others
    }
  }

  /// The possible conclusions of a comparison.
  public enum Conclusion: Sendable, Hashable {
    case worse, ok, undecided
    /// Fewer than `minimumOthers` interactions are about other features.
    case tooFewOthers
  }

  /// The interactions about the feature, in channels that also have interactions about other features.
  public var own: Answers
  /// The interactions about other features, in channels that also have interactions about the feature.
  public var others: Answers
  /// The observed satisfied share of other features, weighted by the feature's mix of channels.
  public var othersShare: Double
  /// The probability that the feature's true share is more than the margin below the true share of other features.
  public var probabilityWorse: Double
  /// The 95% Wilson interval for the feature's share; it always contains the observed share.
  public var interval: ConfidenceInterval

  /// Compares the shares; returns nil if no channel has interactions of both.
  ///
  /// The other features' share has the posterior Beta(satisfied + ½, not satisfied + ½). The feature's share has the
  /// prior Beta(10 p, 10 (1 − p)), in which p is the mean of that posterior. With several channels, the other features'
  /// posteriors are weighted by the feature's interactions in each channel, and their combined mean and variance are
  /// fitted by one beta distribution.
  ///
  /// - Parameters:
  ///   - channels: the interactions by channel, in a fixed order, so that rounding of sums is reproducible.
  ///   - margin: the share by which the feature may be lower.
  public init?(_ channels: [Channel], margin: Double) {
    let compared = channels.filter { $0.own.count > 0 && $0.others.count > 0 }
    own = Self.sum(compared.map(\.own))
    others = Self.sum(compared.map(\.others))
    guard let interval = ConfidenceInterval.wilson(successes: own.satisfied, trials: own.count) else { return nil }
    self.interval = interval
    let total = Double(own.count)
    othersShare = compared.reduce(0) { sum, channel in
      sum + Double(channel.own.count) / total * Double(channel.others.satisfied) / Double(channel.others.count)
    }
    let othersBelief = Self.belief(in: compared, total: total)
    let prior = BetaDistribution(
      alpha: Self.priorWeight * othersBelief.mean, beta: Self.priorWeight * (1 - othersBelief.mean))
    probabilityWorse = Self.probability(
      that: prior.updated(successes: own.satisfied, trials: own.count), isBelow: othersBelief, by: margin)
  }

  /// The conclusion of the comparison.
  public var conclusion: Conclusion {
    guard others.count >= Self.minimumOthers else { return .tooFewOthers }
    if probabilityWorse >= Self.worseFrom { return .worse }
    return probabilityWorse <= Self.okUpTo ? .ok : .undecided
  }

  private static func sum(_ answers: [Answers]) -> Answers {
    answers.reduce(Answers(satisfied: 0, count: 0)) {
      Answers(satisfied: $0.satisfied + $1.satisfied, count: $0.count + $1.count)
    }
  }

  private static func belief(in channels: [Channel], total: Double) -> BetaDistribution {
    let beliefs = channels.map { channel in
      let posterior = BetaDistribution(alpha: 0.5, beta: 0.5)
        .updated(successes: channel.others.satisfied, trials: channel.others.count)
      return (weight: Double(channel.own.count) / total, posterior: posterior)
    }
    if beliefs.count == 1 { return beliefs[0].posterior }
    let mean = beliefs.reduce(0) { $0 + $1.weight * $1.posterior.mean }
    let variance = beliefs.reduce(0) { $0 + $1.weight * $1.weight * $1.posterior.variance }
    let strength = mean * (1 - mean) / variance - 1
    return BetaDistribution(alpha: strength * mean, beta: strength * (1 - mean))
  }

  /// P(left < right − margin), integrated over the quantiles of the narrower distribution.
  private static func probability(
    that left: BetaDistribution, isBelow right: BetaDistribution, by margin: Double
  ) -> Double {
    let integral: Double
    if left.variance < right.variance {
      integral = Quadrature.integral(from: 0, to: left.probability(below: 1 - margin)) {
        right.probability(above: left.quantile($0) + margin)
      }
    } else {
      integral = Quadrature.integral(from: right.probability(below: margin), to: 1) {
        left.probability(below: right.quantile($0) - margin)
      }
    }
    return min(1, max(0, integral))
  }
}
