public import LaunchModel

/// What an organisation's earlier tickets say of the tickets to expect: when in the week they come, how much their number varies,
/// and how those of earlier launches fell over the days (product.md, section 4).
///
/// Only tickets opened before the exposure count, so that the launch's own cannot change what is expected of them.
public struct TicketHistory: Sendable, Hashable {
  /// The days before an exposure whose tickets count.
  public static let days = 91
  /// The days of tickets that it takes to learn the hours of the week.
  public static let leastDays = 28.0
  /// The tickets that it takes to learn the hours of the week.
  public static let leastTickets = 100
  /// The tickets about one feature that it takes to learn from how much their daily number varies.
  public static let leastSeries = 14

  /// When in the week tickets come; nil as long as there are too few.
  public let profile: WeekProfile?
  /// The variance of daily counts divided by their mean.
  public let dispersion: Double
  /// The tickets of earlier launches, by day.
  public let earlier: [DayWeights.EarlierWindow]

  /// - Parameters:
  ///   - start: the exposure.
  ///   - zone: the zone of the launch, in which weekdays and hours are meant.
  ///   - launches: the earlier launches, of which those count whose window of `windowDays` ended before the exposure.
  public init(
    _ tickets: TicketIndex, before start: Timestamp, in zone: ZoneRules, windowDays: Int, launches: [EarlierLaunch] = []
  ) {
    let first = start.adding(days: -Self.days)
    let known = tickets.tickets.filter { first <= $0.opening.at && $0.opening.at < start }
    let profile = Self.profile(known, before: start, zone)
    self.profile = profile
    dispersion = Dispersion.estimate(Self.series(known, before: start, profile, zone))
    earlier = launches.filter { $0.startedAt.adding(days: windowDays) <= start }.map { launch in
      var counts = [Int](repeating: 0, count: windowDays)
      let window = launch.startedAt..<launch.startedAt.adding(days: windowDays)
      for ticket in tickets.tickets where window.contains(ticket.opening.at) && launch.attribution.includes(ticket) {
        counts[Self.wholeDays(from: launch.startedAt, to: ticket.opening.at)] += 1
      }
      let factors = profile?.dayFactors(from: WeekProfile.position(of: launch.startedAt, in: zone), days: windowDays)
      return DayWeights.EarlierWindow(counts: counts, dayFactors: factors ?? [])
    }
  }

  private static func profile(_ tickets: [TicketIndex.Ticket], before start: Timestamp, _ zone: ZoneRules)
    -> WeekProfile?
  {
    guard tickets.count >= leastTickets, let first = tickets.map(\.opening.at).min(),
      hours(from: first, to: start) >= leastDays * 24
    else { return nil }
    var counts = [Int](repeating: 0, count: WeekProfile.hours)
    for ticket in tickets { counts[Int(WeekProfile.position(of: ticket.opening.at, in: zone))] += 1 }
    return WeekProfile(counts: counts)
  }

  /// The daily counts of each feature that tickets name, over the whole days before the exposure since its first one.
  private static func series(
    _ tickets: [TicketIndex.Ticket], before start: Timestamp, _ profile: WeekProfile?, _ zone: ZoneRules
  ) -> [Dispersion.Series] {
    let named = tickets.compactMap { ticket in
      ticket.events.last { $0.feature != nil }?.feature.map { (feature: $0, at: ticket.opening.at) }
    }
    return Dictionary(grouping: named, by: \.feature).sorted { $0.key < $1.key }.compactMap { _, tickets in
      guard tickets.count >= leastSeries, let first = tickets.map(\.at).min() else { return nil }
      // The day of the first ticket has one by choice.
      let days = wholeDays(from: first, to: start)
      guard days > 0 else { return nil }
      let begin = start.adding(days: -days)
      var counts = [Int](repeating: 0, count: days)
      for ticket in tickets where ticket.at >= begin { counts[wholeDays(from: begin, to: ticket.at)] += 1 }
      let factors = profile?.dayFactors(from: WeekProfile.position(of: begin, in: zone), days: days)
      return Dispersion.Series(counts: counts, weights: factors ?? [])
    }
  }

  private static func hours(from start: Timestamp, to end: Timestamp) -> Double {
    Double(end.microseconds - start.microseconds) / 3_600_000_000
  }

  private static func wholeDays(from start: Timestamp, to end: Timestamp) -> Int {
    Int((end.microseconds - start.microseconds) / 86_400_000_000)
  }
}

/// An earlier launch, whose tickets show how those of a launch fall over its days.
public struct EarlierLaunch: Sendable, Hashable {
  /// Its exposure.
  public var startedAt: Timestamp
  /// Which tickets are about it, by its own plan.
  public var attribution: TicketAttribution

  public init(startedAt: Timestamp, attribution: TicketAttribution) {
    self.startedAt = startedAt
    self.attribution = attribution
  }
}
