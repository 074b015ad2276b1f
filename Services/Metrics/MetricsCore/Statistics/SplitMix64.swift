import Glibc

/// The SplitMix64 generator: a seed gives the same numbers on every machine.
///
/// G. L. Steele, D. Lea, C. H. Flood (2014), "Fast splittable pseudorandom number generators". Not for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// A number strictly between 0 and 1: the centre of one of 2⁵³ equal intervals.
  ///
  /// A generator of its own for each purpose keeps their figures apart: `SplitMix64(seed: seed &+ index)`.
  public mutating func uniform() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }
}

extension SplitMix64 {
  /// A value of the gamma distribution with a scale of 1, by inversion.
  public mutating func gamma(shape: Double) -> Double { GammaDistribution(shape: shape).quantile(uniform()) }

  /// A value of the normal distribution, by inversion.
  public mutating func normal(_ distribution: NormalDistribution = NormalDistribution()) -> Double {
    distribution.quantile(uniform())
  }

  /// A count with the given mean, at least 0, and a variance of `dispersion` times the mean: Poisson up to 1, negative
  /// binomial above it.
  public mutating func count(mean: Double, dispersion: Double = 1) -> Int {
    guard mean > 0 else { return 0 }
    guard dispersion > 1 else { return poisson(mean: mean) }
    return poisson(mean: gamma(shape: mean / (dispersion - 1)) * (dispersion - 1))
  }

  /// The number of arrivals of unit rate in a time of `mean`, split so that `exp` does not underflow.
  private mutating func poisson(mean: Double) -> Int {
    var rest = mean
    var count = 0
    while rest > 500 {
      count += arrivals(until: 500)
      rest -= 500
    }
    return count + arrivals(until: rest)
  }

  private mutating func arrivals(until time: Double) -> Int {
    let limit = exp(-time)
    var product = uniform()
    var count = 0
    while product > limit {
      product *= uniform()
      count += 1
    }
    return count
  }
}
