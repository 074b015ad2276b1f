import Glibc

/// The grid on which the logarithm of days is tabulated, in steps of 1/8: one step is a factor of 1.13.
enum LogGrid {
  static let step = 0.125
  /// The bins of durations: from e⁻³ to e⁶·⁵ days.
  static let durations = -24..<52
  /// The locations of items: from 9 hours to 240 days.
  static let locations = -8..<45
  /// The bins of deviations from the location.
  static let deviations = -32..<32
  /// The pace factors of launches: from 4.5 times as fast to 4.5 times as slow.
  static let paces = -12..<13

  /// The position of a number of days on the grid, in steps; minus infinity for 0 days.
  static func place(of days: Int) -> Double { days > 0 ? log(Double(days)) / step : -.infinity }

  /// The duration at a position on the grid, in whole days.
  static func days(at place: Double) -> Int { Int(exp(place * step)) }

  /// The normalized probabilities of the points of a range under a normal distribution.
  static func normal(_ points: Range<Int>, mean: Double, deviation: Double) -> [Double] {
    normalized(
      logs: points.map { point in
        let distance = (Double(point) - mean) / deviation
        return -distance * distance / 2
      })
  }

  /// Normalizes weights that are given by their logarithms to probabilities.
  static func normalized(logs: [Double]) -> [Double] {
    let greatest = logs.max() ?? 0
    let weights = logs.map { exp($0 - greatest) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// The mean of the points of a range.
  static func mean(_ probabilities: [Double], over points: Range<Int>) -> Double {
    zip(points, probabilities).reduce(0) { $0 + Double($1.0) * $1.1 }
  }

  /// The variance of the points of a range.
  static func variance(_ probabilities: [Double], over points: Range<Int>) -> Double {
    let mean = mean(probabilities, over: points)
    return zip(points, probabilities).reduce(0) { $0 + (Double($1.0) - mean) * (Double($1.0) - mean) * $1.1 }
  }
}

/// What is known of a duration: its logarithm lies between two positions on the grid.
struct LogSpan: Sendable, Hashable, Comparable {
  /// The lower end, included.
  var low: Double
  /// The upper end, excluded.
  var high: Double

  /// Work recorded as d whole business days took at least d and less than d + 1; if censored, it took at least d.
  init(_ days: Int, isCensored: Bool) {
    low = LogGrid.place(of: days)
    high = isCensored ? .infinity : LogGrid.place(of: days + 1)
  }

  /// The span shifted by a number of grid steps.
  func moved(by steps: Double) -> LogSpan {
    var span = self
    span.low += steps
    span.high += steps
    return span
  }

  static func < (left: Self, right: Self) -> Bool { (left.low, left.high) < (right.low, right.high) }
}

/// The cumulative probabilities of consecutive bins of the grid; within a bin, probability is uniform.
struct DurationDistribution: Sendable {
  /// The number of shares for which the bin is tabulated, to speed up the search for a quantile.
  private static let guides = 64

  private let first: Double
  private let cumulative: [Double]
  /// For each of these shares, the first bin whose cumulative probability exceeds it.
  private let guide: [Int]

  /// - Parameter weights: the weights of the bins from `first` on, not normalized; their sum is above 0.
  init(_ weights: [Double], from first: Int) {
    var sums = [0.0]
    for weight in weights { sums.append(sums[sums.count - 1] + weight) }
    let total = sums[sums.count - 1]
    let cumulative = sums.map { $0 / total }
    var bin = 0
    guide = (0..<Self.guides).map { share in
      while bin < weights.count - 1, cumulative[bin + 1] <= Double(share) / Double(Self.guides) { bin += 1 }
      return bin
    }
    self.first = Double(first)
    self.cumulative = cumulative
  }

  /// The probability that the position is below another.
  func probability(below place: Double) -> Double {
    let offset = place - first
    guard offset > 0 else { return 0 }
    guard offset < Double(cumulative.count - 1) else { return 1 }
    let bin = Int(offset)
    return cumulative[bin] + (offset - Double(bin)) * (cumulative[bin + 1] - cumulative[bin])
  }

  /// The probability that the position lies in a span.
  func probability(of span: LogSpan) -> Double { probability(below: span.high) - probability(below: span.low) }

  /// The quantile: the position below which the given share of the probability lies, for a share in 0..<1.
  func place(_ share: Double) -> Double {
    var bin = guide[Int(share * Double(Self.guides))]
    while bin < cumulative.count - 2, cumulative[bin + 1] <= share { bin += 1 }
    let mass = cumulative[bin + 1] - cumulative[bin]
    return first + Double(bin) + (mass > 0 ? (share - cumulative[bin]) / mass : 0)
  }
}
