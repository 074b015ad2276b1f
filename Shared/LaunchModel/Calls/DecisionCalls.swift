/// What Product Ops decides.
public struct DecisionRequest: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var decision: DecisionKind
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
  public var launch: LaunchID
  public var decision: DecisionKind?
  public var inForce: Bool
  public var provisional: Bool
  public var stale: Bool
  /// Why it is not in force, or why it went stale; for a gate, why it is closed.
  public var reasons: [ReadinessReason]
  public var digest: String?
  public var at: Timestamp?
  public var by: String?
  public var reason: String?
  public var override: Bool
  public var confirmedAt: Timestamp?
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
}

/// The answer to "may this ship?": the standing decision's fields, and `open`.
public struct GateView: Codable, Sendable, Hashable {
  public var open: Bool
  public var launch: LaunchID
  public var decision: DecisionKind?
  public var inForce: Bool
  public var provisional: Bool
  public var stale: Bool
  public var reasons: [ReadinessReason]
  public var digest: String?
  public var at: Timestamp?
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
}
