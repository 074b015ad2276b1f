public import LaunchModel

/// A step of exposure, with the resulting exposure of its attempt.
public struct ExposureAnnounced: Codable, Sendable, Hashable {
  /// The attempt at launching, starting at 1.
  public var attempt: Int
  /// The percentage exposed from then on; 0 for a rollback.
  public var percentage: Double
  /// When it happened, possibly long before it was recorded; windows count from it.
  public var occurredAt: Timestamp
  /// The rules that the exposure has violated so far, each starting with a stable identifier, for example `not-sealed:
  /// …`. If there are more than 20, only the first 10 and the last 10.
  public var violations: [String]
  /// The number of violations; nil if `violations` lists them all.
  public var violationCount: Int?
  /// The attempts so far, each with its first exposure and, if rolled back, its end, for consumers that maintain
  /// windows. If there are more than 100, only the last 100; the reasons of rollbacks before the last attempt are cut
  /// to 256 bytes.
  public var attempts: [ExposureAttempt]

  /// - Parameters:
  ///   - violations: every violation, including those that the event will omit.
  ///   - attempts: every attempt, including those that the event will omit.
  public init(
    attempt: Int, percentage: Double, occurredAt: Timestamp, violations: [String], attempts: [ExposureAttempt]
  ) {
    self.attempt = attempt
    self.percentage = percentage
    self.occurredAt = occurredAt
    let bounded = ExposureBounds(violations)
    self.violations = bounded.violations
    violationCount = bounded.count
    self.attempts = attempts.suffix(100)
    for index in self.attempts.indices.dropLast() {
      self.attempts[index].rollbackReason = self.attempts[index].rollbackReason.map { TextLimit.summary.cutting($0) }
    }
  }

  /// Returns all attempts: the known earlier ones, followed by those in this announcement.
  public func attempts(after known: [ExposureAttempt]) -> [ExposureAttempt] {
    guard let first = attempts.first?.attempt else { return [] }
    return known.filter { $0.attempt < first } + attempts
  }
}

/// The violations as announcements and answers contain them: limited in number.
struct ExposureBounds {
  /// The violations if there are at most 20, otherwise the first 10 and the last 10.
  let violations: [String]
  /// The number of all violations; nil if `violations` lists them all.
  let count: Int?

  init(_ all: [String]) {
    violations = all.count > 20 ? Array(all.prefix(10) + all.suffix(10)) : all
    count = all.count > 20 ? all.count : nil
  }
}

/// One attempt at launching.
public struct ExposureAttempt: Codable, Sendable, Hashable {
  /// The attempt's number: 1 for the first, increased by one with each relaunch after a rollback.
  public var attempt: Int
  /// The first exposure: day 0 of its windows.
  public var startedAt: Timestamp
  /// When it was rolled back, which ends its open windows; nil if it was not.
  public var rolledBackAt: Timestamp?
  /// Who rolled it back, for example `dana`, or the source and id of the event that did; nil if it was not.
  public var rolledBackBy: String?
  /// Why it was rolled back, for example `errors doubled`; nil if it was not, or if that happened before a reason was
  /// required.
  public var rollbackReason: String?

  public init(
    attempt: Int, startedAt: Timestamp, rolledBackAt: Timestamp? = nil, rolledBackBy: String? = nil,
    rollbackReason: String? = nil
  ) {
    self.attempt = attempt
    self.startedAt = startedAt
    self.rolledBackAt = rolledBackAt
    self.rolledBackBy = rolledBackBy
    self.rollbackReason = rollbackReason
  }
}
