/// The calibration report: how earlier projections compare with their outcomes.
public struct ForecastCalibration: Sendable, Hashable {
  /// One projection whose window has ended.
  public struct Entry: Sendable, Hashable {
    /// The projected 80% interval.
    public var interval: ConfidenceInterval
    /// The projected median.
    public var median: Double
    /// The projected chance of reaching the target; nil without a target.
    public var chance: Double?
    /// The actual adoption on the last day.
    public var outcome: Double
    /// Whether the target was reached; nil without a target.
    public var isReached: Bool?

    public init(
      interval: ConfidenceInterval, median: Double, chance: Double? = nil, outcome: Double, isReached: Bool? = nil
    ) {
      self.interval = interval
      self.median = median
      self.chance = chance
      self.outcome = outcome
      self.isReached = isReached
    }
  }

  /// The projections whose stated chance is in one fifth of the range from 0 to 1.
  public struct Bin: Sendable, Hashable {
    /// The number of projections.
    public var count: Int
    /// Their mean stated chance.
    public var stated: Double
    /// The share of them that reached the target.
    public var reached: Double
  }

  /// The number of projections.
  public let count: Int
  /// The share of outcomes inside their 80% intervals; nil without projections.
  public let coverage: Double?
  /// The 95% Wilson interval of the coverage; nil without projections.
  public let coverageInterval: ConfidenceInterval?
  /// The share of outcomes above the projected median; ½ if projections are unbiased. Nil without projections.
  public let above: Double?
  /// The Brier score: the mean squared difference between stated chance and outcome. 0 is perfect; always stating ½
  /// gives ¼. Nil without stated chances.
  public let brier: Double?
  /// The stated chances and actual outcomes, for each fifth of the range from 0 to 1 that has projections.
  public let bins: [Bin]

  /// Compares projections with outcomes.
  public init(_ entries: [Entry]) {
    count = entries.count
    let inside = entries.count { $0.interval.low <= $0.outcome && $0.outcome <= $0.interval.high }
    coverage = entries.isEmpty ? nil : Double(inside) / Double(entries.count)
    coverageInterval = ConfidenceInterval.wilson(successes: inside, trials: entries.count)
    above = entries.isEmpty ? nil : Double(entries.count { $0.outcome > $0.median }) / Double(entries.count)
    let judged = entries.compactMap { entry -> (chance: Double, isReached: Bool)? in
      guard let chance = entry.chance, let isReached = entry.isReached else { return nil }
      return (chance, isReached)
    }
    brier =
      judged.isEmpty
      ? nil
      : judged.reduce(0) { $0 + ($1.chance - ($1.isReached ? 1 : 0)) * ($1.chance - ($1.isReached ? 1 : 0)) }
        / Double(judged.count)
    bins = (0..<5).compactMap { index in
      let own = judged.filter { min(4, Int($0.chance * 5)) == index }
      guard !own.isEmpty else { return nil }
      return Bin(
        count: own.count, stated: own.reduce(0) { $0 + $1.chance } / Double(own.count),
        reached: Double(own.count(where: \.isReached)) / Double(own.count))
    }
  }
}
