/// What two launches, or a launch and a blackout, have in common that they should not.
public enum ConflictKind: String, Sendable, Codable, CaseIterable, Hashable {
  /// Two launches of tiers 0 or 1 in one week, Monday to Sunday.
  case sameWeek = "same-week"
  /// Two launches of tiers 0 to 2 of one owner in one week.
  case sameOwner = "same-owner"
  /// The date is in a blackout that holds for the launch's tier.
  case blackout
  /// One person owns open items of two launches that are due in one week.
  case samePerson = "same-person"
  /// One function has open blocking items of two launches of tiers 0 or 1 that are due in one week.
  case sameFunction = "same-function"

  /// Its place among the kinds, by which lists are ordered.
  public var place: Int {
    switch self {
    case .sameWeek: 0
    case .sameOwner: 1
    case .blackout: 2
    case .samePerson: 3
    case .sameFunction: 4
    }
  }
}

/// A conflict of a launch's date, charged to the launch that was proposed or moved later (product.md, section 1, "Calendar").
public struct LaunchConflict: Sendable, Hashable, Codable {
  /// The launch that it is charged to.
  public var launch: LaunchID
  /// What is in conflict.
  public var kind: ConflictKind
  /// The other launch's id; for a blackout its key.
  public var other: String
  /// A sentence for a person.
  public var reason: String
  /// Nil while nobody has accepted it; then who did, when and why.
  public var accepted: Acceptance?

  public init(launch: LaunchID, kind: ConflictKind, other: String, reason: String, accepted: Acceptance? = nil) {
    self.launch = launch
    self.kind = kind
    self.other = other
    self.reason = reason
    self.accepted = accepted
  }
}

/// That something is as it is with open eyes: who took it, when and why.
public struct Acceptance: Sendable, Hashable, Codable {
  /// Why it is accepted; there is always one.
  public var reason: String
  /// Who accepted it, as `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was accepted.
  public var at: Timestamp

  public init(reason: String, by: String, at: Timestamp) {
    self.reason = reason
    self.by = by
    self.at = at
  }
}
