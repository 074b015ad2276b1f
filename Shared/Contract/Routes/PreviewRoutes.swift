public import JSON
public import LaunchModel

extension TieringRoutes {
  /// What a change of a launch would do, with nothing stored; one change at a time.
  public static let preview = Route<PreviewLaunch, LaunchDiff>(.tiering, "launch.preview", .read)
  /// Changes facts and tiers the launch anew by the adopted policy; after GO, and where a failing item would vanish, by Product
  /// Ops with a reason.
  public static let retier = Route<RetierLaunch, LaunchRecord>(.tiering, "launch.retier", .change)
}

extension ChecklistRoutes {
  /// What a later version of a launch would do to its checklist, with nothing stored.
  public static let preview = Route<PreviewChecklist, ChecklistPreview>(.checklist, "checklist.preview", .read)
}

/// A change of a launch to look at: of fields, of the tier against the computed one, or of the date.
public struct PreviewLaunch: Codable, Sendable, Hashable {
  /// The launch to look at.
  public var launch: LaunchID
  /// Fields as `launch.set` takes them; an empty object tiers the launch anew by the adopted policy.
  public var set: JSONValue?
  /// A tier as `launch.override` takes it.
  public var tier: Tier?
  /// A date as `launch.reschedule` takes it.
  public var date: LocalDate?

  public init(launch: LaunchID, set: JSONValue? = nil, tier: Tier? = nil, date: LocalDate? = nil) {
    self.launch = launch
    self.set = set
    self.tier = tier
    self.date = date
  }
}

/// Facts to change, and to tier a launch by.
public struct RetierLaunch: Codable, Sendable, Hashable {
  /// The launch to tier.
  public var launch: LaunchID
  /// Members to merge into the facts, null to omit one again; nil to tier the facts as they are by the adopted policy.
  public var facts: JSONValue?
  /// Why, for the audit; needed after GO, and where a failing item would vanish.
  public var reason: String?

  public init(launch: LaunchID, facts: JSONValue? = nil, reason: String? = nil) {
    self.launch = launch
    self.facts = facts
    self.reason = reason
  }
}

/// What a change would make of a launch.
public struct LaunchDiff: Codable, Sendable, Hashable {
  /// A value before and after.
  public struct Change<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    /// As it is.
    public var from: Value
    /// As it would be; the same where it would stay.
    public var to: Value

    public init(from: Value, to: Value) {
      self.from = from
      self.to = to
    }
  }

  /// The launch that was looked at.
  public var launch: LaunchID
  /// The version that was looked at; passed as `expectedVersion` it makes sure that this very change is made.
  public var version: Int
  /// The fields that would change, as `facts.audience`; empty where nothing would.
  public var changed: [String]
  /// The same in words, from what to what, as `audience subset → most`.
  public var told: [String]
  /// The tier in force.
  public var tier: Change<Tier>
  /// What the policy says by the facts.
  public var tierComputed: Change<Tier>
  /// The override that would stand against the computed tier; nil for none.
  public var override: TierOverride?
  /// Why it would have that tier.
  public var tierReasons: [TierReason]
  /// The planned date.
  public var date: Change<LocalDate>
  /// The earliest date that the window, the items' lead times and the blackouts allow.
  public var earliestDate: Change<LocalDate>
  /// Nil where the date would not be too early.
  public var shortfall: Shortfall?
  /// What the date would be in conflict with, as far as that would be charged to this launch.
  public var conflicts: [LaunchConflict]
  /// What else to know of the date.
  public var notes: [String]
  /// What would become of the checklist; nil where it has none yet, or was not asked because it cannot be reached.
  public var checklist: ChecklistPreview?
  /// What the change needs, as Product Ops and a reason; empty where the owner may make it as it is.
  public var needs: [String]

  public init(
    launch: LaunchID, version: Int, changed: [String], told: [String], tier: Change<Tier>, tierComputed: Change<Tier>,
    override: TierOverride?, tierReasons: [TierReason],
    date: Change<LocalDate>, earliestDate: Change<LocalDate>, shortfall: Shortfall?, conflicts: [LaunchConflict],
    notes: [String], checklist: ChecklistPreview?, needs: [String]
  ) {
    self.launch = launch
    self.version = version
    self.changed = changed
    self.told = told
    self.tier = tier
    self.tierComputed = tierComputed
    self.override = override
    self.tierReasons = tierReasons
    self.date = date
    self.earliestDate = earliestDate
    self.shortfall = shortfall
    self.conflicts = conflicts
    self.notes = notes
    self.checklist = checklist
    self.needs = needs
  }
}

/// A launch as it would be.
public struct PreviewChecklist: Codable, Sendable, Hashable {
  /// The whole record, of the version that would come next.
  public var record: LaunchRecord

  public init(record: LaunchRecord) { self.record = record }
}

/// What a later version of a launch would make of its checklist.
public struct ChecklistPreview: Codable, Sendable, Hashable {
  /// An item that would appear, vanish, move or fail.
  public struct Item: Codable, Sendable, Hashable {
    /// The item's key in the template.
    public var key: ItemKey
    /// What it was expanded to; nil where it was not.
    public var instance: String?
    /// Who answers for it.
    public var function: LaunchFunction
    /// The state that it has, or would come back with.
    public var state: ItemState
    /// When it would be due.
    public var due: LocalDate
    /// When it is due now; nil for one that would appear.
    public var wasDue: LocalDate?
    /// Whether it is failing now: blocked, rejected, overdue, or done and no longer valid.
    public var failing: Bool
    /// What is wrong with it, or would be; nil where nothing is.
    public var detail: String?

    public init(
      key: ItemKey, instance: String?, function: LaunchFunction, state: ItemState, due: LocalDate, wasDue: LocalDate?,
      failing: Bool, detail: String? = nil
    ) {
      self.key = key
      self.instance = instance
      self.function = function
      self.state = state
      self.due = due
      self.wasDue = wasDue
      self.failing = failing
      self.detail = detail
    }
  }

  /// The launch's version that the checklist knows.
  public var version: Int
  /// Items that would appear, or come back with their history.
  public var added: [Item]
  /// Items that would be voided; their history and evidence stay.
  public var removed: [Item]
  /// How many would stay.
  public var kept: Int
  /// Of those that would stay, the ones that would be due on another day.
  public var moved: [Item]
  /// Of those that are needed, the ones that could no longer be done by the day they would be due.
  public var impossible: [Item]
  /// Of those that are done, the ones that would no longer be valid.
  public var stale: [Item]
  /// Approvals that would stand, as `launch-copy: legal (lena)`.
  public var approvalsStanding: [String]
  /// Approvals that would fall with their items.
  public var approvalsFalling: [String]
  /// The functions whose answer to the poll would fall.
  public var votesFalling: [LaunchFunction]
  /// Why the standing GO would go stale; empty where there is none, or it would not.
  public var decisionStale: [ReadinessReason]

  public init(
    version: Int, added: [Item], removed: [Item], kept: Int, moved: [Item], impossible: [Item], stale: [Item],
    approvalsStanding: [String], approvalsFalling: [String], votesFalling: [LaunchFunction],
    decisionStale: [ReadinessReason]
  ) {
    self.version = version
    self.added = added
    self.removed = removed
    self.kept = kept
    self.moved = moved
    self.impossible = impossible
    self.stale = stale
    self.approvalsStanding = approvalsStanding
    self.approvalsFalling = approvalsFalling
    self.votesFalling = votesFalling
    self.decisionStale = decisionStale
  }
}
