import LaunchModel
import MetricsCore

extension Study {
  /// False alarms and power of the test for ticket spikes, in launch weeks with tickets in office hours. The alarm is
  /// checked after every ticket and every hour; profile and dispersion are learnt from eight weeks of history.
  public static let spikes = Study(name: "spikes", cells: falseAlarms + unexpectedVariance + power)

  private static let falseAlarms = SpikeWeek.Shape.allCases.flatMap { shape in
    [7.0, 15, 40, 120, 400].flatMap { forecast in
      [1.0, 2, 4].map { variance in
        let week = SpikeWeek(shape: shape, forecast: forecast, variance: variance)
        return Cell(week.name) { scale in
          [SimulatedFigure("false alarms", of: week.name, week.simulate(scale).anyAlarm, within: 0...0.05)]
        }
      }
    }
  }

  private static let unexpectedVariance = SpikeWeek.Shape.allCases.flatMap { shape in
    [7.0, 15, 40, 120, 400].map { forecast in
      let week = SpikeWeek(shape: shape, forecast: forecast, variance: 4, assumed: 2)
      return Cell(week.name) { scale in
        [SimulatedFigure("false alarms", of: week.name, week.simulate(scale).anyAlarm, within: 0...0.12)]
      }
    }
  }

  private static let power = [1.0, 2, 4].flatMap { variance in
    ([nil] + SpikeWeek.Shape.allCases.map(Optional.some)).flatMap { shape in
      [2.0, 1.5].map { multiple in
        let week = SpikeWeek(shape: shape, forecast: 120, variance: variance, multiple: multiple)
        return Cell(week.name) { scale in
          let result = week.simulate(scale)
          let (day, least): (Int, Double?) =
            multiple == 2 ? (3, variance > 2 ? 0.6 : 0.9) : (7, variance > 2 ? nil : 0.55)
          return [
            SimulatedFigure(
              "alarm by day \(day)", of: week.name, result.byDay[day - 1],
              within: shape == nil ? least.map { $0...1 } : nil),
            SimulatedFigure("alarms in a week with one", of: week.name, result.alarmsPerWeek, within: 0...1.1),
          ]
        }
      }
    }
  }
}

/// Launch weeks of one kind.
struct SpikeWeek: Sendable {
  /// The true distribution of a week's tickets over its days.
  enum Shape: String, CaseIterable {
    case flat, weekdays, weekendFirst = "weekend first", launch

    var shares: [Double]? { self == .launch ? DayWeights.launchWeek : nil }
    /// The tickets on a Saturday or Sunday, relative to another day.
    var weekend: Double { self == .flat || self == .launch ? 1 : 0.25 }
    /// The time of exposure, in hours since Monday 00:00.
    var start: Double { self == .weekendFirst ? 5 * 24 + 9 : 24 + 10 }
  }

  /// The results from many weeks.
  struct Result {
    /// The share of weeks in which the alarm was raised by the end of each day.
    var byDay: [Double]
    /// The mean number of alarms in the weeks that have one.
    var alarmsPerWeek: Double
    var anyAlarm: Double { byDay.last ?? 0 }
  }

  /// The shape of the week; nil for the shape that the test expects: the launch's decay on the organisation's weekdays.
  var shape: Shape?
  var forecast: Double
  /// The true variance of a day's tickets divided by their mean.
  var variance: Double
  /// The assumed variance of a day's tickets divided by their mean; nil if it is measured.
  var assumed: Double?
  /// The true mean divided by the forecast.
  var multiple = 1.0

  var name: String {
    "forecast \(Int(forecast)), \(shape?.rawValue ?? "as expected"), variance \(Int(variance))"
      + (assumed.map { ", \(Int($0)) assumed" } ?? "") + (multiple == 1 ? "" : ", \(multiple) times")
  }

  func simulate(_ scale: Double) -> Result {
    let weeks = max(1, Int(2_000 * scale))
    let start = shape?.start ?? 34
    let office = Self.officeHours(weekend: shape?.weekend ?? 0.25)
    var generator = SplitMix64(seed: 13)
    var raised = [Int](repeating: 0, count: 7)
    var (alarms, alarmed) = (0, 0)
    var simulation: SpikeSimulation?
    for week in 0..<weeks {
      let observer = week % Self.weeksPerHistory == 0 ? nil : simulation
      let current = observer ?? learn(office, start: start, using: &generator)
      simulation = current
      let truth = SpikeSimulation.Truth(
        tickets: multiple * forecast, shares: trueShares(office, start: start), dispersion: variance, profile: office)
      let outcome = current.run(truth, using: &generator)
      guard let day = outcome.firstDay else { continue }
      alarms += outcome.alarms
      alarmed += 1
      for later in (day - 1)..<7 { raised[later] += 1 }
    }
    return Result(
      byDay: raised.map { Double($0) / Double(weeks) },
      alarmsPerWeek: alarmed == 0 ? 0 : Double(alarms) / Double(alarmed))
  }

  /// The number of weeks that share a history, because learning is slower than simulating a week.
  private static let weeksPerHistory = 5

  /// Returns an observer that has learnt profile and variance.
  private func learn(_ office: WeekProfile, start: Double, using generator: inout SplitMix64) -> SpikeSimulation {
    let profile = Self.learnt(office, variance: variance, using: &generator)
    let weights = DayWeights(days: 7, dayFactors: profile.dayFactors(from: start, days: 7))
    let test = SpikeTest(
      forecast: forecast, weights: weights, dispersion: assumed ?? measuredVariance(office, using: &generator))
    return SpikeSimulation(test: test, profile: profile, start: start)
  }

  private func trueShares(_ office: WeekProfile, start: Double) -> [Double] {
    let factors = office.dayFactors(from: start, days: 7)
    if shape != nil, let shares = shape?.shares { return shares }
    let raw = shape == nil ? zip(DayWeights.launchWeek, factors).map { $0 * $1 } : factors
    let total = raw.reduce(0, +)
    return raw.map { $0 / total }
  }

  /// Returns a profile of tickets from 8 to 18 o'clock, mostly in the morning.
  private static func officeHours(weekend: Double) -> WeekProfile {
    WeekProfile(
      weights: (0..<168).map { index in
        let (day, hour) = (index / 24, index % 24)
        guard (8..<18).contains(hour) else { return 0 }
        return (day >= 5 ? weekend : 1) * (hour < 12 ? 1.3 : 0.8)
      })
  }

  /// Returns the profile learnt from eight weeks with 500 tickets of the whole organisation each.
  private static func learnt(
    _ office: WeekProfile, variance: Double, using generator: inout SplitMix64
  ) -> WeekProfile {
    var counts = [Int](repeating: 0, count: WeekProfile.hours)
    for index in 0..<56 {
      let (begin, share) = (Double(index % 7 * 24), office.share(from: Double(index % 7 * 24), hours: 24))
      for _ in 0..<generator.count(mean: 500 * share, dispersion: variance) {
        counts[Int(office.position(after: generator.uniform() * share, from: begin)) % WeekProfile.hours] += 1
      }
    }
    return WeekProfile(counts: counts)
  }

  /// Returns the variance measured on the feature's tickets in eight earlier weeks.
  private func measuredVariance(_ office: WeekProfile, using generator: inout SplitMix64) -> Double {
    let weights = (0..<56).map { office.share(from: Double($0 % 7 * 24), hours: 24) }
    let counts = weights.map { generator.count(mean: forecast * $0, dispersion: variance) }
    return Dispersion.estimate([Dispersion.Series(counts: counts, weights: weights)])
  }
}
