import MetricsCore
import Testing

@Suite("Satisfaction comparison")
struct SatisfactionComparisonTests {
  @Test("The probability that satisfaction is worse agrees with mpmath", arguments: SatisfactionOracle.cases)
  func probability(of wanted: SatisfactionOracle) throws {
    let found = try #require(SatisfactionComparison(wanted.channels, margin: wanted.margin))
    #expect(abs(found.probabilityWorse - wanted.probabilityWorse) < 1e-9)
  }

  @Test("The interval contains the observed share", arguments: [(0, 3), (3, 3), (1, 40), (39, 40), (7, 10)])
  func interval(satisfied: Int, count: Int) throws {
    let found = try #require(comparison(own: (satisfied, count), others: (10, 400)))
    let share = Double(satisfied) / Double(count)
    #expect(found.interval.low <= share && share <= found.interval.high)
  }

  @Test("With fewer than twenty other scores, the comparison is inconclusive")
  func tooFewOthers() {
    #expect(comparison(own: (0, 50), others: (19, 19))?.conclusion == .tooFewOthers)
    #expect(comparison(own: (0, 50), others: (20, 20))?.conclusion == .worse)
    #expect(comparison(own: (50, 50), others: (10, 20))?.conclusion == .ok)
    #expect(comparison(own: (8, 10), others: (80, 100))?.conclusion == .undecided)
  }

  @Test("With few other scores, the same difference is less certain")
  func othersCount() throws {
    let many = try #require(comparison(own: (65, 100), others: (8_000, 10_000)))
    let few = try #require(comparison(own: (65, 100), others: (16, 20)))
    #expect(many.probabilityWorse > 0.99)
    #expect(few.probabilityWorse < 0.9)
  }

  @Test("Only channels that both use are compared")
  func channels() throws {
    let alone = SatisfactionComparison.Channel(
      own: .init(satisfied: 9, count: 9), others: .init(satisfied: 0, count: 0))
    let unused = SatisfactionComparison.Channel(
      own: .init(satisfied: 0, count: 0), others: .init(satisfied: 0, count: 70))
    let both = SatisfactionComparison.Channel(
      own: .init(satisfied: 3, count: 4), others: .init(satisfied: 30, count: 40))
    let found = try #require(SatisfactionComparison([alone, unused, both], margin: 0))
    #expect(found == SatisfactionComparison([both], margin: 0))
    #expect(found.own.count == 4 && found.others.count == 40 && found.othersShare == 0.75)
    #expect(SatisfactionComparison([alone, unused], margin: 0) == nil)
  }

  private func comparison(own: (Int, Int), others: (Int, Int)) -> SatisfactionComparison? {
    SatisfactionComparison(
      [
        .init(
          own: .init(satisfied: own.0, count: own.1), others: .init(satisfied: others.0, count: others.1))
      ], margin: 0)
  }
}
