/// Whether tickets came in faster than forecast: significantly, and by much (product.md, section 4).
public struct TicketSpike: Sendable, Hashable {
  /// The chance of a false alarm over a whole window, shared evenly among one look a day.
  public static let alpha = 0.05
  /// A spike is at least so many times the forecast …
  public static let factor = 1.5
  /// … and at least so many tickets over it.
  public static let excess = 5.0

  /// The exact probability of this many tickets or more, if the forecast is right.
  public var probability: Double
  /// Whether it is significant for one of that many looks, and large enough.
  public var isSpike: Bool

  /// - Parameters:
  ///   - count: the tickets so far.
  ///   - forecast: what was to be expected so far.
  ///   - looks: how often the window is looked at in all.
  public init(count: Int, forecast: Double, looks: Int) {
    probability = PoissonDistribution(mean: forecast).probability(ofAtLeast: count)
    let isLarge = Double(count) >= Self.factor * forecast && Double(count) - forecast >= Self.excess
    isSpike = isLarge && probability < Self.alpha / Double(max(1, looks))
  }
}
