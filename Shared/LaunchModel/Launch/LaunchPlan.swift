/// What a launch file says: what a person plans, before anything is computed (contract.md, "Launch file").
public struct LaunchPlan: Sendable, Hashable, Codable {
  /// The id; `launch` in files.
  public var launch: LaunchID
  /// As people call it, as `Smart routing`.
  public var name: String
  /// The person who answers for it, as `dana`; on the roster once there is one.
  public var owner: PersonID
  /// The key that signals use for the launched feature; the launch's id where the file has none.
  public var feature: String
  /// The planned local date in `timeZone`.
  public var date: LocalDate
  /// An IANA zone; default `UTC`.
  public var timeZone: String
  /// The key of a business-day calendar; nil stands for Monday to Friday without holidays.
  public var calendar: String?
  /// A function's own calendar, where it differs, by the function's raw value.
  public var calendars: [String: String]
  /// Default `[en]`.
  public var locales: [Locale]
  /// Affected customer segments; default none.
  public var segments: [String]
  /// The next All-Hands before the launch.
  public var allHands: LocalDate?
  /// What tiering and conditions judge by; each may be given, omitted or unknown.
  public var facts: Facts
  /// How it reaches customers; nil where the file does not say.
  public var rollout: Rollout?

  public init(
    launch: LaunchID, name: String, owner: PersonID, feature: String, date: LocalDate, timeZone: String = "UTC",
    calendar: String? = nil, calendars: [String: String] = [:], locales: [Locale] = ["en"], segments: [String] = [],
    allHands: LocalDate? = nil, facts: Facts, rollout: Rollout? = nil
  ) {
    self.launch = launch
    self.name = name
    self.owner = owner
    self.feature = feature
    self.date = date
    self.timeZone = timeZone
    self.calendar = calendar
    self.calendars = calendars
    self.locales = locales
    self.segments = segments
    self.allHands = allHands
    self.facts = facts
    self.rollout = rollout
  }
}

extension LaunchPlan {
  /// How many characters a launch's name has at most.
  public static let longestName = 200

  /// How many locales, and how many segments, a launch has at most.
  public static let mostInstances = 200

  /// Whether a text is written as a language tag is (RFC 5646): parts of 1 to 8 letters and digits joined by `-`, or as
  /// POSIX does by `_`, the first one
  /// letters alone.
  public static func isLocale(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z]{1,8}([-_][A-Za-z0-9]{1,8})*/) != nil && text.utf8.count <= 64
  }

  /// Whether a text can name a segment: one line that is not blank, of at most 200 characters.
  public static func isSegment(_ text: String) -> Bool {
    text.count <= longestName && text.contains { !$0.isWhitespace } && !text.contains(where: \.isNewline)
  }

  /// Whether one of the organisation's own keys, as `feature`, can be looked up by in every store: it has at most 512 bytes,
  /// and no character U+0000.
  public static func fitsKey(_ key: String) -> Bool { key.utf8.count <= 512 && !key.utf8.contains(0) }
}

/// How a launch reaches its customers.
public struct Rollout: Sendable, Hashable, Codable {
  /// All at once, or stage by stage.
  public enum Kind: String, Sendable, Codable, Hashable {
    case full, gradual
  }
  /// All at once, or by the percentages of `stages`.
  public var kind: Kind
  /// The feature flag whose `flag.changed` events are exposure.
  public var flag: String?
  /// Percentages in (0, 100], ascending, for a gradual rollout.
  public var stages: [Double]

  public init(kind: Kind, flag: String? = nil, stages: [Double] = []) {
    self.kind = kind
    self.flag = flag
    self.stages = stages
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    flag = try container.decodeIfPresent(String.self, forKey: .flag)
    stages = try container.decodeIfPresent([Double].self, forKey: .stages) ?? []
  }
}
