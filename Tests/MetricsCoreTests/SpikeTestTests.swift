import Glibc
import LaunchModel
import MetricsCore
import Testing

@Suite("Spike test")
struct SpikeTestTests {
  @Test("The e-value agrees with mpmath", arguments: SpikeOracle.cases)
  func eValue(of wanted: SpikeOracle) {
    let weights = DayWeights(
      days: wanted.days, planned: wanted.planned, dayFactors: wanted.dayFactors, earlier: wanted.earlier)
    let test = SpikeTest(forecast: wanted.forecast, weights: weights, dispersion: wanted.dispersion)
    let found = test.assess(wanted.counts, elapsed: wanted.elapsed)
    #expect(abs(found.expected - wanted.expected) <= 1e-9 * wanted.expected)
    #expect(abs(found.logEValue - wanted.logEValue) < 1e-9, "the e-value is within a relative 1e-9")
    #expect(found.count == wanted.counts.reduce(0, +))
  }

  @Test("The generator's numbers are those published for its seed")
  func generator() {
    var generator = SplitMix64(seed: 1_234_567)
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect(published.allSatisfy { $0 == generator.next() })
  }

  @Test("An alarm is raised once, and cleared only below 1.25 times the expected count")
  func hysteresis() {
    var alarm = SpikeAlarm()
    func assessment(_ count: Int, _ eValue: Double) -> SpikeAssessment {
      SpikeAssessment(count: count, expected: 100, logEValue: log(eValue))
    }
    #expect(alarm.update(assessment(180, 19)) == nil)
    #expect(alarm.update(assessment(149, 1000)) == nil, "significant, but not 1.5 times")
    #expect(alarm.update(assessment(150, 21)) == .raised)
    #expect(alarm.update(assessment(170, 40)) == nil)
    #expect(alarm.update(assessment(125, 1)) == nil)
    #expect(alarm.update(assessment(124, 1)) == .cleared)
    #expect(alarm.update(assessment(124, 1)) == nil)
    #expect(alarm.update(assessment(160, 30)) == .raised)
  }

  @Test("An excess of fewer than five tickets is not large, however improbable")
  func smallExcess() {
    #expect(!SpikeAssessment(count: 5, expected: 0.5, logEValue: 50).isSpike)
    #expect(SpikeAssessment(count: 6, expected: 0.5, logEValue: 50).isSpike)
    #expect(SpikeAssessment(count: 6, expected: 0, logEValue: 50).ratio == .infinity)
  }

  @Test("Tickets after the window, or at an invalid time of day, change nothing")
  func outsideTheWindow() {
    let test = SpikeTest(forecast: 30, weights: DayWeights(days: 2))
    #expect(test.assess([9, 8, 70], elapsed: 0.2) == test.assess([9, 8], elapsed: 1))
    #expect(test.assess([9, 8], elapsed: 7) == test.assess([9, 8], elapsed: 1))
    #expect(test.assess([]).logEValue == 0)
  }

  @Test("The power grows with the days and the excess, and is small at the forecast")
  func power() {
    let test = SpikeTest(forecast: 60, weights: DayWeights(days: 7))
    let simulation = SpikeSimulation(test: test, profile: nil, start: 0)
    let double = simulation.power(multiple: 2, windows: 12)
    #expect(double == double.sorted() && double.count == 7)
    #expect(double[6] > 0.7)
    #expect(simulation.power(multiple: 1, windows: 12)[6] < 0.2)
    #expect(simulation.power(multiple: 2, windows: 12) == double, "the same seed gives the same figures")
    var stepwise = SpikePower(simulation, multiple: 2)
    stepwise.simulate(windows: 5)
    stepwise.simulate(windows: 7)
    #expect(stepwise.byDay == double && stepwise.windows == 12)
  }

  @Test("Daily looks find a large excess too")
  func dailyLooks() {
    let simulation = SpikeSimulation(
      test: SpikeTest(forecast: 60, weights: DayWeights(days: 7)), profile: nil, start: 0)
    let double = simulation.power(multiple: 2, windows: 40, looks: .eachDay)
    #expect(double == double.sorted() && double.count == 7 && double[6] > 0.7)
    #expect(simulation.power(multiple: 1, windows: 40, looks: .eachDay)[6] < 0.2)
  }
}

@Suite("Expectations learned from history")
struct LearntExpectationTests {
  @Test("Day weights are cut, continued and normalized")
  func windowLength() {
    #expect(DayWeights(days: 1).mean == [1])
    let cut = DayWeights(days: 2).mean
    #expect(abs(cut[0] - 0.28 / 0.47) < 1e-12)
    let long = DayWeights(days: 10).mean
    #expect(abs(long[9] - 0.08 / 1.24) < 1e-12 && abs(long.reduce(0, +) - 1) < 1e-12)
  }

  @Test("Samples of the day weights add up to 1, respect the minimum, and are reproducible")
  func samples() {
    let weights = DayWeights(days: 7)
    let samples = weights.samples(50, seed: 3)
    #expect(samples.allSatisfy { abs($0.reduce(0, +) - 1) < 1e-11 && $0.allSatisfy { $0 > 0.0045 } })
    #expect(samples == weights.samples(50, seed: 3) && samples != weights.samples(50, seed: 4))
  }

  @Test("A profile finds its office hours, and inverts its own positions")
  func profile() {
    var counts = [Int](repeating: 0, count: 168)
    for day in 0..<5 { for hour in 9..<17 { counts[day * 24 + hour] = 100 } }
    let profile = WeekProfile(counts: counts)
    #expect(abs(profile.share(from: 0, hours: 168) - 1) < 1e-12)
    #expect((0.002...0.006).contains(profile.share(from: 5 * 24, hours: 48)), "little more than the even part")
    #expect(profile.dayFactors(from: 4 * 24, days: 2)[1] < 0.02)
    #expect(abs(profile.elapsedShare(ofDayFrom: 24, hours: 13) - 0.5) < 0.01, "13:00 is half of nine to five")
    for start in [0.0, 37.25, 167.9, 400] {
      for share in [0.001, 0.2, 0.77, 1.3] {
        let position = profile.position(after: share, from: start)
        #expect(abs(profile.share(from: start, hours: position - start) - share) < 1e-12)
      }
    }
  }

  @Test("Without counts, a profile is uniform")
  func evenProfile() {
    #expect(WeekProfile(counts: []) == .even)
    #expect(abs(WeekProfile.even.elapsedShare(ofDayFrom: 31, hours: 6) - 0.25) < 1e-12)
  }

  @Test("The position in the week is that of the local clock")
  func position() throws {
    let zone = try ZoneRules("Europe/Berlin")
    let moments = ["2027-01-03T23:00:00Z": 0.0, "2027-06-30T22:30:00Z": 72.5, "1969-12-31T23:00:00Z": 72]
    for (text, position) in moments {
      #expect(try WeekProfile.position(of: #require(Timestamp(text)), in: zone) == position)
    }
  }

  @Test("The dispersion is Pearson's, drawn towards 2")
  func dispersion() {
    #expect(Dispersion.estimate([]) == 2)
    // χ² = (10−20)²/20 + (30−20)²/20 = 10, with one degree of freedom.
    #expect(abs(Dispersion.estimate([Dispersion.Series(counts: [10, 30])]) - (8 + 10) / 5.0) < 1e-12)
    let even = Dispersion.Series(counts: [20, 10, 20, 0], weights: [2, 1, 2, 0])
    #expect(abs(Dispersion.estimate([even]) - 8.0 / 6) < 1e-12)
    #expect(Dispersion.estimate([Dispersion.Series(counts: [Int](repeating: 5, count: 90))]) == 1)
  }
}
