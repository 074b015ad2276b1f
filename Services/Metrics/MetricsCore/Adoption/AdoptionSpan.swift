public import LaunchModel

/// The span of time that one pair of day columns counts, and the moments at which its days become final.
///
/// Day n, from 1, is the n-th span of 24 hours from the start; the last one is shorter if the span ends within it. A day is final at
/// its end, or once its exposure had become known if that was later.
public struct AdoptionSpan: Sendable, Hashable {
  /// When counting begins, inclusive.
  public let start: Timestamp
  /// When counting ends, exclusive.
  public let end: Timestamp
  /// When its exposure became known.
  public let knownSince: Timestamp
  /// The last day; 0 if the span is empty.
  public let lastDay: Int

  /// The longest span, in days: a window has at most 366.
  public static let mostDays = Int(DayColumn.none) - 2

  public init(start: Timestamp, end: Timestamp, knownSince: Timestamp) {
    self.start = start
    self.end = max(start, min(end, start.adding(days: Self.mostDays)))
    self.knownSince = knownSince
    lastDay = Int((self.end.microseconds - start.microseconds + Self.day - 1) / Self.day)
  }

  /// Whether a moment is in the span.
  @inline(__always)
  public func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }

  /// The day that contains a moment; nil outside the span.
  @inline(__always)
  public func day(of moment: Timestamp) -> Int? {
    guard start <= moment, moment < end else { return nil }
    return Int((moment.microseconds - start.microseconds) / Self.day) + 1
  }

  /// The first day that was not final yet when an event was stored; the day after the last one if all were.
  @inline(__always)
  public func closingDay(storedAt moment: Timestamp) -> Int {
    guard moment >= knownSince, moment >= start else { return 1 }
    guard moment < end else { return lastDay + 1 }
    return Int((moment.microseconds - start.microseconds) / Self.day) + 1
  }

  /// The end of a day.
  public func end(ofDay day: Int) -> Timestamp { min(end, start.adding(days: day)) }

  /// When the counts of a day became final.
  public func closing(ofDay day: Int) -> Timestamp { max(end(ofDay: day), knownSince) }

  private static let day: Int64 = 86_400_000_000
}
