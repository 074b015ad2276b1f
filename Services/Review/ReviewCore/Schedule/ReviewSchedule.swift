public import Contract
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

/// The time that the review of one attempt looks at.
public struct AttemptWindow: Sendable, Hashable {
  /// Which of the launch's attempts, from 1.
  public var attempt: Int
  /// The first exposure.
  public var start: Timestamp
  /// What customers said counts until here: 30 × 24 h after the exposure, or the next attempt's exposure.
  ///
  /// A rollback does not end it: what the attempt caused goes on being reported after it.
  public var end: Timestamp
  /// What was decided counts from here: the end of the attempt before, if there was one.
  public var storyStart: Timestamp?
  /// What was decided counts until here: the rollback, if there was one.
  public var storyEnd: Timestamp?

  /// Nil where there is no such attempt.
  public init?(of attempt: Int, in attempts: [ExposureAttempt]) {
    guard let own = attempts.first(where: { $0.attempt == attempt }) else { return nil }
    let next = attempts.filter { $0.attempt > attempt }.min { $0.attempt < $1.attempt }
    let previous = attempts.filter { $0.attempt < attempt }.max { $0.attempt < $1.attempt }
    self.attempt = attempt
    start = own.startedAt
    end = min(own.startedAt.adding(days: ReviewSchedule.days), next?.startedAt ?? Timestamp(microseconds: .max))
    storyStart = previous.map { $0.rolledBackAt ?? $0.startedAt }
    storyEnd = own.rolledBackAt
  }

  /// Whether something that customers said then belongs to the attempt.
  public func contains(_ moment: Timestamp) -> Bool { moment >= start && moment < end }

  /// Whether something that was decided or recorded then belongs to the attempt.
  public func tells(_ moment: Timestamp) -> Bool {
    moment >= storyStart ?? Timestamp(microseconds: .min) && moment <= storyEnd ?? Timestamp(microseconds: .max)
  }
}
