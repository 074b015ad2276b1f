/// How demanding a launch's required readiness is; 0 is the most demanding.
public enum Tier: Int, Sendable, Codable, CaseIterable, Hashable, Comparable {
  case launchEvent = 0
  case major = 1
  case moderate = 2
  case minor = 3

  /// Sorts tiers like their numbers: a more demanding tier comes first.
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

  /// The minimum number of days from the local day on which the tier was reached to the launch date (product.md,
  /// section 1).
  public var minimumWindowDays: Int {
    switch self {
    case .launchEvent, .major: 28
    case .moderate: 14
    case .minor: 0
    }
  }

  /// Whether launches of this tier have a poll of the lead of every function.
  public var hasPoll: Bool { self <= .major }

  /// Whether launches of this tier have sealed metrics and a review.
  public var isMeasured: Bool { self <= .moderate }
}

/// One policy rule that fired, with the facts that fired it.
public struct TierReason: Sendable, Hashable, Codable {
  /// The tier that the rule results in.
  public var tier: Tier
  /// The rule's key in the policy.
  public var rule: String
  /// The facts involved, for example `kind new-surface` or `companyWide unknown`.
  public var facts: [String]
  /// A sentence to show to people.
  public var detail: String

  public init(tier: Tier, rule: String, facts: [String], detail: String) {
    self.tier = tier
    self.rule = rule
    self.facts = facts
    self.detail = detail
  }
}

/// One smallest set of changes to facts that would result in another tier.
public struct TierAlternative: Sendable, Hashable, Codable {
  /// The resulting tier; differs from the current one.
  public var tier: Tier
  /// The changes, for example `kinds: remove new-surface` or `audience: subset`.
  public var changes: [String]

  public init(tier: Tier, changes: [String]) {
    self.tier = tier
    self.changes = changes
  }
}

/// A tier that Product Ops set in place of the computed one.
public struct TierOverride: Sendable, Hashable, Codable {
  /// The tier in force; may be more or less demanding than the computed one.
  public var tier: Tier
  /// Why; never empty.
  public var reason: String
  /// Who set it: `dana`, or `dana (claimed by uid:1000)`.
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

/// How much a date is too early for the window and the items' lead times.
public struct Shortfall: Sendable, Hashable, Codable {
  /// Calendar days from the date to the earliest date.
  public var days: Int
  /// Its causes, for example `the window of 28 days` or `internal-demo needs 5 business days`.
  public var because: [String]
  /// Who waived it, when and why; nil if nobody has.
  public var waived: Waiver?

  public init(days: Int, because: [String], waived: Waiver? = nil) {
    self.days = days
    self.because = because
    self.waived = waived
  }

  /// An acceptance that is on record.
  public typealias Waiver = Acceptance
}
