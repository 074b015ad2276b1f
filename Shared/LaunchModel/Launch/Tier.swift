/// How demanding a launch's readiness is; 0 is the most demanding.
public enum Tier: Int, Sendable, Codable, CaseIterable, Hashable, Comparable {
  case launchEvent = 0
  case major = 1
  case moderate = 2
  case minor = 3

  /// Less demanding sorts after more demanding, as the numbers do.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// `Launch event`, `Major`, `Moderate` or `Minor`.
  public var title: String {
    switch self {
    case .launchEvent: "Launch event"
    case .major: "Major"
    case .moderate: "Moderate"
    case .minor: "Minor"
    }
  }

  /// The days between the local day on which the tier was reached and the earliest launch date (product.md, section 1).
  public var minimumWindowDays: Int {
    switch self {
    case .launchEvent, .major: 28
    case .moderate: 14
    case .minor: 0
    }
  }

  /// Whether launches of this tier have a poll of every function's lead.
  public var hasPoll: Bool { self <= .major }

  /// Whether launches of this tier have sealed metrics and a review.
  public var isMeasured: Bool { self <= .moderate }
}

/// One rule of the policy that matched, with the facts that fired it.
public struct TierReason: Sendable, Hashable, Codable {
  /// The tier that the rule gives.
  public var tier: Tier
  /// The rule's key in the policy.
  public var rule: String
  /// The facts concerned, as `kind new-surface` or `companyWide unknown`.
  public var facts: [String]
  /// A sentence for a person.
  public var detail: String

  public init(tier: Tier, rule: String, facts: [String], detail: String) {
    self.tier = tier
    self.rule = rule
    self.facts = facts
    self.detail = detail
  }
}

/// One smallest set of changed facts that would give another tier.
public struct TierAlternative: Sendable, Hashable, Codable {
  /// The tier that the changes would give, another than the present one.
  public var tier: Tier
  /// The changes, as `kinds: remove new-surface` or `audience: subset`.
  public var changes: [String]

  public init(tier: Tier, changes: [String]) {
    self.tier = tier
    self.changes = changes
  }
}

/// A tier that Product Ops set against the computed one.
public struct TierOverride: Sendable, Hashable, Codable {
  /// The tier in force instead, more or less demanding than the computed one.
  public var tier: Tier
  /// Why; there is always one.
  public var reason: String
  /// Who set it, as `dana`, or `dana (claimed by uid:1000)`.
  public var by: String
  /// When it was set.
  public var at: Timestamp

  public init(tier: Tier, reason: String, by: String, at: Timestamp) {
    self.tier = tier
    self.reason = reason
    self.by = by
    self.at = at
  }
}

/// How far a date is before the earliest that the window and the items' lead times allow.
public struct Shortfall: Sendable, Hashable, Codable {
  /// Calendar days between the date and the earliest date.
  public var days: Int
  /// What causes it, as `the window of 28 days` or `internal-demo needs 5 business days`.
  public var because: [String]
  /// Nil while it is not waived; then who, when and why.
  public var waived: Waiver?

  public init(days: Int, because: [String], waived: Waiver? = nil) {
    self.days = days
    self.because = because
    self.waived = waived
  }

  /// An acceptance on record.
  public typealias Waiver = Acceptance
}
