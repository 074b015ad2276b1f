public import LaunchModel

/// An organisation's tier policy: ordered rules over facts; the most demanding tier of those that fire wins.
public struct TierPolicy: Sendable, Hashable {
  /// Counts the adopted versions, from 1.
  public var version: Int
  /// What an omitted audience counts as; omitted flags count as no.
  public var defaultAudience: Audience
  /// The tier where no rule fires; nil where the rules are to decide every case, as they must before it is adopted.
  public var otherwise: Tier?
  /// As they were written; their order does not change the tier.
  public var rules: [TierRule]

  public init(version: Int, defaultAudience: Audience, otherwise: Tier?, rules: [TierRule]) {
    self.version = version
    self.defaultAudience = defaultAudience
    self.otherwise = otherwise
    self.rules = rules
  }

  /// The flags that a rule asks about.
  public var flags: [Flag] { Flag.allCases.filter { flag in rules.contains { $0.when.mentions(flag) } } }
}

/// One rule of a policy.
public struct TierRule: Sendable, Hashable {
  /// What explanations and records name where no rule fired.
  static let otherwiseKey = "otherwise"
  /// What explanations and records name where no rule fired, and nothing is said of the rest.
  static let undecidedKey = "undecided"

  /// Unique in its policy, as `revenue`; neither `otherwise` nor `undecided`.
  public var key: String
  /// What it asks for when it fires.
  public var tier: Tier
  /// What must hold of the facts for it to fire.
  public var when: TierCondition
  /// Why it asks for its tier, as a clause.
  public var because: String

  public init(key: String, tier: Tier, when: TierCondition, because: String) {
    self.key = key
    self.tier = tier
    self.when = when
    self.because = because
  }
}

/// A condition over facts.
public indirect enum TierCondition: Sendable, Hashable {
  case flag(Flag)
  /// One of the kinds is among the launch's.
  case kinds([ChangeKind])
  /// The audience is one of these.
  case audience([Audience])
  case all([TierCondition])
  case any([TierCondition])
  case not(TierCondition)

  func mentions(_ flag: Flag) -> Bool {
    switch self {
    case .flag(let own): own == flag
    case .kinds, .audience: false
    case .all(let conditions), .any(let conditions): conditions.contains { $0.mentions(flag) }
    case .not(let condition): condition.mentions(flag)
    }
  }

  var mentionsAudience: Bool {
    switch self {
    case .audience: true
    case .flag, .kinds: false
    case .all(let conditions), .any(let conditions): conditions.contains(where: \.mentionsAudience)
    case .not(let condition): condition.mentionsAudience
    }
  }
}
