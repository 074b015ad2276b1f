/// The dispersion of daily counts: their variance divided by their mean, estimated from history.
public enum Dispersion {
  /// The dispersion without history.
  public static let prior = 2.0
  /// The weight of the prior, as degrees of freedom.
  public static let priorDegrees = 4.0

  /// Consecutive days of one kind of count, for example the tickets about one feature.
  public struct Series: Sendable, Hashable {
    /// The count of each day.
    public var counts: [Int]
    /// The relative expectation of each day, in any unit; empty if all days are alike.
    public var weights: [Double]

    public init(counts: [Int], weights: [Double] = []) {
      self.counts = counts
      self.weights = weights
    }
  }

  /// Estimates the dispersion: Pearson's χ² divided by its degrees of freedom, drawn towards `prior`; at least 1.
  ///
  /// Days with an expectation of 0 are ignored. A series without events, or with
  /// fewer than two days that count, adds nothing.
  public static func estimate(_ history: [Series]) -> Double {
    var (square, degrees) = (0.0, 0.0)
    for series in history {
      let days = series.counts.indices.compactMap { index -> (count: Double, weight: Double)? in
        let weight = series.weights.isEmpty ? 1 : index < series.weights.count ? series.weights[index] : 0
        return weight > 0 ? (Double(series.counts[index]), weight) : nil
      }
      let total = days.reduce(0) { $0 + $1.count }
      let weight = days.reduce(0) { $0 + $1.weight }
      guard days.count >= 2, total > 0 else { continue }
      degrees += Double(days.count - 1)
      square += days.reduce(0) { sum, day in
        let expected = total * day.weight / weight
        return sum + (day.count - expected) * (day.count - expected) / expected
      }
    }
    return max(1, (prior * priorDegrees + square) / (priorDegrees + degrees))
  }
}
