public import JSON
public import LaunchModel

extension TieringRoutes {
  /// The effect of changing a launch, without storing anything; one change per call.
  public static let preview = Route<PreviewLaunch, LaunchDiff>(.tiering, "launch.preview", .read)
  /// Changes facts and re-tiers the launch by the adopted policy. After GO, or if a failing item would disappear, only
  /// Product Ops may do this, with a reason.
  public static let retier = Route<RetierLaunch, LaunchRecord>(.tiering, "launch.retier", .change)
}

extension ChecklistRoutes {
  /// The effect of a later version of a launch on its checklist, without storing anything.
  public static let preview = Route<PreviewChecklist, ChecklistPreview>(.checklist, "checklist.preview", .read)
}

extension ChecklistRoutes {
  /// The effect on running launches of adopting a calendar, without storing anything.
  public static let previewCalendar = Route<AdoptCalendar, CalendarPreview>(
    .checklist, "checklist.previewCalendar", .read)
}

/// The effect on running launches of adopting a calendar.
public struct CalendarPreview: Codable, Sendable, Hashable {
  /// A launch that uses the calendar and would change.
  public struct Launch: Codable, Sendable, Hashable {
    /// The launch.
    public var launch: LaunchID
    /// Its name.
    public var name: String
    /// Its date.
    public var date: LocalDate
    /// The number of items whose due date would change.
    public var moved: Int
    /// The number of items that could then no longer be done in time.
    public var impossible: Int
    /// Whether its GO would become stale.
    public var endsGo: Bool

    public init(launch: LaunchID, name: String, date: LocalDate, moved: Int, impossible: Int, endsGo: Bool) {
      self.launch = launch
      self.name = name
      self.date = date
      self.moved = moved
      self.impossible = impossible
      self.endsGo = endsGo
    }
  }

  /// The calendar's key.
  public var calendar: String
  /// The affected launches, sorted by date.
  public var launches: [Launch]

  public init(calendar: String, launches: [Launch]) {
    self.calendar = calendar
    self.launches = launches
  }
}

/// A launch change to preview: of fields, of the tier by override, of the date, or of the status.
public struct PreviewLaunch: Codable, Sendable, Hashable {
  /// The launch to preview.
  public var launch: LaunchID
  /// Fields as in `launch.set`; an empty object re-tiers the launch by the adopted policy.
  public var set: JSONValue?
  /// A tier as in `launch.override`.
  public var tier: Tier?
  /// A date as in `launch.reschedule`.
  public var date: LocalDate?
  /// `cancelled` as in `launch.cancel`, or `postponed` as in `launch.postpone`.
  public var status: LaunchStatus?
  /// The reason that would be given; nil if it is not known yet.
  public var reason: String?

  public init(
    launch: LaunchID, set: JSONValue? = nil, tier: Tier? = nil, date: LocalDate? = nil, status: LaunchStatus? = nil,
    reason: String? = nil
  ) {
    self.launch = launch
    self.set = set
    self.tier = tier
    self.date = date
    self.status = status
    self.reason = reason
  }
}

/// Facts to change before re-tiering a launch.
public struct RetierLaunch: Codable, Sendable, Hashable {
  /// The launch to re-tier.
  public var launch: LaunchID
  /// Members to merge into the facts; null resets a fact to omitted. Nil re-tiers with the facts unchanged.
  public var facts: JSONValue?
  /// Why, for the audit trail; required after GO and if a failing item would disappear.
  public var reason: String?

  public init(launch: LaunchID, facts: JSONValue? = nil, reason: String? = nil) {
    self.launch = launch
    self.facts = facts
    self.reason = reason
  }
}

/// The effect of a change on a launch.
public struct LaunchDiff: Codable, Sendable, Hashable {
  /// A value before and after the change.
  public struct Change<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    /// The current value.
    public var from: Value
    /// The value after the change; equal to `from` if it would not change.
    public var to: Value

    public init(from: Value, to: Value) {
      self.from = from
      self.to = to
    }
  }

  /// The launch that was previewed.
  public var launch: LaunchID
  /// The version that the preview is based on; pass it as `expectedVersion` so that the change is made only if it still
  /// is the current one.
  public var version: Int
  /// The fields that would change, for example `facts.audience`; empty if nothing would.
  public var changed: [String]
  /// The same changes as sentences for people, for example `audience subset → most`.
  public var told: [String]
  /// The tier in force.
  public var tier: Change<Tier>
  /// The tier that the policy computes from the facts.
  public var tierComputed: Change<Tier>
  /// The override that would be in force; nil for none.
  public var override: TierOverride?
  /// The reasons for the resulting tier.
  public var tierReasons: [TierReason]
  /// The planned date, before and after.
  public var date: Change<LocalDate>
  /// The earliest date allowed by the window, the items' lead times and the blackouts.
  public var earliestDate: Change<LocalDate>
  /// The shortfall of the resulting date; nil if the date is not too early.
  public var shortfall: Shortfall?
  /// The conflicts that would be charged to this launch for the resulting date.
  public var conflicts: [LaunchConflict]
  /// Further remarks about the date.
  public var notes: [String]
  /// The effect on the checklist; nil if the launch has no checklist yet, or if the checklist service is unreachable
  /// and therefore was not asked.
  public var checklist: ChecklistPreview?
  /// What the change requires, such as Product Ops and a reason; empty if the owner may make it without.
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

/// A launch in the state after a change, to preview the effect on its checklist.
public struct PreviewChecklist: Codable, Sendable, Hashable {
  /// The whole record, with the version that it would have.
  public var record: LaunchRecord

  public init(record: LaunchRecord) { self.record = record }
}

/// The effect of a later version of a launch on its checklist.
public struct ChecklistPreview: Codable, Sendable, Hashable {
  /// An item that would appear, disappear, move or fail.
  public struct Item: Codable, Sendable, Hashable {
    /// The item's key in the template.
    public var key: ItemKey
    /// The instance it was expanded to; nil if it was not expanded.
    public var instance: String?
    /// The function responsible for it.
    public var function: LaunchFunction
    /// Its current state, or the state in which it would return.
    public var state: ItemState
    /// The due date after the change.
    public var due: LocalDate
    /// The current due date; nil for an item that would appear.
    public var wasDue: LocalDate?
    /// Whether it is failing now: blocked, rejected, overdue, or done but no longer valid.
    public var failing: Bool
    /// The problem with it, now or after the change; nil if there is none.
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

  /// The version of the launch that checklist currently has.
  public var version: Int
  /// Items that would be added, or would return with their history.
  public var added: [Item]
  /// Items that would be voided; their history and evidence are retained.
  public var removed: [Item]
  /// The number of items that would be kept.
  public var kept: Int
  /// Kept items whose due date would change.
  public var moved: [Item]
  /// Required items that could no longer be done by their new due date.
  public var impossible: [Item]
  /// Done items that would no longer count as done.
  public var stale: [Item]
  /// Approvals that would remain in force, for example `launch-copy: legal (lena)`.
  public var approvalsStanding: [String]
  /// Approvals that would be voided with their items.
  public var approvalsFalling: [String]
  /// The functions whose answers to the poll would be voided.
  public var votesFalling: [LaunchFunction]
  /// Why the current GO would become stale; empty if there is no GO, or if it would not.
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
