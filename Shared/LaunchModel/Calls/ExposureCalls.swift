/// A step of exposure, recorded by hand.
public struct ExposureRequest: Codable, Sendable, Hashable {
  /// The launch whose exposure changes.
  public var launch: LaunchID
  /// When it happened; default now; a time in the past is marked backdated.
  public var at: Timestamp?
  /// For `stage`: from 0 to 100.
  public var percentage: Double?
  /// Why, for the audit, as for a rollback; nil where nothing is said.
  public var reason: String?

  public init(launch: LaunchID, at: Timestamp? = nil, percentage: Double? = nil, reason: String? = nil) {
    self.launch = launch
    self.at = at
    self.percentage = percentage
    self.reason = reason
  }
}

/// The exposure of a launch so far.
public struct ExposureView: Codable, Sendable, Hashable {
  /// The launch whose exposure it is.
  public var launch: LaunchID
  /// Each attempt so far, in order of time.
  public var attempts: [ExposureAttempt]
  /// The share of customers who have it now, from 0 to 100.
  public var percentage: Double
  /// Whether the step was recorded later than it happened.
  public var backdated: Bool
  /// What was exposed against the rules, each with a stable word first, as `not-sealed: …`.
  public var violations: [String]

  public init(
    launch: LaunchID, attempts: [ExposureAttempt], percentage: Double, backdated: Bool, violations: [String]
  ) {
    self.launch = launch
    self.attempts = attempts
    self.percentage = percentage
    self.backdated = backdated
    self.violations = violations
  }
}
