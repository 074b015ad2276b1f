public import LaunchModel

/// The half-open time span in which a metric counts: from its start up to, but not including, its end.
public struct MeasurementWindow: Sendable, Hashable {
  /// The inclusive start: the attempt's first exposure.
  public var start: Timestamp
  /// The exclusive end: `days` × 24 hours after the start.
  public var end: Timestamp
  /// The planned length in periods of 24 hours, regardless of a rollback.
  public var days: Int
  /// When a rollback ended the window early; nil if none did.
  public var cutAt: Timestamp?
  /// When the service learnt of the exposure.
  public var knownSince: Timestamp

  public init(start: Timestamp, end: Timestamp, days: Int, cutAt: Timestamp? = nil, knownSince: Timestamp) {
    self.start = start
    self.end = end
    self.days = days
    self.cutAt = cutAt
    self.knownSince = knownSince
  }

  /// When counting ends: at the rollback if one shortened the window, otherwise at its end.
  public var effectiveEnd: Timestamp { cutAt ?? end }

  /// Whether an event at a moment counts.
  public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < effectiveEnd }

  /// The moment before which account states apply: the window's end or, while it is open, just after now.
  public func statesBefore(asOf now: Timestamp) -> Timestamp {
    min(effectiveEnd, Timestamp(microseconds: now.microseconds + 1))
  }

  /// When the window's figure becomes final: at its end or, if later, when its exposure becomes known.
  public var finalAt: Timestamp { max(effectiveEnd, knownSince) }

  /// The day of the window that contains a moment, in periods of 24 hours from 1.
  public func day(of moment: Timestamp) -> Int {
    Int((moment.microseconds - start.microseconds) / Self.dayMicroseconds) + 1
  }

  /// The share of the window that has passed, from 0 to 1.
  public func elapsedShare(asOf now: Timestamp) -> Double {
    let passed = min(effectiveEnd, max(start, now)).microseconds - start.microseconds
    return Double(passed) / Double(end.microseconds - start.microseconds)
  }

  /// The number of complete days, without days after a rollback.
  public func completeDays(asOf now: Timestamp) -> Int {
    let passed = min(effectiveEnd, now).microseconds - start.microseconds
    return passed < 0 ? 0 : min(days, Int(passed / Self.dayMicroseconds))
  }

  private static let dayMicroseconds: Int64 = 86_400_000_000
}

/// One attempt to launch, as metrics measure it.
public struct Attempt: Sendable, Hashable, Codable {
  /// The attempt's number, from 1.
  public var number: Int
  /// The first real exposure, at which day 1 begins.
  public var startedAt: Timestamp
  /// When it was rolled back; nil if it was not.
  public var rolledBackAt: Timestamp?
  /// When the bus stored the announcement of its exposure.
  public var knownSince: Timestamp

  public init(number: Int, startedAt: Timestamp, rolledBackAt: Timestamp? = nil, knownSince: Timestamp) {
    self.number = number
    self.startedAt = startedAt
    self.rolledBackAt = rolledBackAt
    self.knownSince = knownSince
  }

  /// The window of `days` × 24 hours from exposure.
  public func window(days: Int) -> MeasurementWindow {
    let end = startedAt.adding(days: days)
    return MeasurementWindow(
      start: startedAt, end: end, days: days,
      cutAt: rolledBackAt.flatMap { $0 < end ? max($0, startedAt) : nil }, knownSince: knownSince)
  }
}
