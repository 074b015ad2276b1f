public import Contract
import Glibc
public import LaunchModel

/// The adoption curve of one attempt to launch, for its complete days.
public struct AdoptionCurve: Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The number of the attempt, from 1.
  public var attempt: Int
  /// The metric's key in its plan, such as `adoption`.
  public var metric: String
  /// The launch's tier; nil if unknown.
  public var tier: Tier?
  /// The metric's window.
  public var window: MeasurementWindow
  /// The metric's target.
  public var target: Target
  /// The counts of each complete day, from day 1.
  public var points: [CurvePoint]

  public init(
    launch: LaunchID, attempt: Int, metric: String, tier: Tier?, window: MeasurementWindow, target: Target,
    points: [CurvePoint]
  ) {
    self.launch = launch
    self.attempt = attempt
    self.metric = metric
    self.tier = tier
    self.window = window
    self.target = target
    self.points = points
  }

  /// The adoption on a day; nil if the day is not complete or no account was active.
  func adoption(on day: Int) -> AdoptionForecast.Adoption? {
    guard points.indices.contains(day - 1), points[day - 1].denominator > 0 else { return nil }
    return AdoptionForecast.Adoption(adopted: points[day - 1].numerator, active: points[day - 1].denominator)
  }
}

extension AdoptionCurve {
  /// Projects the last day's adoption from that of an earlier day (product.md, section 4).
  ///
  /// Uses the curves of other launches of the same tier whose windows have the same length and were final at `moment`.
  ///
  /// - Parameters:
  ///   - day: the day to project from.
  ///   - curves: the curves of completed windows.
  ///   - moment: the moment of the projection.
  /// - Returns: a projection without figures if there are too few launches; nil if the day is not complete, is the last
  ///   one, or had no active account.
  public func projection(from day: Int, by curves: [AdoptionCurve], at moment: Timestamp) -> ProjectionView? {
    guard day < window.days, let current = adoption(on: day) else { return nil }
    let launches = earlierLaunches(in: curves, day: day, at: moment)
    guard let forecast = AdoptionForecast(from: current, launches: launches) else {
      return ProjectionView(day: day, launches: launches.count)
    }
    let interval = forecast.interval()
    return ProjectionView(
      day: day, launches: forecast.launches, median: forecast.median, low: interval.low, high: interval.high,
      chance: forecast.chance(of: target))
  }

  /// The other launches that the projection uses. Each launch counts once, even with several metrics.
  private func earlierLaunches(
    in curves: [AdoptionCurve], day: Int, at moment: Timestamp
  ) -> [AdoptionForecast.EarlierLaunch] {
    guard let tier else { return [] }
    var launches: Set<LaunchID> = [launch]
    return curves.compactMap { other in
      guard other.tier == tier, other.window.days == window.days, other.window.finalAt <= moment,
        let early = other.adoption(on: day), let end = other.adoption(on: window.days),
        launches.insert(other.launch).inserted
      else { return nil }
      return AdoptionForecast.EarlierLaunch(day: early, end: end)
    }
  }
}

/// Projects the adoption on the last day of a window from an earlier day, using earlier launches
/// of the same tier (product.md, section 4).
///
/// The growth of an earlier launch is log(A(last) / A(day)) plus the mean log growth of active accounts. It is
/// mostly the growth of its adopters and is therefore above 0. It is treated as a draw from a distribution that
/// this launch shares, blurred by small counts and by uneven growth of active accounts. On the scale asinh(growth
/// / blur), which is linear within the blur and logarithmic beyond it, the growth is modelled as normal, with
/// mean and variance estimated from the launches. The projection is then a Student distribution with one degree
/// of freedom fewer than there are launches.
public struct AdoptionForecast: Sendable, Hashable {
  /// The minimum number of earlier launches.
  public static let minimumLaunches = 4

  /// Adoption on one day: accounts that used the feature, and accounts with any activity.
  public struct Adoption: Sendable, Hashable {
    /// The accounts that used the feature.
    public var adopted: Int
    /// The accounts with any activity; includes those that used the feature.
    public var active: Int

    public init(adopted: Int, active: Int) {
      self.adopted = adopted
      self.active = active
    }

    /// The logarithm of the share. Half an account is added to both counts, so that it exists even without adopters.
    fileprivate var logShare: Double { log((Double(adopted) + 0.5) / (Double(active) + 0.5)) }
  }

  /// The adoption of an earlier launch on the day projected from and on the last day.
  public struct EarlierLaunch: Sendable, Hashable {
    /// Its adoption on the day projected from.
    public var day: Adoption
    /// Its adoption on the last day.
    public var end: Adoption

    public init(day: Adoption, end: Adoption) {
      self.day = day
      self.end = end
    }
  }

  /// The number of earlier launches that the projection uses.
  public let launches: Int
  /// The logarithm of the adoption so far, if all accounts expected to become active were active already.
  private let current: Double
  /// Twice the standard deviation of the growth that small counts and uneven growth of active accounts cause.
  private let blur: Double
  /// The distribution of the growth, on the scale asinh(growth / blur).
  private let growth: StudentDistribution

  /// Creates a projection; returns nil if no account is active yet, or if fewer than
  /// four earlier launches had active accounts.
  ///
  /// - Parameter launches: the earlier launches of the tier; those without active accounts are ignored.
  public init?(from current: Adoption, launches: [EarlierLaunch]) {
    let launches = launches.filter { $0.day.active > 0 && $0.end.active > 0 }
    guard launches.count >= Self.minimumLaunches, current.active > 0 else { return nil }
    let count = Double(launches.count)
    let active = launches.map { log(Double($0.end.active) / Double($0.day.active)) }
    let activeGrowth = active.reduce(0, +) / count
    let uneven = active.reduce(0) { $0 + ($1 - activeGrowth) * ($1 - activeGrowth) } / (count - 1)
    let noise = launches.reduce(0) { $0 + Self.noise(of: $1) } / count
    let blur = 2 * sqrt(noise + uneven + 1e-9)
    let growths = launches.map { asinh(($0.end.logShare - $0.day.logShare + activeGrowth) / blur) }
    let mean = growths.reduce(0, +) / count
    let variance = growths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    let expected = blur * sinh(mean)
    // The additional (or lower) blur of this launch compared with the earlier ones.
    let own = (1 - exp(-max(0, expected))) / (Double(current.adopted) + 0.5)
    let difference = max(-variance / 2, (own - noise) / (blur * blur + expected * expected))
    self.launches = launches.count
    self.current = current.logShare - activeGrowth
    self.blur = blur
    growth = StudentDistribution(
      degrees: count - 1, center: mean, scale: sqrt(variance * (1 + 1 / count) + difference))
  }

  /// The median projection, a share of at most 1.
  public var median: Double { quantile(0.5) }

  /// The equal-tailed interval that contains the last day's adoption with the given probability.
  public func interval(_ probability: Double = 0.8) -> ConfidenceInterval {
    ConfidenceInterval(low: quantile((1 - probability) / 2), high: quantile((1 + probability) / 2))
  }

  /// The quantile of the last day's adoption: the share that it stays below with the given probability; at most 1.
  public func quantile(_ probability: Double) -> Double {
    min(1, exp(current + blur * sinh(growth.quantile(probability))))
  }

  /// The probability that the last day's adoption meets a target. For a target outside 0 to 1, the result is 0 or 1.
  public func chance(of target: Target) -> Double {
    let below = probability(below: target.value)
    switch target.comparison {
    case .atLeast, .moreThan: return 1 - below
    case .atMost, .lessThan: return below
    }
  }

  /// The probability that the last day's adoption is less than a share.
  public func probability(below share: Double) -> Double {
    guard share > 0 else { return 0 }
    guard share <= 1 else { return 1 }
    return growth.probability(below: asinh((log(share) - current) / blur))
  }

  /// The variance of the growth due to small counts: the final adopters are the earlier ones plus those added since.
  private static func noise(of launch: EarlierLaunch) -> Double {
    max(0, 1 / (Double(launch.day.adopted) + 0.5) - 1 / (Double(launch.end.adopted) + 0.5))
  }
}
