import CSpecialFunctions
import MetricsCore
import Testing

@Suite("Statistics agree with SciPy")
struct StatisticsTests {
  @Test("The Poisson tail is exact", arguments: StatisticsOracle.poissonTails)
  func poissonTail(count: Int, mean: Double, probability: Double) {
    let found = PoissonDistribution(mean: mean).probability(ofAtLeast: count)
    #expect(isNear(found, probability, within: 1e-9))
  }

  @Test("The lower Poisson tail is exact", arguments: StatisticsOracle.poissonLowerTails)
  func poissonLowerTail(count: Int, mean: Double, probability: Double) {
    let found = PoissonDistribution(mean: mean).probability(ofAtMost: count)
    #expect(isNear(found, probability, within: 1e-9))
  }

  @Test("Gamma quantiles are exact", arguments: StatisticsOracle.gammaQuantiles)
  func gammaQuantile(shape: Double, probability: Double, value: Double) {
    #expect(isNear(GammaDistribution(shape: shape).quantile(probability), value, within: 1e-9))
  }

  @Test("Student's t distribution is exact", arguments: StatisticsOracle.students)
  func student(degrees: Double, x: Double, below: Double, quantile: Double) {
    #expect(isNear(StudentDistribution(degrees: degrees).probability(below: x), below, within: 1e-9))
    let shifted = StudentDistribution(degrees: degrees, center: 2, scale: 3)
    #expect(isNear(shifted.quantile(0.1), 2 + 3 * quantile, within: 1e-9))
  }

  @Test("The normal distribution is exact", arguments: StatisticsOracle.normals)
  func normal(x: Double, below: Double) {
    #expect(isNear(NormalDistribution().probability(below: x), below, within: 1e-9))
    #expect(abs(NormalDistribution().quantile(below) - x) < 1e-9)
  }

  @Test("Outside its domain, a special function returns NaN and never throws")
  func outsideTheDomain() {
    let nan = Double.nan
    let values = [
      gonogo_log_gamma(nan), gonogo_gamma_p(0, 1), gonogo_gamma_p(1, -1), gonogo_gamma_q(nan, 1),
      gonogo_gamma_q(.infinity, 1), gonogo_gamma_p_inverse(2, 1.1), gonogo_gamma_p_inverse(-1, 0.5),
      gonogo_beta_i(0, 1, 0.5), gonogo_beta_i(1, 1, 1.5), gonogo_beta_i_complement(1, nan, 0.5),
      gonogo_beta_i_inverse(1, 1, -0.1), gonogo_normal_cdf(nan), gonogo_normal_quantile(2),
      gonogo_student_t_cdf(0, 1), gonogo_student_t_quantile(3, nan),
    ]
    #expect(values.allSatisfy { $0.isNaN })
  }

  @Test("At the ends of its domain, a special function returns its limit")
  func endsOfTheDomain() {
    #expect(gonogo_log_gamma(0) == .infinity && gonogo_log_gamma(-3) == .infinity)
    #expect(gonogo_gamma_p(2, .infinity) == 1 && gonogo_gamma_q(2, .infinity) == 0)
    #expect(gonogo_gamma_p_inverse(2, 0) == 0 && gonogo_gamma_p_inverse(2, 1) == .infinity)
    #expect(gonogo_beta_i(2, 3, 0) == 0 && gonogo_beta_i(2, 3, 1) == 1)
    #expect(gonogo_beta_i_inverse(2, 3, 0) == 0 && gonogo_beta_i_inverse(2, 3, 1) == 1)
    #expect(gonogo_normal_quantile(0) == -.infinity && gonogo_normal_quantile(1) == .infinity)
    #expect(gonogo_student_t_quantile(3, 0) == -.infinity && gonogo_student_t_cdf(3, .infinity) == 1)
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
    #expect(BetaDistribution(alpha: 0, beta: 10).quantile(0.9) == 0)
    #expect(BetaDistribution(alpha: 10, beta: 0).quantile(0.1) == 1)
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
