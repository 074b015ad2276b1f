public import LaunchModel

/// What Product Ops decides.
public struct DecisionRequest: Codable, Sendable, Hashable {
  /// The launch to decide on.
  public var launch: LaunchID
  /// Go, no-go or hold; `go` against the recommendation takes `override`.
  public var decision: DecisionKind
  /// Why; needed for no-go, hold and an override.
  public var reason: String?
  /// Whether a decision against the recommendation is meant.
  public var override: Bool?

  public init(launch: LaunchID, decision: DecisionKind, reason: String? = nil, override: Bool? = nil) {
    self.launch = launch
    self.decision = decision
    self.reason = reason
    self.override = override
  }
}

/// The standing decision of a launch; all nil and false where there is none.
public struct DecisionView: Codable, Sendable, Hashable {
  /// The launch asked about.
  public var launch: LaunchID
  /// What was decided last; nil while nothing was.
  public var decision: DecisionKind?
  /// Whether it is a GO that opens the gate now.
  public var inForce: Bool
  /// Whether it is a GO whose date has not come, or that is still to be confirmed on it.
  public var provisional: Bool
  /// Whether something that the GO rested on has changed for the worse since; it is to be made again.
  public var stale: Bool
  /// Why it is not in force, or why it went stale; for a gate, why it is closed.
  public var reasons: [ReadinessReason]
  /// The SHA-256 of the snapshot that it rests on, lower-case hex; nil while there is no decision.
  public var digest: String?
  /// When it was made; nil while there is none.
  public var at: Timestamp?
  /// Who made it, as `dana`, or `dana (claimed by uid:1000)`; nil while there is none.
  public var by: String?
  /// The reason given with it; nil where there was none.
  public var reason: String?
  /// Whether it was made against the recommendation.
  public var override: Bool
  /// When it was confirmed on the launch date; nil where it was not.
  public var confirmedAt: Timestamp?
  /// What the system recommended when it was made; nil while there is no decision.
  public var recommendation: Recommendation?

  public init(
    launch: LaunchID, decision: DecisionKind? = nil, inForce: Bool = false, provisional: Bool = false,
    stale: Bool = false, reasons: [ReadinessReason] = [], digest: String? = nil, at: Timestamp? = nil,
    by: String? = nil, reason: String? = nil, override: Bool = false, confirmedAt: Timestamp? = nil,
    recommendation: Recommendation? = nil
  ) {
    self.launch = launch
    self.decision = decision
    self.inForce = inForce
    self.provisional = provisional
    self.stale = stale
    self.reasons = reasons
    self.digest = digest
    self.at = at
    self.by = by
    self.reason = reason
    self.override = override
    self.confirmedAt = confirmedAt
    self.recommendation = recommendation
  }

  /// Writes every field, with null for what there is not, so that scripts always find it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(launch, forKey: .launch)
    try container.encode(decision, forKey: .decision)
    try container.encode(inForce, forKey: .inForce)
    try container.encode(provisional, forKey: .provisional)
    try container.encode(stale, forKey: .stale)
    try container.encode(reasons, forKey: .reasons)
    try container.encode(digest, forKey: .digest)
    try container.encode(at, forKey: .at)
    try container.encode(by, forKey: .by)
    try container.encode(reason, forKey: .reason)
    try container.encode(override, forKey: .override)
    try container.encode(confirmedAt, forKey: .confirmedAt)
    try container.encode(recommendation, forKey: .recommendation)
  }
}

/// The answer to "may this ship?": the standing decision's fields, and `open`.
public struct GateView: Codable, Sendable, Hashable {
  /// Whether the launch may ship now; only then does `gonogo gate` exit 0.
  public var open: Bool
  /// The launch asked about.
  public var launch: LaunchID
  /// What was decided last; nil while nothing was, and then the gate is closed.
  public var decision: DecisionKind?
  /// Whether it is a GO that holds now.
  public var inForce: Bool
  /// Whether it is a GO whose date has not come, or that is still to be confirmed on it.
  public var provisional: Bool
  /// Whether something that the GO rested on has changed for the worse since.
  public var stale: Bool
  /// Why the gate is closed; empty where it is open.
  public var reasons: [ReadinessReason]
  /// The SHA-256 of the snapshot that the decision rests on, lower-case hex; nil while there is none.
  public var digest: String?
  /// When the decision was made; nil while there is none.
  public var at: Timestamp?
  /// Who made it, as `dana`, or `dana (claimed by uid:1000)`; nil while there is none.
  public var by: String?

  public init(open: Bool, of view: DecisionView, reasons: [ReadinessReason]) {
    self.open = open
    launch = view.launch
    decision = view.decision
    inForce = view.inForce
    provisional = view.provisional
    stale = view.stale
    self.reasons = reasons
    digest = view.digest
    at = view.at
    by = view.by
  }

  /// Writes every field, with null for what there is not, so that scripts always find it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(open, forKey: .open)
    try container.encode(launch, forKey: .launch)
    try container.encode(decision, forKey: .decision)
    try container.encode(inForce, forKey: .inForce)
    try container.encode(provisional, forKey: .provisional)
    try container.encode(stale, forKey: .stale)
    try container.encode(reasons, forKey: .reasons)
    try container.encode(digest, forKey: .digest)
    try container.encode(at, forKey: .at)
    try container.encode(by, forKey: .by)
  }
}

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
