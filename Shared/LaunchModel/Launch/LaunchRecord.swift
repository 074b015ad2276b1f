/// A launch as tiering stores and announces it: the plan and everything that tiering derives from it.
///
/// On the wire `plan` is flattened: the launch file's fields appear beside the computed ones, with the id as `id`.
public struct LaunchRecord: Sendable, Hashable {
  /// The plan in its current state.
  public var plan: LaunchPlan
  /// The tier in force: the override if there is one, otherwise the computed tier.
  public var tier: Tier
  /// The tier that the policy computes from the facts, also recorded while an override is in force.
  public var tierComputed: Tier
  /// The version of the policy that computed it; nil in records older than this field.
  public var policyVersion: Int?
  /// The policy rules that fired, with the facts that fired them.
  public var tierReasons: [TierReason]
  /// Facts that were omitted and therefore have the policy's default, for example `audience: subset`.
  public var assumed: [String]
  /// Facts that are unknown and therefore count as the more demanding answer.
  public var openQuestions: [String]
  /// The smallest changes of facts that would result in each other tier.
  public var alternatives: [TierAlternative]
  /// The override in force; nil if the computed tier is in force.
  public var override: TierOverride?
  /// The local day on which each tier, or a more demanding one, was reached; keyed by the tier's number.
  public var reachedOn: [String: LocalDate]
  /// The earliest date allowed by the tier's window and the items' lead times.
  public var earliestDate: LocalDate
  /// The reasons for that date, for example `the window of 28 days from 2027-02-01`.
  public var earliestBecause: [String]
  /// The shortfall; nil unless the date is too early for the window and lead times. A blackout is not a shortfall but a
  /// conflict.
  public var shortfall: Shortfall?
  /// The conflicts charged to this launch, including accepted ones; if there are many, only the first, with open ones
  /// first.
  public var conflicts: [LaunchConflict]
  /// The number of conflicts; nil if `conflicts` lists them all.
  public var conflictCount: ConflictCount?
  /// The number of changes to `conflicts` that other launches caused, which `version` does not count; 0 before the
  /// first.
  public var conflictsVersion: Int
  /// The status, derived from other services' announcements; `version` does not count its changes.
  public var status: LaunchStatus
  /// The version: counts changes to anything that decisions depend on, starting at 1; it counts neither changes of the
  /// status nor changes of conflicts caused by other launches.
  public var version: Int
  /// Further remarks about the date, such as that it has passed or that a year's holidays are not known.
  public var notes: [String]
  /// When it was proposed.
  public var proposedAt: Timestamp
  /// Who proposed it: `dana`, or `dana (claimed by uid:1000)`.
  public var proposedBy: String
  /// When it was proposed or its date last moved; a conflict is charged to the launch with the later time.
  public var placedAt: Timestamp
  /// The last confirmation of the date, which `version` does not count. Nil in records that are older than
  /// confirmations.
  public var confirmation: DateConfirmation?

  public init(
    plan: LaunchPlan, tier: Tier, tierComputed: Tier, policyVersion: Int? = nil, tierReasons: [TierReason],
    assumed: [String],
    openQuestions: [String], alternatives: [TierAlternative], override: TierOverride? = nil,
    reachedOn: [String: LocalDate], earliestDate: LocalDate, earliestBecause: [String] = [],
    shortfall: Shortfall? = nil,
    conflicts: [LaunchConflict] = [], conflictsVersion: Int = 0, status: LaunchStatus = .proposed, version: Int = 1,
    notes: [String] = [],
    proposedAt: Timestamp, proposedBy: String, placedAt: Timestamp? = nil, confirmation: DateConfirmation? = nil
  ) {
    self.plan = plan
    self.tier = tier
    self.tierComputed = tierComputed
    self.policyVersion = policyVersion
    self.tierReasons = tierReasons
    self.assumed = assumed
    self.openQuestions = openQuestions
    self.alternatives = alternatives
    self.override = override
    self.reachedOn = reachedOn
    self.earliestDate = earliestDate
    self.earliestBecause = earliestBecause
    self.shortfall = shortfall
    self.conflicts = []
    self.conflictsVersion = conflictsVersion
    self.status = status
    self.version = version
    self.notes = notes
    self.proposedAt = proposedAt
    self.proposedBy = proposedBy
    self.placedAt = placedAt ?? proposedAt
    self.confirmation = confirmation
    setConflicts(conflicts)
  }
}

extension LaunchRecord {
  /// The maximum number of conflicts in a record, which keeps its announcement small; `calendar.conflicts` lists all.
  public static let mostConflicts = 20

  /// Replaces the conflicts.
  ///
  /// - Parameter all: all conflicts charged to the launch, in the order in which they are listed.
  public mutating func setConflicts(_ all: [LaunchConflict]) {
    let open = all.filter { $0.accepted == nil }
    guard all.count > Self.mostConflicts else {
      (conflicts, conflictCount) = (all, nil)
      return
    }
    conflicts = Array((open + all.filter { $0.accepted != nil }).prefix(Self.mostConflicts))
    conflictCount = ConflictCount(total: all.count, open: open.count)
  }

  /// The conflicts in the record that nobody has accepted.
  public var openConflicts: [LaunchConflict] { conflicts.filter { $0.accepted == nil } }

  /// The number of conflicts that nobody has accepted, including those omitted from the record.
  public var openConflictCount: Int { conflictCount?.open ?? openConflicts.count }

  /// Returns whether it is a later state of the launch than another record.
  public func isNewer(than other: LaunchRecord) -> Bool {
    (version, conflictsVersion) > (other.version, other.conflictsVersion)
  }
}

/// How many conflicts a launch has.
public struct ConflictCount: Sendable, Hashable, Codable {
  /// The number of all conflicts.
  public var total: Int
  /// The number of conflicts that nobody has accepted.
  public var open: Int

  public init(total: Int, open: Int) {
    self.total = total
    self.open = open
  }
}

extension LaunchRecord: Codable {
  private enum Key: String, CodingKey {
    /// The launch's id, for example `smart-routing`.
    case id
    case name, owner, feature, date, timeZone, calendar, calendars, locales, segments, allHands, facts, rollout
    case tier, tierComputed, policyVersion, tierReasons, assumed, openQuestions, alternatives, override, reachedOn,
      earliestDate
    case earliestBecause
    case shortfall, conflicts, conflictCount, conflictsVersion, status, version, notes, proposedAt, proposedBy,
      placedAt,
      confirmation
  }

  public init(from decoder: any Decoder) throws {
    let c = try decoder.container(keyedBy: Key.self)
    plan = LaunchPlan(
      launch: try c.decode(LaunchID.self, forKey: .id), name: try c.decode(String.self, forKey: .name),
      owner: try c.decode(String.self, forKey: .owner), feature: try c.decode(String.self, forKey: .feature),
      date: try c.decode(LocalDate.self, forKey: .date), timeZone: try c.decode(String.self, forKey: .timeZone),
      calendar: try c.decodeIfPresent(String.self, forKey: .calendar),
      calendars: try c.decode([String: String].self, forKey: .calendars),
      locales: try c.decode([String].self, forKey: .locales), segments: try c.decode([String].self, forKey: .segments),
      allHands: try c.decodeIfPresent(LocalDate.self, forKey: .allHands),
      facts: try c.decode(Facts.self, forKey: .facts), rollout: try c.decodeIfPresent(Rollout.self, forKey: .rollout))
    tier = try c.decode(Tier.self, forKey: .tier)
    tierComputed = try c.decode(Tier.self, forKey: .tierComputed)
    policyVersion = try c.decodeIfPresent(Int.self, forKey: .policyVersion)
    tierReasons = try c.decode([TierReason].self, forKey: .tierReasons)
    assumed = try c.decode([String].self, forKey: .assumed)
    openQuestions = try c.decode([String].self, forKey: .openQuestions)
    alternatives = try c.decode([TierAlternative].self, forKey: .alternatives)
    override = try c.decodeIfPresent(TierOverride.self, forKey: .override)
    reachedOn = try c.decode([String: LocalDate].self, forKey: .reachedOn)
    earliestDate = try c.decode(LocalDate.self, forKey: .earliestDate)
    earliestBecause = try c.decodeIfPresent([String].self, forKey: .earliestBecause) ?? []
    shortfall = try c.decodeIfPresent(Shortfall.self, forKey: .shortfall)
    conflicts = try c.decodeIfPresent([LaunchConflict].self, forKey: .conflicts) ?? []
    conflictCount = try c.decodeIfPresent(ConflictCount.self, forKey: .conflictCount)
    conflictsVersion = try c.decodeIfPresent(Int.self, forKey: .conflictsVersion) ?? 0
    status = try c.decode(LaunchStatus.self, forKey: .status)
    version = try c.decode(Int.self, forKey: .version)
    notes = try c.decodeIfPresent([String].self, forKey: .notes) ?? []
    proposedAt = try c.decode(Timestamp.self, forKey: .proposedAt)
    proposedBy = try c.decode(String.self, forKey: .proposedBy)
    placedAt = try c.decodeIfPresent(Timestamp.self, forKey: .placedAt) ?? proposedAt
    confirmation = try c.decodeIfPresent(DateConfirmation.self, forKey: .confirmation)
  }

  public func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: Key.self)
    try c.encode(plan.launch, forKey: .id)
    try c.encode(plan.name, forKey: .name)
    try c.encode(plan.owner, forKey: .owner)
    try c.encode(plan.feature, forKey: .feature)
    try c.encode(plan.date, forKey: .date)
    try c.encode(plan.timeZone, forKey: .timeZone)
    try c.encodeIfPresent(plan.calendar, forKey: .calendar)
    try c.encode(plan.calendars, forKey: .calendars)
    try c.encode(plan.locales, forKey: .locales)
    try c.encode(plan.segments, forKey: .segments)
    try c.encodeIfPresent(plan.allHands, forKey: .allHands)
    try c.encode(plan.facts, forKey: .facts)
    try c.encodeIfPresent(plan.rollout, forKey: .rollout)
    try c.encode(tier, forKey: .tier)
    try c.encode(tierComputed, forKey: .tierComputed)
    try c.encodeIfPresent(policyVersion, forKey: .policyVersion)
    try c.encode(tierReasons, forKey: .tierReasons)
    try c.encode(assumed, forKey: .assumed)
    try c.encode(openQuestions, forKey: .openQuestions)
    try c.encode(alternatives, forKey: .alternatives)
    try c.encodeIfPresent(override, forKey: .override)
    try c.encode(reachedOn, forKey: .reachedOn)
    try c.encode(earliestDate, forKey: .earliestDate)
    try c.encode(earliestBecause, forKey: .earliestBecause)
    try c.encode(shortfall, forKey: .shortfall)
    try c.encode(conflicts, forKey: .conflicts)
    try c.encodeIfPresent(conflictCount, forKey: .conflictCount)
    if conflictsVersion > 0 { try c.encode(conflictsVersion, forKey: .conflictsVersion) }
    try c.encode(status, forKey: .status)
    try c.encode(version, forKey: .version)
    try c.encode(notes, forKey: .notes)
    try c.encode(proposedAt, forKey: .proposedAt)
    try c.encode(proposedBy, forKey: .proposedBy)
    try c.encode(placedAt, forKey: .placedAt)
    try c.encodeIfPresent(confirmation, forKey: .confirmation)
  }
}

/// The stage a launch has reached; tiering derives it from other services' announcements.
public enum LaunchStatus: String, Sendable, Codable, CaseIterable, Hashable {
  case proposed, preparing, decided, live, hypercare, measuring
  case inReview = "in-review"
  case closed, postponed
  case rolledBack = "rolled-back"
  case cancelled

  /// Whether it occupies its date: it is neither cancelled nor postponed.
  public var occupiesDate: Bool { self != .cancelled && self != .postponed }

  /// Whether its date is still ahead: it occupies its date, and customers do not have it yet.
  public var isAhead: Bool {
    switch self {
    case .proposed, .preparing, .decided, .rolledBack: true
    case .live, .hypercare, .measuring, .inReview, .closed, .postponed, .cancelled: false
    }
  }
}
