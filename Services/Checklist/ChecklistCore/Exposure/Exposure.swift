public import LaunchModel

/// A launch's exposure: the fold of its steps by the time at which they happened, so that a late one restates it.
public struct Exposure: Sendable, Hashable {
  /// By occurrence, then by recording.
  public let steps: [ExposureStep]
  /// Each attempt at launching, from 1: a rollback ends one, and what follows is the next.
  public let attempts: [ExposureAttempt]

  /// Folds the steps of one launch, in any order, by when they happened.
  public init(_ steps: [ExposureStep]) {
    self.steps = steps.sorted { ($0.at, $0.sequence) < ($1.at, $1.sequence) }
    var attempts: [ExposureAttempt] = []
    for step in self.steps {
      let isLive = attempts.last.map { $0.rolledBackAt == nil } ?? false
      if step.percentage > 0, !isLive {
        attempts.append(ExposureAttempt(attempt: attempts.count + 1, startedAt: step.at))
      } else if step.percentage == 0, isLive {
        attempts[attempts.count - 1].rolledBackAt = step.at
      }
    }
    self.attempts = attempts
  }

  /// The share of customers that had it at a moment, in percent.
  public func percentage(at moment: Timestamp) -> Double { steps.last { $0.at <= moment }?.percentage ?? 0 }

  /// The share of customers that have it by the last step.
  public var percentage: Double { steps.last?.percentage ?? 0 }

  /// The attempt that was running at a moment, as it is known to have gone since; nil where it was dark.
  public func attempt(at moment: Timestamp) -> ExposureAttempt? {
    attempts.last { attempt in attempt.startedAt <= moment && (attempt.rolledBackAt.map { moment < $0 } ?? true) }
  }

  /// The steps that changed the share upwards: each needed a GO in force.
  public var advances: [ExposureStep] {
    var before = 0.0
    return steps.filter { step in
      defer { before = step.percentage }
      return step.percentage > before
    }
  }
}
