public import LaunchModel

/// When the review of an attempt opens, and for whom (product.md, section 5).
public enum ReviewSchedule {
  /// The functions that are invited.
  public static let invited: [LaunchFunction] = [.product, .engineering, .marketing, .cs, .support]

  /// Spans of 24 hours between the first exposure and the opening.
  public static let days = 30

  /// The opening of a review: its moment, and the local date that it falls on.
  public struct Opening: Sendable, Hashable {
    /// The moment from which the review is open.
    public var at: Timestamp
    /// The same in the launch's zone, as notices and lists show it.
    public var on: LocalDate

    public init(at: Timestamp, on: LocalDate) {
      self.at = at
      self.on = on
    }
  }

  /// The moment 30 × 24 h after the exposure or, where that is on no business day, 00:00 of the next one.
  ///
  /// - Parameters:
  ///   - calendar: the launch's own, not a function's.
  ///   - zone: the launch's.
  public static func opening(exposure: Timestamp, calendar: BusinessCalendar, zone: ZoneRules) -> Opening {
    let moment = exposure.adding(days: days)
    let day = zone.localDate(at: moment)
    if calendar.isBusinessDay(day) { return Opening(at: moment, on: day) }
    let next = calendar.day(0, from: day)
    return Opening(at: zone.startOfDay(next), on: next)
  }
}
