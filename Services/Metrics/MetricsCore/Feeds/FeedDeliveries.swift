public import LaunchModel

/// The events of one feed by the hour in which they happened and the hour in which they were stored.
///
/// Hours are counted since 1970-01-01 00:00 UTC. Everything that a window's feeds are judged by is derived from them, so it is the
/// same whenever it is asked for the same moment.
public struct FeedDeliveries: Sendable, Hashable {
  /// The events of one hour that were stored in one hour.
  public struct Row: Sendable, Hashable {
    /// The hour in which they happened.
    public var hour: Int
    /// The hour in which they were stored.
    public var storedHour: Int
    /// Their number.
    public var events: Int

    public init(hour: Int, storedHour: Int, events: Int) {
      self.hour = hour
      self.storedHour = storedHour
      self.events = events
    }
  }

  /// The arrivals that it takes to learn how late events are.
  static let leastArrivals = 5
  /// The most hours that an event is late as a rule; what comes later fills a hole.
  static let maximumLag = 168

  /// The rows, in no particular order.
  public private(set) var rows: [Row]

  public init(_ rows: [Row] = []) { self.rows = rows }

  /// Those that were stored by a moment, up to the end of its hour.
  public func known(at moment: Timestamp) -> FeedDeliveries {
    let hour = FeedHistory.localHour(of: moment, utcOffset: 0)
    return FeedDeliveries(rows.filter { $0.storedHour <= hour })
  }

  /// The events by the hour in which they happened.
  var counts: [Int: Int] { Self.counts(rows) }

  /// The same, of those that were stored within some hours.
  func counts(storedWithin lag: Int) -> [Int: Int] { Self.counts(rows.filter { $0.storedHour - $0.hour <= lag }) }

  private static func counts(_ rows: [Row]) -> [Int: Int] {
    Dictionary(rows.lazy.map { ($0.hour, $0.events) }, uniquingKeysWith: +)
  }

  /// The hours by which the oldest event of an arrival is late as a rule: 0 for one that delivers as things happen, 24 for a
  /// nightly export of the day before.
  public var lag: Int {
    var oldest: [Int: Int] = [:]
    for row in rows { oldest[row.storedHour] = min(oldest[row.storedHour] ?? row.hour, row.hour) }
    guard oldest.count >= Self.leastArrivals else { return 0 }
    let lags = oldest.map { $0.key - $0.value }.sorted()
    let usual = lags[lags.count * 3 / 4]
    return usual > 1 ? min(usual, Self.maximumLag) : 0
  }

  /// The same, of those that happened before an hour.
  public func counts(before hour: Int) -> [Int: Int] { Self.counts(rows.filter { $0.hour < hour }) }

  /// Whether a gap between events is silence by their own rhythm, or longer than a day if they have none.
  public func hasHoles(at now: Timestamp) -> Bool {
    let history = FeedHistory(counts: counts, firstSeen: nil, lastSeen: nil)
    let rhythm = FeedRhythm.learnt(from: history)
    let hours = history.activeHours
    return zip(hours, hours.dropFirst()).contains { before, after in
      rhythm?.isSilence(from: Double(before) + 0.5, to: Double(after) + 0.5) ?? (after - before > 24)
    }
  }

  /// The events by the hour in which they were stored.
  public var arrivals: FeedHistory {
    let counts = Dictionary(rows.lazy.map { ($0.storedHour, $0.events) }, uniquingKeysWith: +)
    return FeedHistory(counts: counts, firstSeen: nil, lastSeen: nil)
  }
}

/// How the events of a feed arrive that are stored later than they happen.
public struct FeedArrivals: Sendable, Hashable {
  /// The hours by which events are late as a rule; at least 2.
  public var lag: Int
  /// The rhythm of the hours in which events are stored; nil with too little history.
  public var rhythm: FeedRhythm?
  /// When its last events were stored, in hours since 1970.
  public var last: Double

  /// The same, with later events.
  public func with(last moment: Timestamp) -> FeedArrivals {
    var arrivals = self
    arrivals.last = max(last, FeedHistory.localHours(of: moment, utcOffset: 0))
    return arrivals
  }

  /// Nil for a feed that delivers as things happen.
  public init?(_ deliveries: FeedDeliveries) {
    let lag = deliveries.lag
    guard lag > 0, let last = deliveries.rows.map(\.storedHour).max() else { return nil }
    self.lag = lag
    rhythm = FeedRhythm.learnt(from: deliveries.arrivals)
    self.last = Double(last) + 0.5
  }

  /// Whether a gap up to now is silence: nothing has arrived for too long, or only what is older than usual.
  func isSilence(from start: Double, to now: Double, by rhythm: FeedRhythm) -> Bool {
    self.rhythm?.isSilence(from: last, to: now) ?? false
      || rhythm.isSilence(from: start, to: now - Double(2 * lag))
  }
}
