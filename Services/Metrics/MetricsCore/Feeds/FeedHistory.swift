public import LaunchModel

/// The events of one feed over its last 13 weeks, counted by hour.
///
/// The order, and how events are grouped into calls, do not matter. It holds at most one number an hour of 13 weeks.
public struct FeedHistory: Sendable, Hashable {
  /// The hours that are kept: those of 13 weeks up to the latest event.
  public static let hours = 13 * WeekProfile.hours

  /// The events of each local hour since 1970-01-01 00:00 local time; hours without events are absent.
  public private(set) var counts: [Int: Int]
  /// When the latest event happened; nil if there is none.
  public private(set) var lastSeen: Timestamp?
  /// When the earliest event happened; it stays when its hour is dropped.
  public private(set) var firstSeen: Timestamp?

  public init() { counts = [:] }

  /// Restores a history.
  public init(counts: [Int: Int], firstSeen: Timestamp?, lastSeen: Timestamp?) {
    self.counts = counts
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    drop()
  }

  /// Counts events.
  ///
  /// - Parameters:
  ///   - moment: when they happened; several in one call happened within its hour, the latest at `moment`.
  ///   - utcOffset: the organisation's offset from UTC at the moment, in seconds, by `ZoneRules.offset`.
  public mutating func record(at moment: Timestamp, count: Int = 1, utcOffset: Int) {
    guard count > 0 else { return }
    firstSeen = firstSeen.map { min($0, moment) } ?? moment
    let isLatest = lastSeen.map { $0 < moment } ?? true
    if isLatest { lastSeen = moment }
    counts[Self.localHour(of: moment, utcOffset: utcOffset), default: 0] += count
    if counts.count > Self.hours { drop() }
  }

  /// The local hour that holds a moment.
  static func localHour(of moment: Timestamp, utcOffset: Int) -> Int {
    Int(localHours(of: moment, utcOffset: utcOffset).rounded(.down))
  }

  /// The hours since 1970-01-01 00:00 local time.
  static func localHours(of moment: Timestamp, utcOffset: Int) -> Double {
    Double(moment.microseconds + Int64(utcOffset) * 1_000_000) / 3_600_000_000
  }

  /// The hours with events within 13 weeks of the last one, ascending.
  var activeHours: [Int] {
    guard let last = counts.keys.max() else { return [] }
    return counts.keys.filter { $0 > last - Self.hours }.sorted()
  }

  private mutating func drop() {
    guard let last = counts.keys.max() else { return }
    counts = counts.filter { $0.key > last - Self.hours }
  }
}
