public import LaunchModel

/// The events of one feed over its last 13 weeks, counted by hour.
///
/// The result does not depend on the order of events or on their grouping into calls. It stores at
/// most one number for each hour of 13 weeks.
public struct FeedHistory: Sendable, Hashable {
  /// The number of hours to keep: 13 weeks up to the latest event.
  public static let hours = 13 * WeekProfile.hours

  /// The events of each local hour since 1970-01-01 00:00 local time; hours without events are absent.
  public private(set) var counts: [Int: Int]
  /// When the latest event happened; nil if there is none.
  public private(set) var lastSeen: Timestamp?
  /// When the earliest event ever happened, even if its hour is no longer kept.
  public private(set) var firstSeen: Timestamp?

  public init() { counts = [:] }

  /// Restores a stored history.
  public init(counts: [Int: Int], firstSeen: Timestamp?, lastSeen: Timestamp?) {
    self.counts = counts
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    drop()
  }

  /// Counts events.
  ///
  /// - Parameters:
  ///   - moment: when the events happened. Several events in one call must be in the same
  ///     hour, the latest of them at `moment`.
  ///   - utcOffset: the organisation's offset from UTC at that moment, in seconds, as returned by `ZoneRules.offset`.
  public mutating func record(at moment: Timestamp, count: Int = 1, utcOffset: Int) {
    guard count > 0 else { return }
    firstSeen = firstSeen.map { min($0, moment) } ?? moment
    let isLatest = lastSeen.map { $0 < moment } ?? true
    if isLatest { lastSeen = moment }
    counts[Self.localHour(of: moment, utcOffset: utcOffset), default: 0] += count
    if counts.count > Self.hours { drop() }
  }

  /// The local hour that contains a moment.
  static func localHour(of moment: Timestamp, utcOffset: Int) -> Int {
    Int(localHours(of: moment, utcOffset: utcOffset).rounded(.down))
  }

  /// The hours from 1970-01-01 00:00 local time to a moment.
  static func localHours(of moment: Timestamp, utcOffset: Int) -> Double {
    Double(moment.microseconds + Int64(utcOffset) * 1_000_000) / 3_600_000_000
  }

  /// The hours with events within 13 weeks of the last one, ascending.
  var activeHours: [Int] {
    guard let last = counts.keys.max() else { return [] }
    return counts.keys.filter { $0 > last - Self.hours }.sorted()
  }

  /// The history in which no hour has more events than that.
  func capped(at most: Int) -> FeedHistory {
    FeedHistory(counts: counts.mapValues { min($0, most) }, firstSeen: firstSeen, lastSeen: lastSeen)
  }

  private mutating func drop() {
    guard let last = counts.keys.max() else { return }
    counts = counts.filter { $0.key > last - Self.hours }
  }
}
