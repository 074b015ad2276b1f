import Glibc
import LaunchModel
import MetricsCore

extension Study {
  /// The share of 80% intervals that contain the adoption on day 30, for families of curves that the projection's model
  /// does not contain.
  public static let forecasts = Study(
    name: "forecasts",
    cells: AdoptionCurve.Family.allCases.flatMap { family in
      [4, 8, 20].flatMap { launches in
        [3, 7, 14, 21].map { day in
          let name = "\(family.rawValue), \(launches) launches, day \(day)"
          return Cell(name) { scale in
            [
              SimulatedFigure(
                "coverage of 80% intervals", of: name,
                coverage(family, launches: launches, day: day, repetitions: max(1, Int(4_000 * scale))),
                within: 0.75...0.85)
            ]
          }
        }
      }
    })

  private static func coverage(
    _ family: AdoptionCurve.Family, launches: Int, day: Int, repetitions: Int
  ) -> Double {
    var generator = SplitMix64(seed: 30)
    var inside = 0
    for _ in 0..<repetitions {
      let known = (0..<launches).map { _ in AdoptionCurve(family, using: &generator).launch(day: day, using: &generator)
      }
      let own = AdoptionCurve(family, using: &generator).launch(day: day, using: &generator)
      guard let forecast = AdoptionForecast(from: own.day, launches: known) else { continue }
      let outcome = Double(own.end.adopted) / Double(own.end.active)
      let interval = forecast.interval()
      if interval.low <= outcome, outcome <= interval.high { inside += 1 }
    }
    return Double(inside) / Double(repetitions)
  }
}

/// The true adoption curve of a launch.
struct AdoptionCurve {
  enum Family: String, CaseIterable {
    case weibull = "Weibull"
    case gompertz = "Gompertz"
    case logistic
  }

  private var family: Family
  private var ceiling: Double
  private var location: Double
  private var scale: Double

  /// Draws a curve of the family.
  init(_ family: Family, using generator: inout SplitMix64) {
    func lognormal(_ median: Double, _ deviation: Double) -> Double {
      exp(generator.normal(NormalDistribution(mean: log(median), deviation: deviation)))
    }
    self.family = family
    ceiling = min(0.9, lognormal(0.3, 0.35))
    switch family {
    case .weibull: (location, scale) = (lognormal(8, 0.5), lognormal(0.8, 0.25))
    case .gompertz: (location, scale) = (lognormal(2, 0.3), lognormal(0.15, 0.35))
    case .logistic: (location, scale) = (generator.normal(NormalDistribution(mean: 8, deviation: 3)), lognormal(3, 0.3))
    }
  }

  /// Returns the share of accounts that have adopted by a day.
  private func share(_ day: Double) -> Double {
    switch family {
    case .weibull: ceiling * (1 - exp(-pow(day / location, scale)))
    case .gompertz: ceiling * exp(-location * exp(-scale * day))
    case .logistic: ceiling / (1 + exp(-(day - location) / scale))
    }
  }

  /// Returns a launch with 300 to 5,000 accounts, fewer of which have been active by the given day than by day 30.
  func launch(day: Int, using generator: inout SplitMix64) -> AdoptionForecast.EarlierLaunch {
    let accounts = exp(log(300) + generator.uniform() * log(5_000.0 / 300))
    let end = share(30)
    let early = min(end, share(Double(day)))
    var (adopted, later, others) = (0, 0, 0)
    for _ in 0..<Int(accounts) {
      let draw = generator.uniform()
      if draw < early { adopted += 1 } else if draw < end { later += 1 } else { others += 1 }
    }
    // The probability that an account that has not adopted by the day has been active by then grows with the day.
    let seen = 1 - exp(-Double(day) / 6)
    let silent = Double(later + others) * (1 - seen)
    let total = adopted + later + others
    return AdoptionForecast.EarlierLaunch(
      day: .init(adopted: adopted, active: total - Int(silent)), end: .init(adopted: adopted + later, active: total))
  }
}
