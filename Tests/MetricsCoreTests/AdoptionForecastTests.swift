import MetricsCore
import Testing

@Suite("Projected adoption")
struct AdoptionForecastTests {
  @Test("Interval, median and probability agree with SciPy", arguments: ForecastOracle.cases)
  func oracle(_ wanted: ForecastOracle) throws {
    let found = try #require(forecast(wanted.current, wanted.launches))
    #expect(abs(found.interval().low - wanted.low) < 1e-9)
    #expect(abs(found.interval().high - wanted.high) < 1e-9)
    #expect(abs(found.median - wanted.median) < 1e-9)
    #expect(abs(found.probability(below: wanted.share) - wanted.below) < 1e-9)
  }

  @Test("With fewer than four launches there is no projection; launches that nobody could adopt do not count")
  func tooFew() {
    let launch = (80, 700, 260, 1_000)
    #expect(forecast((120, 900), [launch, launch, launch]) == nil)
    #expect(forecast((120, 900), [launch, launch, launch, (0, 0, 0, 0)]) == nil)
    #expect(forecast((0, 0), [launch, launch, launch, launch]) == nil)
    #expect(forecast((120, 900), [launch, launch, launch, launch])?.launches == 4)
  }

  @Test("The chance of a target follows its direction, and no share is above 1")
  func chance() throws {
    let found = try #require(forecast(ForecastOracle.cases[0].current, ForecastOracle.cases[0].launches))
    let atLeast = try found.chance(of: #require(Target(">= 30%")))
    let atMost = try found.chance(of: #require(Target("<= 30%")))
    #expect(abs(atLeast + atMost - 1) < 1e-12 && atLeast > 0.2 && atLeast < 0.8)
    #expect(try found.chance(of: #require(Target(">= 0%"))) == 1)
    #expect(try found.chance(of: #require(Target("> 101%"))) == 0)
    #expect(found.quantile(1 - 1e-9) <= 1)
  }

  @Test("A calibration report counts how often stated intervals and chances proved right")
  func calibration() throws {
    let interval = ConfidenceInterval(low: 0.2, high: 0.4)
    func entry(_ outcome: Double, _ chance: Double, _ isReached: Bool) -> ForecastCalibration.Entry {
      .init(interval: interval, median: 0.3, chance: chance, outcome: outcome, isReached: isReached)
    }
    let report = ForecastCalibration([
      entry(0.2, 0.1, false), entry(0.39, 0.9, true), entry(0.5, 1, true), entry(0.35, 0.15, true),
      .init(interval: interval, median: 0.3, outcome: 0.1),
    ])
    #expect(report.count == 5 && report.coverage == 0.6 && report.above == 0.6)
    // (0.01 + 0.01 + 0 + 0.7225) / 4
    #expect(try abs(#require(report.brier) - 0.185625) < 1e-12)
    #expect(report.bins.map(\.count) == [2, 2] && report.bins.map(\.reached) == [0.5, 1])
    #expect(abs(report.bins[0].stated - 0.125) < 1e-12)
    let empty = ForecastCalibration([])
    #expect(empty.coverage == nil && empty.coverageInterval == nil && empty.brier == nil && empty.bins.isEmpty)
  }

  private func forecast(_ current: (Int, Int), _ launches: [(Int, Int, Int, Int)]) -> AdoptionForecast? {
    AdoptionForecast(
      from: .init(adopted: current.0, active: current.1),
      launches: launches.map {
        .init(day: .init(adopted: $0.0, active: $0.1), end: .init(adopted: $0.2, active: $0.3))
      })
  }
}
