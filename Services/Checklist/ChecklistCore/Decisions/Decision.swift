public import LaunchModel

/// A decision that was made; every one is kept.
public struct Decision: Sendable, Hashable, Codable {
  /// Which of the launch's decisions, from 1.
  public var sequence: Int
  public var kind: DecisionKind
  public var at: Timestamp
  public var by: String
  public var reason: String?
  /// Whether it was made against the recommendation, which was meant.
  public var override: Bool
  public var recommendation: Recommendation
  /// What spoke against GO when it was made.
  public var reasons: [ReadinessReason]
  /// The local day on which it was made.
  public var madeOn: LocalDate
  public var basis: DecisionBasis
  /// The SHA-256 of the snapshot's canonical JSON, in lower-case hex.
  public var digest: String
  public var confirmedAt: Timestamp?
  public var confirmedBy: String?
  /// When what it rests on became worse; nil while it has not.
  public var staleAt: Timestamp?
  public var staleReasons: [ReadinessReason]

  public init(of snapshot: DecisionSnapshot, sequence: Int, madeOn: LocalDate, digest: String) {
    self.sequence = sequence
    kind = snapshot.decision
    at = snapshot.at
    by = snapshot.by
    reason = snapshot.reason
    override = snapshot.override
    recommendation = snapshot.recommendation
    reasons = snapshot.reasons
    self.madeOn = madeOn
    basis = snapshot.basis
    self.digest = digest
    staleReasons = []
  }

  /// Whether it was made before the launch date, to which its tier binds it.
  public var isEarly: Bool { basis.tier != .minor && madeOn < basis.date }

  /// Whether it opens the gate only once confirmed on the launch date.
  public var needsConfirmation: Bool { isEarly && basis.tier.hasPoll }
}

/// What was known when a decision was made; its canonical JSON is what the decision's digest is of.
public struct DecisionSnapshot: Sendable, Hashable, Codable {
  public var launch: LaunchID
  public var decision: DecisionKind
  public var at: Timestamp
  public var by: String
  public var reason: String?
  public var override: Bool
  public var recommendation: Recommendation
  public var reasons: [ReadinessReason]
  public var functions: [FunctionReadiness]
  public var basis: DecisionBasis
}
