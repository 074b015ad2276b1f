public import LaunchModel

/// A step of exposure, with the resulting exposure of its attempt.
public struct ExposureAnnounced: Codable, Sendable, Hashable {
  /// The attempt at launching, starting at 1.
  public var attempt: Int
  /// The percentage exposed from then on; 0 for a rollback.
  public var percentage: Double
  /// When it happened, which may be long before it was recorded; windows count from it.
  public var occurredAt: Timestamp
  /// The rules violated by the exposure so far, each starting with a stable identifier, for example `not-sealed: …`; of more than
  /// 20 the first 10 and the last 10.
  public var violations: [String]
  /// How many violations there are; nil if `violations` has all.
  public var violationCount: Int?
  /// The attempts so far with their first exposure and, if rolled back, their end, for consumers that maintain windows; of more than
  /// 100 the last 100. The reasons of rollbacks before the last attempt are cut to 256 bytes.
  public var attempts: [ExposureAttempt]

  /// - Parameters:
  ///   - violations: all of them.
  ///   - attempts: all of them.
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

  /// All attempts: those announced, after the earlier ones that are known already.
  public func attempts(after known: [ExposureAttempt]) -> [ExposureAttempt] {
    guard let first = attempts.first?.attempt else { return [] }
    return known.filter { $0.attempt < first } + attempts
  }
}

/// The violations that announcements and answers contain, however many there are.
struct ExposureBounds {
  /// At most 20: the first and the last ones.
  let violations: [String]
  /// How many there are; nil if all are contained.
  let count: Int?

  init(_ all: [String]) {
    violations = all.count > 20 ? Array(all.prefix(10) + all.suffix(10)) : all
    count = all.count > 20 ? all.count : nil
  }
}

/// One attempt at launching.
public struct ExposureAttempt: Codable, Sendable, Hashable {
  /// Starts at 1 and increases by one with each relaunch after a rollback.
  public var attempt: Int
  /// The first exposure: day 0 of its windows.
  public var startedAt: Timestamp
  /// When it was rolled back, which ends its open windows; nil if it was not.
  public var rolledBackAt: Timestamp?
  /// Who rolled it back, for example `dana`, or the event that did, by source and id; nil if it was not.
  public var rolledBackBy: String?
  /// Why it was rolled back, for example `errors doubled`; nil if it was not, or was before a reason was required.
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
