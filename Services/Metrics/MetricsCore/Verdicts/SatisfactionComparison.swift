/// How the satisfied share of a feature's interactions compares with the others': Beta-Binomial, the others' share as
/// prior (product.md, section 4).
public struct SatisfactionComparison: Sendable, Hashable {
  /// How many interactions the prior weighs as much as.
  public static let priorWeight = 10.0
  /// "Worse" from this probability on.
  public static let worseFrom = 0.95
  /// "Ok" up to this probability.
  public static let okUpTo = 0.2

  /// The probability that the feature's true share is less than the others' share minus the margin.
  public var probabilityWorse: Double
  /// The 95 % credible interval of the feature's share.
  public var interval: ConfidenceInterval

  /// - Parameters:
  ///   - others: the others' satisfied share, taken as known.
  ///   - margin: by how much the feature may stay behind, as a share.
  public init(satisfied: Int, of total: Int, others: Double, margin: Double) {
    let prior = BetaDistribution(alpha: Self.priorWeight * others, beta: Self.priorWeight * (1 - others))
    let posterior = prior.updated(successes: satisfied, trials: total)
    probabilityWorse = posterior.probability(below: others - margin)
    interval = posterior.interval95
  }
}
