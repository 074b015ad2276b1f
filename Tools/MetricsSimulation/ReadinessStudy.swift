import ChecklistCore
import Contract
import Glibc
import LaunchModel
import MetricsCore

extension Study {
  /// The share of 80% intervals that contain the day on which a launch is ready, for families of durations that the
  /// model does not contain, with a fifth of the records censored.
  public static let readiness = Study(
    name: "readiness",
    cells: TrueDuration.Family.allCases.flatMap { family in
      [5, 10, 20].flatMap { launches in
        [0, 5].map { elapsed in
          let name = "\(family.rawValue), \(launches) launches, day \(elapsed)"
          return Cell(name) { scale in
            [
              SimulatedFigure(
                "coverage of 80% intervals", of: name,
                coverage(family, launches: launches, elapsed: elapsed, repetitions: max(1, Int(2_000 * scale))),
                within: 0.75...0.85)
            ]
          }
        }
      }
    })

  private static func coverage(
    _ family: TrueDuration.Family, launches: Int, elapsed: Int, repetitions: Int
  ) -> Double {
    var generator = SplitMix64(seed: 80)
    var inside = 0
    for _ in 0..<repetitions {
      let organisation = TrueOrganisation(family, using: &generator)
      let history = (0..<launches).flatMap { organisation.launch($0, using: &generator) }
      let (forecast, ready) = organisation.forecast(
        elapsed: elapsed, by: DurationModel(history), using: &generator)
      if forecast.interval.contains(ready) { inside += 1 }
    }
    return Double(inside) / Double(repetitions)
  }
}

/// The true distribution of one item's durations.
private struct TrueDuration {
  enum Family: String, CaseIterable {
    case gamma
    case weibull = "Weibull"
    case mixture
  }

  private let family: Family
  private let scale: Double
  private let shape: Double

  /// Draws an item: its median is several days, and its durations vary at most as much as an exponential distribution.
  init(_ family: Family, using generator: inout SplitMix64) {
    self.family = family
    scale = exp(generator.normal(NormalDistribution(mean: log(5), deviation: 0.6)))
    shape = 1 + generator.uniform() * (family == .weibull ? 1 : 2)
  }

  /// Draws the number of business days that it takes.
  func draw(using generator: inout SplitMix64) -> Double {
    switch family {
    case .gamma: scale * generator.gamma(shape: shape) / shape
    case .weibull: scale * pow(-log(generator.uniform()), 1 / shape)
    // One in five takes four times as long.
    case .mixture: scale * generator.gamma(shape: 6) / 6 * (generator.uniform() < 0.2 ? 4 : 1)
    }
  }

  /// Draws the time by which a record of it ends at the latest: about a fifth of the records end before the work does.
  func end(using generator: inout SplitMix64) -> Double { 5 * mean * generator.uniform() }

  private var mean: Double {
    switch family {
    case .gamma: scale
    case .weibull: scale * tgamma(1 + 1 / shape)
    case .mixture: scale * 1.6
    }
  }
}

/// An organisation with 60 items, every sixth of which depends on the one before.
private struct TrueOrganisation {
  private static let today = LocalDate(ordinal: 20_850)
  private let items: [(work: ItemWork, duration: TrueDuration)]

  init(_ family: TrueDuration.Family, using generator: inout SplitMix64) {
    items = (0..<60).map { index in
      let functions = LaunchFunction.allCases
      return (ItemWork("item-\(index)", functions[index % functions.count]), TrueDuration(family, using: &generator))
    }
  }

  /// Returns the records of a past launch.
  func launch(_ number: Int, using generator: inout SplitMix64) -> [RecordedDuration] {
    guard let launch = LaunchID("launch-\(number)") else { return [] }
    return items.map { item in
      let (days, end) = (item.duration.draw(using: &generator), item.duration.end(using: &generator))
      return RecordedDuration(item.work, launch: launch, days: Int(min(days, end)), isCensored: end < days)
    }
  }

  /// Returns the forecast for a launch that began some business days ago, and the day on which it is really ready.
  func forecast(
    elapsed: Int, by model: DurationModel, using generator: inout SplitMix64
  ) -> (ReadinessForecast, ready: LocalDate) {
    var tasks: [ForecastTask] = []
    var (ends, last) = ([Int](), 0)
    for (index, item) in items.enumerated() {
      let start = index % 6 == 5 ? ends[index - 1] : 0
      ends.append(start + Int(item.duration.draw(using: &generator)))
      var task = ForecastTask(ItemReference(key: item.work.key), ends[index] < elapsed ? nil : item.work)
      if start < elapsed || index % 6 != 5 {
        task.elapsed = max(0, elapsed - start)
      } else {
        task.predecessors = [index - 1]
      }
      tasks.append(task)
      last = max(last, ends[index] - elapsed)
    }
    let forecast = ReadinessForecast(
      tasks, today: Self.today, date: Self.today.adding(days: 28), calendars: .standard, by: model)
    return (forecast, BusinessCalendar.standard.day(last, from: Self.today))
  }
}
