/// How long calls took, in a fixed number of buckets that each reach a fifth further than the one before.
struct LatencyHistogram: Sendable {
  /// The first bucket's upper bound is 50 µs, the last but one's about 4 minutes; the last takes the rest.
  private static let bounds: [Double] = {
    var bounds = [0.05]
    while bounds.count < 85, let last = bounds.last { bounds.append(last * 1.2) }
    return bounds
  }()

  private var counts = [Int](repeating: 0, count: bounds.count + 1)
  private(set) var count = 0
  /// The longest, in milliseconds.
  private(set) var maximum = 0.0

  mutating func note(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let milliseconds = Double(seconds) * 1_000 + Double(attoseconds) / 1e15
    counts[Self.bounds.firstIndex { milliseconds <= $0 } ?? Self.bounds.count] += 1
    count += 1
    maximum = max(maximum, milliseconds)
  }

  /// The bound, in milliseconds, that at least this share of the durations did not exceed; 0 where there are none.
  func quantile(_ share: Double) -> Double {
    guard count > 0 else { return 0 }
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var seen = 0
    for (index, bucket) in counts.enumerated() {
      seen += bucket
      if seen >= rank { return index < Self.bounds.count ? min(Self.bounds[index], maximum) : maximum }
    }
    return maximum
  }
}
