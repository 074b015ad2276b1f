public import Contract
public import LaunchModel

/// Counts the events of one transaction by feed and hour, before they are added to the feeds' histories.
public struct FeedBatch: Sendable {
  /// The events that a batch adds to one feed.
  public struct Addition: Sendable, Hashable {
    /// The number of events for each pair of hours in which they happened and were stored.
    public var hours: [Hours: Int] = [:]
    /// When the earliest of the events happened.
    public var first: Timestamp
    /// When the latest of the events happened.
    public var last: Timestamp
    /// When the first of the events was stored.
    public var storedAt: Timestamp
    /// When the last of the events was stored.
    public var lastStoredAt: Timestamp
  }

  /// The hours in which an event happened and was stored, counted since 1970-01-01 00:00 UTC.
  public struct Hours: Sendable, Hashable, Comparable {
    /// The hour in which it happened.
    public var happened: Int
    /// The hour in which it was stored.
    public var stored: Int

    public static func < (left: Self, right: Self) -> Bool {
      (left.happened, left.stored) < (right.happened, right.stored)
    }
  }

  private var names: [FeedName: Int] = [:]
  private var entries: [(name: FeedName, addition: Addition)] = []
  /// The feed of the last use or activity, cached because nearly all of these come from the same feed.
  private var latest: (isUse: Bool, source: [UInt8], index: Int)?
  /// The latest events, which follow each other, are of one feed and have the same hours, and are not in `entries` yet.
  private var run: (index: Int, hours: Hours, count: Int)?

  public init() {}

  /// What is added, by feed.
  public var additions: [(name: FeedName, addition: Addition)] {
    var batch = self
    batch.endRun()
    return batch.entries.sorted { $0.name < $1.name }
  }

  /// Adds an event.
  public mutating func add(_ name: FeedName, at moment: Timestamp, storedAt: Timestamp) {
    add(to: index(of: name, moment, storedAt), moment, storedAt)
  }

  /// Adds a use or activity whose source is given in UTF-8.
  public mutating func add(isUse: Bool, source: UnsafeRawBufferPointer, at moment: Timestamp, storedAt: Timestamp) {
    if let latest, latest.isUse == isUse, latest.source.elementsEqual(source) {
      return add(to: latest.index, moment, storedAt)
    }
    let type = (isUse ? SignalType.featureUsed : .accountActive).rawValue
    let index = index(of: FeedName(type: type, source: String(decoding: source, as: UTF8.self)), moment, storedAt)
    latest = (isUse, Array(source), index)
    add(to: index, moment, storedAt)
  }

  private mutating func index(of name: FeedName, _ moment: Timestamp, _ storedAt: Timestamp) -> Int {
    if let known = names[name] { return known }
    names[name] = entries.count
    entries.append((name, Addition(first: moment, last: moment, storedAt: storedAt, lastStoredAt: storedAt)))
    return entries.count - 1
  }

  private mutating func add(to index: Int, _ moment: Timestamp, _ storedAt: Timestamp) {
    entries[index].addition.first = min(entries[index].addition.first, moment)
    entries[index].addition.last = max(entries[index].addition.last, moment)
    entries[index].addition.lastStoredAt = max(entries[index].addition.lastStoredAt, storedAt)
    let hours = Hours(
      happened: FeedHistory.localHour(of: moment, utcOffset: 0),
      stored: FeedHistory.localHour(of: storedAt, utcOffset: 0))
    if let run, run.index == index, run.hours == hours {
      self.run = (index, hours, run.count + 1)
    } else {
      endRun()
      run = (index, hours, 1)
    }
  }

  private mutating func endRun() {
    guard let run else { return }
    entries[run.index].addition.hours[run.hours, default: 0] += run.count
    self.run = nil
  }
}
