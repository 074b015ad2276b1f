public import JSON

/// How a launch's date conflicts with another launch or with a blackout.
public enum ConflictKind: String, Sendable, Codable, CaseIterable, Hashable {
  /// Two launches of tiers 0 or 1 in one week, Monday to Sunday.
  case sameWeek = "same-week"
  /// Two launches of tiers 0 to 2 of one owner in one week.
  case sameOwner = "same-owner"
  /// The date is in a blackout that applies to the launch's tier.
  case blackout
  /// One person owns open items of two launches that are due in one week.
  case samePerson = "same-person"
  /// One function has open blocking items of two launches of tiers 0 or 1 that are due in one week.
  case sameFunction = "same-function"

  /// The kind's position in sorted lists.
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

/// The effect on GO of a double booking, a conflict between people's work rather than between dates.
public enum BookingRule: String, Sendable, Codable, CaseIterable, Hashable {
  /// The booking is only shown.
  case warning
  /// The booking is a reason against GO until it is accepted.
  case reason

  /// The kinds of conflicts that are double bookings.
  public static let kinds = [ConflictKind.samePerson, .sameFunction]

  /// Returns the kinds that a policy document makes reasons against GO; none unless it names them.
  public static func reasons(in policy: JSONValue) -> [ConflictKind] {
    kinds.filter { policy["bookings"]?[$0.rawValue]?.stringValue == reason.rawValue }
  }
}

/// A conflict of a launch's date, charged to the launch that was proposed or moved later (product.md, section 1,
/// "Calendar").
public struct LaunchConflict: Sendable, Hashable, Codable {
  /// The launch it is charged to.
  public var launch: LaunchID
  /// The kind of conflict.
  public var kind: ConflictKind
  /// The other launch's id, or the blackout's key.
  public var other: String
  /// A sentence to show to people.
  public var reason: String
  /// Who accepted it, when and why; nil if nobody has.
  public var accepted: Acceptance?

  public init(launch: LaunchID, kind: ConflictKind, other: String, reason: String, accepted: Acceptance? = nil) {
    self.launch = launch
    self.kind = kind
    self.other = other
    self.reason = reason
    self.accepted = accepted
  }
}

/// A deliberate acceptance of a problem: who accepted it, when and why.
public struct Acceptance: Sendable, Hashable, Codable {
  /// Why it is accepted; never empty.
  public var reason: String
  /// Who accepted it: `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was accepted.
  public var at: Timestamp

  public init(reason: String, by: String, at: Timestamp) {
    self.reason = reason
    self.by = by
    self.at = at
  }
}
