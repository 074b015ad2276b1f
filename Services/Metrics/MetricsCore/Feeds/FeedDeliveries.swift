public import LaunchModel

/// The events of one feed, counted by the hours in which they happened and were stored.
///
/// Hours are counted since 1970-01-01 00:00 UTC. Judgements about a window's feeds are derived from these counts only,
/// so they are the same whenever they are made for the same moment.
public struct FeedDeliveries: Sendable, Hashable {
  /// The number of events that happened in one hour and were stored in one hour.
  public struct Row: Sendable, Hashable {
    /// The hour in which they happened.
    public var hour: Int
    /// The hour in which they were stored.
    public var storedHour: Int
    /// The number of events.
    public var events: Int

    public init(hour: Int, storedHour: Int, events: Int) {
      self.hour = hour
      self.storedHour = storedHour
      self.events = events
    }
  }

  /// The minimum number of hours with arrivals for learning how late events usually are.
  static let leastArrivals = 5
  /// The maximum lag in hours. Events that are later do not count as on time; they fill a hole.
  static let maximumLag = 168

  /// The rows, in no particular order.
  public private(set) var rows: [Row]

  public init(_ rows: [Row] = []) { self.rows = rows }

  /// The events stored by a moment, to the end of its hour.
  public func known(at moment: Timestamp) -> FeedDeliveries {
    let hour = FeedHistory.localHour(of: moment, utcOffset: 0)
    return FeedDeliveries(rows.filter { $0.storedHour <= hour })
  }

  /// The number of events by the hour in which they happened.
  var counts: [Int: Int] { Self.counts(rows) }

  /// The number of events by the hour in which they happened, without those stored more than `lag` hours later.
  func counts(storedWithin lag: Int) -> [Int: Int] { Self.counts(rows.filter { $0.storedHour - $0.hour <= lag }) }

  private static func counts(_ rows: [Row]) -> [Int: Int] {
    Dictionary(rows.lazy.map { ($0.hour, $0.events) }, uniquingKeysWith: +)
  }

  /// How late the oldest event of an arrival usually is, in hours: 0 for a feed that delivers immediately, 24 for a
  /// nightly export of the previous day.
  public var lag: Int {
    var oldest: [Int: Int] = [:]
    for row in rows { oldest[row.storedHour] = min(oldest[row.storedHour] ?? row.hour, row.hour) }
    guard oldest.count >= Self.leastArrivals else { return 0 }
    let lags = oldest.map { $0.key - $0.value }.sorted()
    let usual = lags[lags.count * 3 / 4]
    return usual > 1 ? min(usual, Self.maximumLag) : 0
  }

  /// The number of events by the hour in which they happened, for events before an hour.
  public func counts(before hour: Int) -> [Int: Int] { Self.counts(rows.filter { $0.hour < hour }) }

  /// Whether any gap between events is silence by the feed's rhythm or, without a rhythm, longer than a day; or whether
  /// a day or a week has less than half of its volume.
  public func hasHoles(at now: Timestamp) -> Bool {
    let history = FeedHistory(counts: counts, firstSeen: nil, lastSeen: nil)
    let rhythm = FeedRhythm.learnt(from: history)
    let hours = history.activeHours
    if let rhythm, isLow(hours, rhythm) { return true }
    return zip(hours, hours.dropFirst()).contains { before, after in
      rhythm?.isSilence(from: Double(before) + 0.5, to: Double(after) + 0.5) ?? (after - before > 24)
    }
  }

  /// Whether a day or a week has less than half of the events that a firm rhythm expects.
  private func isLow(_ hours: [Int], _ rhythm: FeedRhythm) -> Bool {
    guard rhythm.isFirm, let first = hours.first, let last = hours.last else { return false }
    let counts = counts
    for length in [24, 168] where first + length <= last {
      for start in stride(from: first, through: last - length, by: 24) {
        let due = rhythm.expected(from: Double(start), to: Double(start + length)) - rhythm.eventsPerBatch
        guard due >= FeedCoverage.leastExpected else { continue }
        let delivered = (start..<start + length).reduce(0) { $0 + (counts[$1] ?? 0) }
        if Double(delivered) < FeedCoverage.lowShare * due { return true }
      }
    }
    return false
  }

  /// The history of arrivals: the events by the hour in which they were stored.
  public var arrivals: FeedHistory {
    let counts = Dictionary(rows.lazy.map { ($0.storedHour, $0.events) }, uniquingKeysWith: +)
    return FeedHistory(counts: counts, firstSeen: nil, lastSeen: nil)
  }
}

/// How the events of a feed arrive if it does not deliver them immediately.
public struct FeedArrivals: Sendable, Hashable {
  /// How late events usually are, in hours; at least 2.
  public var lag: Int
  /// The rhythm of arrivals; nil if the history is too short.
  public var rhythm: FeedRhythm?
  /// When the last events were stored, in hours since 1970-01-01 00:00 UTC.
  public var last: Double

  /// The arrivals updated by events stored at a later moment.
  public func with(last moment: Timestamp) -> FeedArrivals {
    var arrivals = self
    arrivals.last = max(last, FeedHistory.localHours(of: moment, utcOffset: 0))
    return arrivals
  }

  /// Returns nil for a feed that delivers events immediately.
  public init?(_ deliveries: FeedDeliveries) {
    let lag = deliveries.lag
    guard lag > 0, let last = deliveries.rows.map(\.storedHour).max() else { return nil }
    self.lag = lag
    rhythm = FeedRhythm.learnt(from: deliveries.arrivals)
    self.last = Double(last) + 0.5
  }

  /// Whether a gap up to now is silence: there was no arrival for too long, or arrivals
  /// lack events that should be included by now.
  func isSilence(from start: Double, to now: Double, by rhythm: FeedRhythm) -> Bool {
    self.rhythm?.isSilence(from: last, to: now) ?? false
      || rhythm.isSilence(from: start, to: now - Double(2 * lag))
  }
}
