public import Contract
public import LaunchModel

/// When the review of an attempt opens, and who is invited (product.md, section 5).
public enum ReviewSchedule {
  /// The invited functions.
  public static let invited: [LaunchFunction] = [.product, .engineering, .marketing, .cs, .support]

  /// The number of 24-hour periods from the first exposure to the opening of the review.
  ///
  /// It also ends the window in which customer signals count for the attempt (`AttemptWindow.end`).
  public static let days = 30

  /// The moment at which a review opens, with its local date.
  public struct Opening: Sendable, Hashable {
    /// The moment from which the review is open.
    public var at: Timestamp
    /// Its date in the launch's zone, as shown in notices and lists.
    public var on: LocalDate

    public init(at: Timestamp, on: LocalDate) {
      self.at = at
      self.on = on
    }
  }

  /// Returns the moment `days` × 24 h after the exposure or, if that is not on a business day, 00:00 of the next one.
  ///
  /// - Parameters:
  ///   - exposure: the attempt's first exposure.
  ///   - calendar: the calendar of the launch, not of a function.
  ///   - zone: the launch's time zone.
  public static func opening(exposure: Timestamp, calendar: BusinessCalendar, zone: ZoneRules) -> Opening {
    let moment = exposure.adding(days: days)
    let day = zone.localDate(at: moment)
    if calendar.isBusinessDay(day) { return Opening(at: moment, on: day) }
    let next = calendar.day(0, from: day)
    return Opening(at: zone.startOfDay(next), on: next)
  }
}

/// The period that the review of one attempt covers.
public struct AttemptWindow: Sendable, Hashable {
  /// The number of the attempt, from 1.
  public var attempt: Int
  /// The first exposure, from which customer signals count.
  public var start: Timestamp
  /// The end for customer signals, exclusive: `ReviewSchedule.days` × 24 h after the exposure, or the next attempt's
  /// exposure if that is earlier.
  ///
  /// A rollback does not end it, because problems that the attempt caused are still reported afterwards.
  public var end: Timestamp
  /// The start for decisions: the end of the previous attempt; nil if there was none.
  public var decisionsStart: Timestamp?
  /// The end for decisions, inclusive: the rollback; nil if there was none.
  public var decisionsEnd: Timestamp?

  /// Returns nil if there is no such attempt.
  public init?(of attempt: Int, in attempts: [ExposureAttempt]) {
    guard let own = attempts.first(where: { $0.attempt == attempt }) else { return nil }
    let next = attempts.filter { $0.attempt > attempt }.min { $0.attempt < $1.attempt }
    let previous = attempts.filter { $0.attempt < attempt }.max { $0.attempt < $1.attempt }
    self.attempt = attempt
    start = own.startedAt
    end = min(own.startedAt.adding(days: ReviewSchedule.days), next?.startedAt ?? Timestamp(microseconds: .max))
    decisionsStart = previous.map { $0.rolledBackAt ?? $0.startedAt }
    decisionsEnd = own.rolledBackAt
  }

  /// Whether a customer signal at a moment belongs to the attempt.
  public func contains(_ moment: Timestamp) -> Bool { moment >= start && moment < end }

  /// Whether a decision made or recorded at a moment belongs to the attempt.
  public func coversDecision(at moment: Timestamp) -> Bool {
    moment >= decisionsStart ?? Timestamp(microseconds: .min) && moment <= decisionsEnd ?? Timestamp(microseconds: .max)
  }
}
