public import LaunchModel

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
