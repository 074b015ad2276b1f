public import LaunchModel

extension ChecklistRoutes {
  /// A launch's items with their state, due dates, approvals and evidence.
  public static let items = Route<LaunchReference, ItemList>(.checklist, "checklist.items", .read)
  /// One item with its history.
  public static let showItem = Route<ItemTarget, ItemResponse>(.checklist, "item.show", .read)
  /// Marks an item as in progress.
  public static let start = Route<ItemAction, ItemResponse>(.checklist, "item.start", .change)
  /// Completes an item, if its approvals, evidence and dependencies allow.
  public static let done = Route<ItemAction, ItemResponse>(.checklist, "item.done", .change)
  /// Reopens an item that is done, waived, not applicable or in review; requires a reason.
  public static let reopen = Route<ItemAction, ItemResponse>(.checklist, "item.reopen", .change)
  /// Marks an item as blocked; requires a reason.
  public static let block = Route<ItemAction, ItemResponse>(.checklist, "item.block", .change)
  /// Clears the block on an item.
  public static let unblock = Route<ItemAction, ItemResponse>(.checklist, "item.unblock", .change)
  /// Requests the approvals of the item's groups; the submitter is its author and cannot approve it.
  public static let submit = Route<ItemAction, ItemResponse>(.checklist, "item.submit", .change)
  /// Approves an item for a group; the last missing approval completes the item.
  public static let approve = Route<ItemAction, ItemResponse>(.checklist, "item.approve", .change)
  /// Rejects an item for a group, with a reason; blocks it until the rejection is withdrawn or the item changes.
  public static let reject = Route<ItemAction, ItemResponse>(.checklist, "item.reject", .change)
  /// Withdraws the caller's own approval or rejection.
  public static let withdraw = Route<ItemAction, ItemResponse>(.checklist, "item.withdraw", .change)
  /// Waives an item until a date, with a reason; it fails again on that date. Without the right, asks for a waiver.
  public static let waive = Route<ItemAction, ItemResponse>(.checklist, "item.waive", .change)
  /// Marks an item as not applicable to this launch, with a reason.
  public static let markNotApplicable = Route<ItemAction, ItemResponse>(.checklist, "item.markNotApplicable", .change)
  /// Assigns an item to an owner.
  public static let assign = Route<ItemAction, ItemResponse>(.checklist, "item.assign", .change)
  /// Assigns all open items of a person to another one, on one launch or on all; an item that the caller may not assign
  /// stays.
  public static let reassign = Route<ReassignItems, Reassignment>(.checklist, "item.reassign", .change)
  /// What reassigning a person's items would do.
  public static let previewReassign = Route<ReassignItems, Reassignment>(.checklist, "item.previewReassign", .read)
  /// Attaches evidence; like any change of the item, this voids the approvals given so far.
  public static let attach = Route<ItemAction, ItemResponse>(.checklist, "item.attach", .change)
  /// Adds a comment to an item's history and notifies the people whom it mentions, such as `@priya`; changes nothing
  /// else.
  public static let comment = Route<ItemAction, ItemResponse>(.checklist, "item.comment", .change)
}

/// Parameters of `item.show`: one item by `key` and `instance`, or several by `keys`.
public struct ItemTarget: Codable, Sendable, Hashable {
  /// The launch that the items belong to.
  public var launch: LaunchID
  /// The item's key in the template, such as `kb-article`; nil if `keys` is given.
  public var key: ItemKey?
  /// The instance, such as `de`; required if the key has several. Only together with `key`.
  public var instance: String?
  /// The names of several items, such as `qa` and `kb-article/de`; the result is then an `ItemResults`.
  public var keys: [String]?
  /// Whether a key without an instance selects all its instances that are not voided; default false. Only together with
  /// `keys`.
  public var allInstances: Bool?

  public init(
    launch: LaunchID, key: ItemKey? = nil, instance: String? = nil, keys: [String]? = nil, allInstances: Bool? = nil
  ) {
    self.launch = launch
    self.key = key
    self.instance = instance
    self.keys = keys
    self.allInstances = allInstances
  }
}

/// The parameters of every item change; each verb documents which optional ones it uses.
///
/// `key` and `instance` name one item, `keys` names several. Several items are changed in one transaction, one after
/// the other; if one fails, the others are still changed. If a name matches no item or is ambiguous, nothing is
/// changed. `_meta.expectedVersion` is refused with several items, because each has its own version.
public struct ItemAction: Codable, Sendable, Hashable {
  /// The launch that the items belong to.
  public var launch: LaunchID
  /// The item's key in the template, such as `kb-article`; nil if `keys` is given.
  public var key: ItemKey?
  /// The instance, such as `de`; required if the key has several. Only together with `key`.
  public var instance: String?
  /// The names of several items, such as `qa` and `kb-article/de`; the result is then an `ItemResults`.
  public var keys: [String]?
  /// Whether a key without an instance selects all its instances that are not voided; default false. Only together with
  /// `keys`.
  public var allInstances: Bool?
  /// Why; required by `block`, `reject`, `waive`, `markNotApplicable` and `reopen`.
  public var reason: String?
  /// For `done`: the day it happened; default today in the launch's zone.
  public var on: LocalDate?
  /// For `done` and `submit`: the attendees, all of them on the roster.
  public var attended: [PersonID]?
  /// For `done` and `submit`: the presenter, who must be on the roster and does not count as an attendee.
  public var presenter: PersonID?
  /// For `done` and `submit`: the person that the item requires, for example who executes a rollback; must be on the
  /// roster.
  public var person: PersonID?
  /// The group that the approval or rejection is for; required if the caller is in several of the requested groups.
  public var group: String?
  /// For `waive`: the day on which the waiver ends and the item counts as not done again; default the day after the
  /// launch date.
  public var until: LocalDate?
  /// For `waive`: whether to request a waiver or to decline a request. Nil waives the item or, without the right to,
  /// requests a waiver.
  public var waiver: WaiverStep?
  /// For `assign`: the new owner.
  public var to: PersonID?
  /// For `attach`, `submit` and `done`: the evidence to attach.
  public var evidence: Evidence?
  /// For `comment`: its text.
  public var text: String?

  public init(
    launch: LaunchID, key: ItemKey? = nil, instance: String? = nil, keys: [String]? = nil, allInstances: Bool? = nil,
    reason: String? = nil, on: LocalDate? = nil, attended: [PersonID]? = nil, presenter: PersonID? = nil,
    person: PersonID? = nil, group: String? = nil, until: LocalDate? = nil, to: PersonID? = nil,
    evidence: Evidence? = nil, text: String? = nil, waiver: WaiverStep? = nil
  ) {
    self.launch = launch
    self.key = key
    self.instance = instance
    self.keys = keys
    self.allInstances = allInstances
    self.reason = reason
    self.on = on
    self.attended = attended
    self.presenter = presenter
    self.person = person
    self.group = group
    self.until = until
    self.to = to
    self.evidence = evidence
    self.text = text
    self.waiver = waiver
  }
}

/// A piece of evidence on an item.
public struct Evidence: Codable, Sendable, Hashable {
  /// What kind of evidence `value` is.
  public var kind: EvidenceKind
  /// The link, the text, `sha256:` followed by the digest, or an event's `source id`.
  public var value: String
  /// Who attached it, or the event it came from; ignored in calls, where it is the caller.
  public var by: String?
  /// When it was attached; ignored in calls, where it is the current time.
  public var at: Timestamp?
  /// True if it is evidence against the item, such as a failed test run, which does not satisfy the item; otherwise
  /// nil. Ignored in calls.
  public var contrary: Bool?

  public init(kind: EvidenceKind, value: String, by: String? = nil, at: Timestamp? = nil, contrary: Bool? = nil) {
    self.kind = kind
    self.value = value
    self.by = by
    self.at = at
    self.contrary = contrary
  }

  /// Whether it is evidence against the item.
  public var isContrary: Bool { contrary == true }
}

/// The items of a launch, in board order.
public struct ItemList: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// All items the launch has ever had, including voided ones.
  public var items: [ItemView]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  /// The halt that closes the launch's gate; nil if none does.
  public var halt: Halt?

  public init(launch: LaunchID, items: [ItemView], halt: Halt? = nil) {
    self.launch = launch
    self.items = items
    self.halt = halt
  }
}

/// An item as shown in lists.
public struct ItemView: Codable, Sendable, Hashable {
  /// Its key in the template, for example `kb-article`.
  public var key: ItemKey
  /// The instance it was expanded to, for example `de` for a locale; nil if it was not expanded.
  public var instance: String?
  /// The board heading it appears under, for example `Marketing readiness`.
  public var section: String
  /// The function responsible for it.
  public var function: LaunchFunction
  /// Its title as shown to people, including its instance, for example `Talking points: evaluation`.
  public var title: String
  /// The stored state; `flags` has the states derived from dates.
  public var state: ItemState
  /// Whether it blocks GO until it is done.
  public var gate: GateKind
  /// The last local day to do it, by the function's calendar.
  public var due: LocalDate
  /// Whether it is not done although its due date has passed in the launch's zone.
  public var overdue: Bool
  /// The states derived from dates: `overdue`, `due-soon`, `at-risk`, `stale`, `too-late`.
  public var flags: [String]
  /// The person it is assigned to, or its default owner according to the template and the roster; nil if there is
  /// neither.
  public var owner: PersonID?
  /// One entry for each group that must approve; empty if the template requires none.
  public var approvals: [ApprovalView]
  /// The attached evidence, oldest first.
  public var evidence: [Evidence]
  /// The reason for its state, given when it was blocked, waived, rejected or reopened; nil if there is none.
  public var reason: String?
  /// The launch or learning that led to this item.
  public var why: String
  /// Counts its changes, starting at 1; `_meta.expectedVersion` refers to it.
  public var version: Int
  /// The day on which it was done; nil unless it is done.
  public var doneOn: LocalDate?
  /// The day on which its waiver ends and it counts as not done again; nil unless it is waived.
  public var waivedUntil: LocalDate?
  /// Whether someone outside its function has confirmed that it is not applicable; nil unless it is marked as such.
  public var verified: Bool?
  /// What it still needs, for example `evidence: link`; empty once it is done, and nil from versions that do not report
  /// it.
  public var missing: [String]?
  /// Who presented, for an item that records attendance, for example `priya`; nil if nobody is named.
  public var presenter: PersonID?
  /// The person that the item requires, such as who executes a rollback, for example `lena`; nil if nobody is named.
  public var person: PersonID?
  /// A description of good work, for example `Each figure is within its limit.`; nil if the template has none.
  public var guidance: String?
  /// The request to waive it; nil if there is none.
  public var waiverRequest: WaiverRequestView?

  public init(
    key: ItemKey, instance: String? = nil, section: String, function: LaunchFunction, title: String, state: ItemState,
    gate: GateKind, due: LocalDate, overdue: Bool, flags: [String] = [], owner: PersonID? = nil,
    approvals: [ApprovalView] = [], evidence: [Evidence] = [], reason: String? = nil, why: String, version: Int,
    doneOn: LocalDate? = nil, waivedUntil: LocalDate? = nil, verified: Bool? = nil, missing: [String]? = nil,
    presenter: PersonID? = nil, person: PersonID? = nil, guidance: String? = nil,
    waiverRequest: WaiverRequestView? = nil
  ) {
    self.key = key
    self.instance = instance
    self.section = section
    self.function = function
    self.title = title
    self.state = state
    self.gate = gate
    self.due = due
    self.overdue = overdue
    self.flags = flags
    self.owner = owner
    self.approvals = approvals
    self.evidence = evidence
    self.reason = reason
    self.why = why
    self.version = version
    self.doneOn = doneOn
    self.waivedUntil = waivedUntil
    self.verified = verified
    self.missing = missing
    self.presenter = presenter
    self.person = person
    self.guidance = guidance
    self.waiverRequest = waiverRequest
  }

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: key, instance: instance) }

  /// Encodes every field, with null for missing values, so that scripts always find them.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(key, forKey: .key)
    try container.encode(instance, forKey: .instance)
    try container.encode(section, forKey: .section)
    try container.encode(function, forKey: .function)
    try container.encode(title, forKey: .title)
    try container.encode(state, forKey: .state)
    try container.encode(gate, forKey: .gate)
    try container.encode(due, forKey: .due)
    try container.encode(overdue, forKey: .overdue)
    try container.encode(flags, forKey: .flags)
    try container.encode(owner, forKey: .owner)
    try container.encode(approvals, forKey: .approvals)
    try container.encode(evidence, forKey: .evidence)
    try container.encode(reason, forKey: .reason)
    try container.encode(why, forKey: .why)
    try container.encode(version, forKey: .version)
    try container.encode(doneOn, forKey: .doneOn)
    try container.encode(waivedUntil, forKey: .waivedUntil)
    try container.encode(verified, forKey: .verified)
    try container.encode(missing, forKey: .missing)
    try container.encode(presenter, forKey: .presenter)
    try container.encode(person, forKey: .person)
    try container.encode(guidance, forKey: .guidance)
    try container.encode(waiverRequest, forKey: .waiverRequest)
  }
}

/// The approvals and rejections of an item by one group.
public struct ApprovalView: Codable, Sendable, Hashable {
  /// A function or a group on the roster, for example `legal`.
  public var group: String
  /// How many people of the group must approve; at least 1.
  public var quorum: Int
  /// The people whose approvals count, each once; an identity that is only claimed is marked.
  public var approvedBy: [String]
  /// The people whose rejections count; one rejection is enough to block the item.
  public var rejectedBy: [String]
  /// Approvals and rejections that no longer count because they were withdrawn or voided by a change to the item: who,
  /// what, and why.
  public var ended: [String]
  /// How long the group takes; nil if its approval was not requested.
  public var clock: ApprovalClock?

  public init(
    group: String, quorum: Int, approvedBy: [String] = [], rejectedBy: [String] = [], ended: [String] = [],
    clock: ApprovalClock? = nil
  ) {
    self.group = group
    self.quorum = quorum
    self.approvedBy = approvedBy
    self.rejectedBy = rejectedBy
    self.ended = ended
    self.clock = clock
  }
}

/// An item with its history.
public struct ItemDetail: Codable, Sendable, Hashable {
  /// The launch that the item belongs to.
  public var launch: LaunchID
  /// The item in its current state.
  public var item: ItemView
  /// Everything that was done to it, oldest first.
  public var history: [HistoryEntry]
  /// True if history and evidence, or the older part of them, are left out to keep the answer within its size limit;
  /// otherwise nil.
  public var short: Bool?

  public init(launch: LaunchID, item: ItemView, history: [HistoryEntry], short: Bool? = nil) {
    self.launch = launch
    self.item = item
    self.history = history
    self.short = short
  }
}

/// One entry in a history.
public struct HistoryEntry: Codable, Sendable, Hashable {
  /// When it was done.
  public var at: Timestamp
  /// Who did it: `dana`, `dana (claimed by uid:1000)`, or `gonogo-checklist`.
  public var by: String
  /// The action, for example `approve` or `rescheduled`.
  public var action: String
  /// Further information for people, such as a reason; nil if there is none.
  public var detail: String?

  public init(at: Timestamp, by: String, action: String, detail: String? = nil) {
    self.at = at
    self.by = by
    self.action = action
    self.detail = detail
  }
}

extension ItemReference {
  /// Parses a name: everything after the first `/` is the instance.
  public init(name: String) {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(key: String(parts[0]), instance: parts.count == 2 ? String(parts[1]) : nil)
  }

  /// The name that commands, messages and `keys` use: `key`, or `key/instance`.
  public var name: String { instance.map { "\(key)/\($0)" } ?? key }
}
