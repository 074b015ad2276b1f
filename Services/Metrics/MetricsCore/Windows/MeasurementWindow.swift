public import LaunchModel

/// The span of time that a metric counts in: from its start up to, and without, its end.
public struct MeasurementWindow: Sendable, Hashable {
  /// The attempt's first exposure, included.
  public var start: Timestamp
  /// So many times 24 hours after the start, excluded.
  public var end: Timestamp
  /// Its length in spans of 24 hours, where a rollback does not cut it.
  public var days: Int
  /// When a rollback ended it early.
  public var cutAt: Timestamp?
  /// When its exposure became known.
  public var knownSince: Timestamp

  public init(start: Timestamp, end: Timestamp, days: Int, cutAt: Timestamp? = nil, knownSince: Timestamp) {
    self.start = start
    self.end = end
    self.days = days
    self.cutAt = cutAt
    self.knownSince = knownSince
  }

  /// Where counting ends: the rollback, where there was one in time, else the end.
  public var effectiveEnd: Timestamp { cutAt ?? end }

  /// Whether something that happened then is counted.
  public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < effectiveEnd }

  /// The moment whose account states decide: the window's end, or now while that is to come.
  public func statesAt(asOf now: Timestamp) -> Timestamp { min(effectiveEnd, now) }

  /// Whether an event that was stored then changed a figure that had been final.
  public func isRestated(byEventStoredAt moment: Timestamp) -> Bool { moment >= max(effectiveEnd, knownSince) }

  /// The span of 24 hours that a moment of the window falls into, from 1.
  public func day(of moment: Timestamp) -> Int {
    Int((moment.microseconds - start.microseconds) / Self.dayMicroseconds) + 1
  }

  /// How much of the window has passed, from 0 to 1.
  public func elapsedShare(asOf now: Timestamp) -> Double {
    let passed = min(effectiveEnd, max(start, now)).microseconds - start.microseconds
    return Double(passed) / Double(end.microseconds - start.microseconds)
  }

  /// The days of a curve that are over: none after the rollback, none to come.
  public func completeDays(asOf now: Timestamp) -> Int {
    let passed = min(effectiveEnd, now).microseconds - start.microseconds
    return passed < 0 ? 0 : min(days, Int(passed / Self.dayMicroseconds))
  }

  private static let dayMicroseconds: Int64 = 86_400_000_000
}

/// One attempt at launching, as it is measured.
public struct Attempt: Sendable, Hashable, Codable {
  /// From 1.
  public var number: Int
  /// The first real exposure: where day 0 begins.
  public var startedAt: Timestamp
  /// When it was rolled back.
  public var rolledBackAt: Timestamp?
  /// When the bus stored the announcement of its exposure.
  public var knownSince: Timestamp

  public init(number: Int, startedAt: Timestamp, rolledBackAt: Timestamp? = nil, knownSince: Timestamp) {
    self.number = number
    self.startedAt = startedAt
    self.rolledBackAt = rolledBackAt
    self.knownSince = knownSince
  }

  /// The window of that many spans of 24 hours from exposure.
  public func window(days: Int) -> MeasurementWindow {
    let end = startedAt.adding(days: days)
    return MeasurementWindow(
      start: startedAt, end: end, days: days,
      cutAt: rolledBackAt.flatMap { $0 < end ? max($0, startedAt) : nil }, knownSince: knownSince)
  }
}
