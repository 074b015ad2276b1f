import MetricsCore
import Testing

@Suite("Statistics agree with SciPy")
struct StatisticsTests {
  @Test("The Poisson tail is exact", arguments: StatisticsOracle.poissonTails)
  func poissonTail(count: Int, mean: Double, probability: Double) {
    let found = PoissonDistribution(mean: mean).probability(ofAtLeast: count)
    #expect(isNear(found, probability, within: 1e-10))
  }

  @Test("With a mean of 0, no events are expected")
  func emptyPoisson() {
    #expect(PoissonDistribution(mean: 0).probability(ofAtLeast: 1) == 0)
    #expect(PoissonDistribution(mean: 0).probability(ofAtLeast: 0) == 1)
  }

  @Test("The Beta distribution's probabilities and quantiles are exact", arguments: StatisticsOracle.betas)
  func beta(alpha: Double, beta: Double, x: Double, below: Double, low: Double, high: Double) {
    let distribution = BetaDistribution(alpha: alpha, beta: beta)
    #expect(isNear(distribution.probability(below: x), below, within: 1e-10))
    #expect(isNear(distribution.interval95.low, low, within: 1e-9))
    #expect(isNear(distribution.interval95.high, high, within: 1e-9))
  }

  @Test("A parameter of 0 puts all the probability at one end")
  func degenerateBeta() {
    #expect(BetaDistribution(alpha: 0, beta: 10).probability(below: 0.1) == 1)
    #expect(BetaDistribution(alpha: 0, beta: 10).probability(below: 0) == 0)
    #expect(BetaDistribution(alpha: 10, beta: 0).probability(below: 0.9) == 0)
  }

  @Test("Wilson's interval is exact", arguments: StatisticsOracle.wilson)
  func wilson(successes: Int, trials: Int, low: Double, high: Double) throws {
    let interval = try #require(ConfidenceInterval.wilson(successes: successes, trials: trials))
    #expect(abs(interval.low - low) < 1e-12)
    #expect(abs(interval.high - high) < 1e-12)
  }

  @Test("Without observations there is no interval")
  func noTrials() { #expect(ConfidenceInterval.wilson(successes: 0, trials: 0) == nil) }

  private func isNear(_ found: Double, _ wanted: Double, within relative: Double) -> Bool {
    abs(found - wanted) <= relative * max(abs(wanted), 1e-300)
  }
}
