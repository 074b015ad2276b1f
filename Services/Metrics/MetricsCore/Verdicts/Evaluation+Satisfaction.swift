import Contract
import LaunchModel

extension Evaluation {
  /// A scored interaction, with its latest score in the window.
  struct Interaction {
    var at: Timestamp
    var channel: String
    var isSatisfied: Bool
    var isAboutFeature: Bool
  }

  /// The satisfaction with interactions about the feature, compared with all others in the same window and channel.
  ///
  /// With several channels, the others' share is weighted by how many of the feature's interactions use each channel.
  /// Interactions in a channel without others cannot be compared and are left out.
  func satisfaction(_ margin: SatisfactionMargin, in window: MeasurementWindow) -> Figure {
    let interactions = interactions(in: window)
    let others = Dictionary(grouping: interactions.filter { !$0.isAboutFeature }, by: \.channel)
    let own = interactions.filter(\.isAboutFeature)
    let compared = own.filter { others[$0.channel] != nil }
    let satisfied = compared.count(where: \.isSatisfied)
    var figure = Figure(
      numerator: satisfied, denominator: compared.count, n: compared.count, watermark: own.map(\.at).max(),
      judgement: .unknown)
    if compared.count < own.count {
      let count = own.count - compared.count
      figure.notes.append(
        "\(count) \(count == 1 ? "score" : "scores") left out: no other feature was scored in that channel")
    }
    guard !compared.isEmpty else {
      figure.notes.append("no score of this feature can be compared with others")
      return figure
    }
    let expected = compared.reduce(0.0) { $0 + Self.share(others[$1.channel] ?? []) } / Double(compared.count)
    let comparison = SatisfactionComparison(
      satisfied: satisfied, of: compared.count, others: expected, margin: margin.share)
    figure.value = Double(satisfied) / Double(compared.count)
    figure.interval = comparison.interval
    figure.judgement = Self.verdict(comparison)
    let percent = (expected * 1000).rounded() / 10
    figure.notes.append("baseline (other features) \(percent)%, n=\(others.values.reduce(0) { $0 + $1.count })")
    return figure
  }

  /// The latest score of each ticket in the window, ascending by time and ticket; merged tickets count as one.
  ///
  /// What a score is about stays until a later one says otherwise, and so do its account and channel.
  func interactions(in window: MeasurementWindow) -> [Interaction] {
    let index = evidence.tickets
    let scores = evidence.scores.filter { window.contains($0.at) }
    let interactions: [(id: String, Interaction)] = Dictionary(grouping: scores) { index.survivor(of: $0.ticket) }
      .compactMap { id, scores in
        let scores = scores.count == 1 ? scores : scores.sorted { ($0.at, $0.offset) < ($1.at, $1.offset) }
        guard let score = scores.last else { return nil }
        let ticket = index[id]
        let account = scores.last { $0.account != nil }?.account ?? ticket?.opening.account
        guard counts(account, in: window) else { return nil }
        let feature = scores.last { $0.feature != nil }?.feature
        let channel = scores.last { $0.channel != nil }?.channel ?? ticket?.opening.channel
        return (
          id,
          Interaction(
            at: score.at, channel: channel ?? "", isSatisfied: score.isSatisfied,
            isAboutFeature: feature.map { $0 == plan.feature } ?? ticket.map(isAboutFeature) ?? false)
        )
      }
    return interactions.sorted { ($0.1.at, $0.id) < ($1.1.at, $1.id) }.map(\.1)
  }

  private static func verdict(_ comparison: SatisfactionComparison) -> Verdict {
    if comparison.probabilityWorse >= SatisfactionComparison.worseFrom { return .missed }
    return comparison.probabilityWorse <= SatisfactionComparison.okUpTo ? .met : .inconclusive
  }

  private static func share(_ interactions: [Interaction]) -> Double {
    interactions.isEmpty ? 0 : Double(interactions.count(where: \.isSatisfied)) / Double(interactions.count)
  }
}

/// A Beta-Binomial comparison of a feature's satisfied share with that of all other interactions, which is the prior
/// (product.md, section 4).
public struct SatisfactionComparison: Sendable, Hashable {
  /// The weight of the prior, as a number of interactions.
  public static let priorWeight = 10.0
  /// The lowest probability that counts as worse.
  public static let worseFrom = 0.95
  /// The highest probability that counts as OK.
  public static let okUpTo = 0.2

  /// The probability that the feature's true share is less than the others' share minus the margin.
  public var probabilityWorse: Double
  /// The 95% credible interval of the feature's share.
  public var interval: ConfidenceInterval

  /// Compares the shares.
  ///
  /// - Parameters:
  ///   - satisfied: the number of satisfied interactions about the feature.
  ///   - total: the number of interactions about the feature.
  ///   - others: the satisfied share of all other interactions, taken as exact.
  ///   - margin: the share by which the feature may fall short.
  public init(satisfied: Int, of total: Int, others: Double, margin: Double) {
    let prior = BetaDistribution(alpha: Self.priorWeight * others, beta: Self.priorWeight * (1 - others))
    let posterior = prior.updated(successes: satisfied, trials: total)
    probabilityWorse = posterior.probability(below: others - margin)
    interval = posterior.interval95
  }
}
