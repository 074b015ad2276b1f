import Glibc

/// How often independent events happen when they are expected at a known mean count.
public struct PoissonDistribution: Sendable, Hashable {
  /// At least 0.
  public var mean: Double

  public init(mean: Double) { self.mean = mean }

  /// The exact probability of that many events or more.
  ///
  /// Above the mean the upper tail is summed itself, so that small probabilities keep their digits.
  public func probability(ofAtLeast count: Int) -> Double {
    guard count > 0 else { return 1 }
    guard mean > 0 else { return 0 }
    return Double(count) > mean ? upperTail(from: count) : 1 - lowerTail(below: count)
  }

  private func upperTail(from count: Int) -> Double {
    var term = mass(count)
    var sum = 0.0
    var next = count
    while term > sum * 1e-17 {
      sum += term
      next += 1
      term *= mean / Double(next)
    }
    return min(1, sum)
  }

  private func lowerTail(below count: Int) -> Double {
    var next = count - 1
    var term = mass(next)
    var sum = 0.0
    while next >= 0, term > sum * 1e-17 {
      sum += term
      term *= Double(next) / mean
      next -= 1
    }
    return min(1, sum)
  }

  private func mass(_ count: Int) -> Double {
    exp(Double(count) * log(mean) - mean - LogGamma.value(Double(count) + 1))
  }
}
