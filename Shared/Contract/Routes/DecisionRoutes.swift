public import LaunchModel

/// A decision for Product Ops to make.
public struct DecisionRequest: Codable, Sendable, Hashable {
  /// The launch to decide on.
  public var launch: LaunchID
  /// Go, no-go or hold; `go` against the recommendation requires `override`.
  public var decision: DecisionKind
  /// Why; required for no-go, hold and an override.
  public var reason: String?
  /// Whether to deliberately decide against the recommendation.
  public var override: Bool?
  /// The digest of the artifact that a GO is bound to, for example `sha256:` and 64 hexadecimal digits; nil for any
  /// artifact.
  public var artifact: String?

  public init(
    launch: LaunchID, decision: DecisionKind, reason: String? = nil, override: Bool? = nil, artifact: String? = nil
  ) {
    self.launch = launch
    self.decision = decision
    self.reason = reason
    self.override = override
    self.artifact = artifact
  }
}

/// A question to the gate of a launch.
public struct GateRequest: Codable, Sendable, Hashable {
  /// The launch that is to ship.
  public var launch: LaunchID
  /// The digest of the artifact that is to ship, for example `sha256:` and 64 hexadecimal digits; required if the GO is
  /// bound to one.
  public var artifact: String?
  /// How long to wait for a closed gate to open, in milliseconds: at most 4,000, and not at all if too many callers are
  /// already waiting. Nil answers at once.
  public var waitMs: Int?

  public init(launch: LaunchID, artifact: String? = nil, waitMs: Int? = nil) {
    self.launch = launch
    self.artifact = artifact
    self.waitMs = waitMs
  }
}

/// The current decision of a launch; every value is nil or false if there is none.
public struct DecisionView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The latest decision; nil if there is none.
  public var decision: DecisionKind?
  /// Whether it is a GO that currently opens the gate; false while the line is halted.
  public var inForce: Bool
  /// Whether it is a GO whose date has not come yet, or that must still be confirmed on it.
  public var provisional: Bool
  /// Whether something that the GO depended on has changed for the worse, so that it must be decided again.
  public var stale: Bool
  /// Why it is not in force or went stale; for a gate, why it is closed.
  public var reasons: [ReadinessReason]
  /// The SHA-256 of the decision's snapshot, lower-case hex; nil without a decision.
  public var digest: String?
  /// When it was made; nil without a decision.
  public var at: Timestamp?
  /// Who made it: `dana`, or `dana (claimed by uid:1000)`; nil without a decision.
  public var by: String?
  /// The reason given with it; nil if there was none.
  public var reason: String?
  /// Whether it was made against the recommendation.
  public var override: Bool
  /// When it was confirmed on the launch date; nil if it was not.
  public var confirmedAt: Timestamp?
  /// The system's recommendation when it was made; nil without a decision.
  public var recommendation: Recommendation?
  /// The digest of the artifact that the GO is bound to, for example `sha256:9f86d0…`; nil if it is bound to none.
  public var artifact: String?

  public init(
    launch: LaunchID, decision: DecisionKind? = nil, inForce: Bool = false, provisional: Bool = false,
    stale: Bool = false, reasons: [ReadinessReason] = [], digest: String? = nil, at: Timestamp? = nil,
    by: String? = nil, reason: String? = nil, override: Bool = false, confirmedAt: Timestamp? = nil,
    recommendation: Recommendation? = nil, artifact: String? = nil
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
    self.artifact = artifact
  }

  /// Encodes every field, with null for missing values, so that scripts always find them.
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
    try container.encode(artifact, forKey: .artifact)
  }
}

/// Whether the launch may ship: `open`, together with the fields of the current decision.
public struct GateView: Codable, Sendable, Hashable {
  /// Whether the launch may ship now; `gonogo gate` exits 0 only then.
  public var open: Bool
  /// The launch.
  public var launch: LaunchID
  /// The latest decision; nil, with the gate closed, if there is none.
  public var decision: DecisionKind?
  /// Whether it is a GO that is currently in force; false while the line is halted.
  public var inForce: Bool
  /// Whether it is a GO whose date has not come yet, or that must still be confirmed on it.
  public var provisional: Bool
  /// Whether something that the GO depended on has changed for the worse.
  public var stale: Bool
  /// Why the gate is closed; empty if it is open.
  public var reasons: [ReadinessReason]
  /// The SHA-256 of the decision's snapshot, lower-case hex; nil without a decision.
  public var digest: String?
  /// When the decision was made; nil if there is none.
  public var at: Timestamp?
  /// Who made the decision: `dana`, or `dana (claimed by uid:1000)`; nil if there is none.
  public var by: String?
  /// The digest of the artifact that the GO is bound to, for example `sha256:9f86d0…`; nil if it is bound to none.
  public var artifact: String?

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
    artifact = view.artifact
  }

  /// Encodes every field, with null for missing values, so that scripts always find them.
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
    try container.encode(artifact, forKey: .artifact)
  }
}

/// A manually recorded step of exposure.
public struct ExposureRequest: Codable, Sendable, Hashable {
  /// The launch whose exposure changes.
  public var launch: LaunchID
  /// When it happened; default now. A time in the past is marked as backdated.
  public var at: Timestamp?
  /// For `stage`: the percentage, from 0 to 100.
  public var percentage: Double?
  /// Why, for the audit trail; required for a rollback, including a stage of 0.
  public var reason: String?

  public init(launch: LaunchID, at: Timestamp? = nil, percentage: Double? = nil, reason: String? = nil) {
    self.launch = launch
    self.at = at
    self.percentage = percentage
    self.reason = reason
  }
}

/// The effect of recording an exposure: a stage if the request has a percentage, otherwise the first exposure.
public struct ExposurePreview: Codable, Sendable, Hashable {
  /// The exposure after the step.
  public var exposure: ExposureView
  /// The rules that the step would newly violate, in the form of `violations`, for example `without-go`.
  public var breaks: [String]
  /// Whether customers would get the launch without a GO in force, or while the line is halted; `breaks` then says so,
  /// too.
  public var withoutGo: Bool

  public init(exposure: ExposureView, breaks: [String], withoutGo: Bool) {
    self.exposure = exposure
    self.breaks = breaks
    self.withoutGo = withoutGo
  }
}

/// The exposure of a launch so far.
public struct ExposureView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// All attempts so far, by time.
  public var attempts: [ExposureAttempt]
  /// The percentage of customers who currently have the launch, from 0 to 100.
  public var percentage: Double
  /// Whether the latest step was recorded later than it happened.
  public var backdated: Bool
  /// The rules that the exposure has violated, each starting with a stable identifier, for example `not-sealed: …`. If
  /// there are more than 20, only the first 10 and the last 10.
  public var violations: [String]
  /// The number of violations; nil if `violations` lists them all.
  public var violationCount: Int?

  /// - Parameter violations: every violation, including those that the view will omit.
  public init(
    launch: LaunchID, attempts: [ExposureAttempt], percentage: Double, backdated: Bool, violations: [String]
  ) {
    self.launch = launch
    self.attempts = attempts
    self.percentage = percentage
    self.backdated = backdated
    let bounded = ExposureBounds(violations)
    self.violations = bounded.violations
    violationCount = bounded.count
  }
}
