public import LaunchModel

/// The share of a week's events in each hour of the week, learnt from counts.
///
/// Positions are hours since a Monday 00:00 local time and may exceed a week. Within an hour,
/// events are assumed to be evenly distributed.
public struct WeekProfile: Sendable, Hashable {
  /// The hours of a week.
  public static let hours = 168
  /// The part of all events that is assumed to be evenly distributed over the week, so that no hour has probability 0.
  public static let evenShare = 0.01

  /// The share before each hour: 169 ascending numbers from 0 to 1.
  private let cumulative: [Double]

  /// The profile in which all hours are alike.
  public static let even = WeekProfile(weights: [Double](repeating: 1, count: hours))

  /// Learns the profile; returns the even one if there are no events.
  ///
  /// Applies empirical Bayes twice. First, the counts of weekdays and of hours of the day are each drawn towards equal
  /// ones. Then the count of each hour of the week is drawn towards the value that its weekday and its hour of the day
  /// imply, the more strongly the less the counts deviate from these values beyond chance.
  ///
  /// - Parameter counts: the events in each of the 168 hours from Monday 00:00; missing ones are 0.
  public init(counts: [Int]) {
    let counts = (0..<Self.hours).map { $0 < counts.count ? Double(max(0, counts[$0])) : 0 }
    let total = counts.reduce(0, +)
    guard total > 0 else {
      self = .even
      return
    }
    let byWeekday = Self.shrunk(
      (0..<7).map { day in counts[(day * 24)..<(day * 24 + 24)].reduce(0, +) }, towards: Self.equal(total, 7),
      degrees: 6)
    let byHour = Self.shrunk(
      (0..<24).map { hour in stride(from: hour, to: Self.hours, by: 24).reduce(0) { $0 + counts[$1] } },
      towards: Self.equal(total, 24), degrees: 23)
    let independent = counts.indices.map { byWeekday[$0 / 24] * byHour[$0 % 24] / total }
    self.init(
      weights: Self.shrunk(counts, towards: independent, degrees: Self.hours - 30).map {
        $0 * (1 - Self.evenShare) + total * Self.evenShare / Double(Self.hours)
      })
  }

  /// Draws counts towards the given means: the posterior means of Poisson counts whose own means have gamma
  /// distributions around the given ones. The common shape of these distributions is estimated by moments.
  ///
  /// - Parameter degrees: the degrees of freedom of the counts, given the means.
  private static func shrunk(_ counts: [Double], towards means: [Double], degrees: Int) -> [Double] {
    let chance = means.reduce(0, +) * Double(degrees) / Double(means.count)
    let scatter = zip(counts, means).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } - chance
    guard scatter > 0 else { return means }
    let shape = means.reduce(0) { $0 + $1 * $1 } / scatter
    return zip(counts, means).map { count, mean in mean * (shape + count) / (shape + mean) }
  }

  private static func equal(_ total: Double, _ parts: Int) -> [Double] {
    [Double](repeating: total / Double(parts), count: parts)
  }

  /// Creates a profile from the relative weight of each of the 168 hours from Monday
  /// 00:00; the even one if no weight is positive.
  ///
  /// - Parameter weights: the weights; missing and negative ones count as 0.
  public init(weights: [Double]) {
    var weights = (0..<Self.hours).map { $0 < weights.count ? max(0, weights[$0]) : 0 }
    if !weights.contains(where: { $0 > 0 }) { weights = weights.map { _ in 1 } }
    let total = weights.reduce(0, +)
    var sum = 0.0
    cumulative =
      [0]
      + weights.map { weight in
        sum += weight
        return sum / total
      }
  }

  /// The share of a week's events in a span of the given length; more than 1 for a span longer than a week.
  public func share(from position: Double, hours: Double) -> Double { elapsed(position + hours) - elapsed(position) }

  /// The shares of consecutive 24-hour periods from a position, relative to the average day, which has 1.
  public func dayFactors(from position: Double, days: Int) -> [Double] {
    (0..<days).map { 7 * share(from: position + 24 * Double($0), hours: 24) }
  }

  /// The share of a 24-hour period's events expected in its first hours, from 0 to 1.
  public func elapsedShare(ofDayFrom position: Double, hours: Double) -> Double {
    min(1, share(from: position, hours: min(24, max(0, hours))) / share(from: position, hours: 24))
  }

  /// The first position at which the given share of a week's events has passed since `position`.
  public func position(after share: Double, from position: Double) -> Double {
    let week = (position / Double(Self.hours)).rounded(.down)
    let target = elapsed(position) - week + share
    let whole = target.rounded(.down)
    let part = target - whole
    var low = 0
    var high = Self.hours
    while high - low > 1 {
      let middle = (low + high) / 2
      if cumulative[middle] <= part { low = middle } else { high = middle }
    }
    let width = cumulative[high] - cumulative[low]
    let inside = width > 0 ? (part - cumulative[low]) / width : 0
    return (week + whole) * Double(Self.hours) + Double(low) + inside
  }

  /// The share that has passed since Monday 00:00 of the first week (position 0); each whole week counts 1.
  private func elapsed(_ position: Double) -> Double {
    let week = (position / Double(Self.hours)).rounded(.down)
    let hour = position - week * Double(Self.hours)
    let index = min(Self.hours - 1, Int(hour))
    return week + cumulative[index] + (cumulative[index + 1] - cumulative[index]) * (hour - Double(index))
  }
}

extension WeekProfile {
  /// The position of a moment in its week: hours since Monday 00:00 local time, from 0 to less than 168.
  public static func position(of moment: Timestamp, in zone: ZoneRules) -> Double {
    let local = moment.microseconds + Int64(zone.offset(at: moment)) * 1_000_000
    // 1970-01-01 was a Thursday, three days after a Monday.
    let sinceMonday = (local + 3 * 86_400_000_000) % weekMicroseconds
    let positive = sinceMonday < 0 ? sinceMonday + weekMicroseconds : sinceMonday
    return Double(positive) / 3_600_000_000
  }

  private static let weekMicroseconds: Int64 = 7 * 86_400_000_000
}
