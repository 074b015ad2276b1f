import Glibc
public import LaunchModel

extension SplitMix64 {
  /// A random value of the gamma distribution with a scale of 1, by inversion.
  public mutating func gamma(shape: Double) -> Double { GammaDistribution(shape: shape).quantile(uniform()) }

  /// A random value of the normal distribution, by inversion.
  public mutating func normal(_ distribution: NormalDistribution = NormalDistribution()) -> Double {
    distribution.quantile(uniform())
  }

  /// A random count with the given mean, at least 0, and a variance of `dispersion` times the mean: Poisson for a
  /// dispersion up to 1, otherwise negative binomial.
  public mutating func count(mean: Double, dispersion: Double = 1) -> Int {
    guard mean > 0 else { return 0 }
    guard dispersion > 1 else { return poisson(mean: mean) }
    return poisson(mean: gamma(shape: mean / (dispersion - 1)) * (dispersion - 1))
  }

  /// A random Poisson count: the arrivals at unit rate in a time of `mean`, which
  /// is split so that `exp` does not underflow.
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
