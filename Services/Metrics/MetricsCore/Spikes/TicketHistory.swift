public import LaunchModel

/// What an organisation's earlier tickets show: when in the week tickets arrive, how much their number varies, and how
/// those of earlier launches were distributed over the days (product.md, section 4).
///
/// Only tickets opened before the exposure count, so that a launch's tickets cannot change their own expectation.
public struct TicketHistory: Sendable, Hashable {
  /// The number of days before an exposure from which tickets count.
  public static let days = 91
  /// The minimum number of days with tickets for learning the hours of the week.
  public static let leastDays = 28.0
  /// The minimum number of tickets for learning the hours of the week.
  public static let leastTickets = 100
  /// The minimum number of tickets about one feature for learning how much their daily number varies.
  public static let leastSeries = 14

  /// When in the week tickets arrive; nil if there are too few.
  public let profile: WeekProfile?
  /// The variance of daily counts divided by their mean.
  public let dispersion: Double
  /// The tickets of earlier launches, by day.
  public let earlier: [DayWeights.EarlierWindow]

  /// - Parameters:
  ///   - start: the exposure.
  ///   - zone: the launch's time zone, which determines weekdays and hours.
  ///   - launches: the earlier launches; only those whose window of `windowDays` days ended before the exposure count.
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

  /// The daily counts of each feature named by tickets, over the whole days from its first ticket to the exposure.
  private static func series(
    _ tickets: [TicketIndex.Ticket], before start: Timestamp, _ profile: WeekProfile?, _ zone: ZoneRules
  ) -> [Dispersion.Series] {
    let named = tickets.compactMap { ticket in
      ticket.events.last { $0.feature != nil }?.feature.map { (feature: $0, at: ticket.opening.at) }
    }
    return Dictionary(grouping: named, by: \.feature).sorted { $0.key < $1.key }.compactMap { _, tickets in
      guard tickets.count >= leastSeries, let first = tickets.map(\.at).min() else { return nil }
      // Excludes the day of the first ticket, because it has a ticket by construction.
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

/// An earlier launch, whose tickets show how the tickets of a launch are distributed over its days.
public struct EarlierLaunch: Sendable, Hashable {
  /// Its exposure.
  public var startedAt: Timestamp
  /// The rule for which tickets are about it, from its own plan.
  public var attribution: TicketAttribution

  public init(startedAt: Timestamp, attribution: TicketAttribution) {
    self.startedAt = startedAt
    self.attribution = attribution
  }
}
