/// A Beta-Binomial comparison of a feature's satisfied share with that of all other interactions (product.md, section 4).
public struct SatisfactionComparison: Sendable, Hashable {
  /// The number of interactions that the feature's prior counts for.
  public static let priorWeight = 10.0
  /// The lowest probability that counts as worse.
  public static let worseFrom = 0.95
  /// The highest probability that counts as OK.
  public static let okUpTo = 0.2
  /// The number of other interactions below which nothing is concluded.
  public static let minimumOthers = 20

  /// Scored interactions, and how many of them were satisfied.
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
    /// Those about the feature.
    public var own: Answers
    /// All others.
    public var others: Answers

    public init(own: Answers, others: Answers) {
      self.own = own
      self.others = others
    }
  }

  /// What may be concluded.
  public enum Conclusion: Sendable, Hashable {
    case worse, ok, undecided
    /// There are fewer than `minimumOthers` others.
    case tooFewOthers
  }

  /// The feature's interactions, in channels that others use too.
  public var own: Answers
  /// The others' interactions, in channels that the feature's use too.
  public var others: Answers
  /// The others' observed share, in the feature's mix of channels.
  public var othersShare: Double
  /// The probability that the feature's true share is less than the others' true share minus the margin.
  public var probabilityWorse: Double
  /// The 95% Wilson interval of the feature's observed share, which contains it.
  public var interval: ConfidenceInterval

  /// Compares the shares; nil if no channel has interactions of both.
  ///
  /// The others' share has the posterior Beta(satisfied + ½, not satisfied + ½), the feature's the prior
  /// Beta(10 p, 10 (1 − p)) with p the mean of that posterior. With several channels, the others' posteriors are weighted by
  /// how many of the feature's interactions use each channel, and their mean and variance taken as those of one beta
  /// distribution.
  ///
  /// - Parameters:
  ///   - channels: in a fixed order, because sums are added in it.
  ///   - margin: the share by which the feature may fall short.
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

  /// What may be concluded.
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
