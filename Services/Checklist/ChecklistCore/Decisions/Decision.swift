public import LaunchModel

/// A decision that was made; every one is kept.
public struct Decision: Sendable, Hashable, Codable {
  /// Which of the launch's decisions, from 1.
  public var sequence: Int
  /// GO, NO-GO or hold.
  public var kind: DecisionKind
  /// When it was made, on the service's clock.
  public var at: Timestamp
  /// Who made it, as history writes it, which marks a claimed identity.
  public var by: String
  /// Why, in the words of who made it; nil where none was given.
  public var reason: String?
  /// Whether it was made against the recommendation, which was meant.
  public var override: Bool
  /// What was computed at that moment.
  public var recommendation: Recommendation
  /// What spoke against GO when it was made.
  public var reasons: [ReadinessReason]
  /// The local day on which it was made.
  public var madeOn: LocalDate
  /// What it rests on, as it was when it was made.
  public var basis: DecisionBasis
  /// The SHA-256 of the snapshot's canonical JSON, in lower-case hex.
  public var digest: String
  /// When it was confirmed on the launch date; nil while it was not.
  public var confirmedAt: Timestamp?
  /// Who confirmed it, as history writes it; nil while nobody did.
  public var confirmedBy: String?
  /// When what it rests on became worse; nil while it has not.
  public var staleAt: Timestamp?
  /// What became worse; empty while it is not stale.
  public var staleReasons: [ReadinessReason]

  /// Takes from the snapshot what it tells; it is neither confirmed nor stale yet.
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
  /// The launch that it is about.
  public var launch: LaunchID
  /// GO, NO-GO or hold.
  public var decision: DecisionKind
  /// When it was made, on the service's clock.
  public var at: Timestamp
  /// Who made it, as history writes it, which marks a claimed identity.
  public var by: String
  /// Why, in the words of who made it; nil where none was given.
  public var reason: String?
  /// Whether it was made against the recommendation, which was meant.
  public var override: Bool
  /// What was computed at that moment.
  public var recommendation: Recommendation
  /// What spoke against GO; empty where the recommendation was GO.
  public var reasons: [ReadinessReason]
  /// How ready each function was.
  public var functions: [FunctionReadiness]
  /// What the decision rests on from then on.
  public var basis: DecisionBasis
}
