public import LaunchModel

/// Parameters of `item.show`: one item by `key` and `instance`, or several by `keys`.
public struct ItemTarget: Codable, Sendable, Hashable {
  /// The launch that the items belong to.
  public var launch: LaunchID
  /// The item's key in the template, such as `kb-article`; nil if `keys` names the items.
  public var key: ItemKey?
  /// What the item was expanded to, such as `de`; needed if the key has several instances. Only with `key`.
  public var instance: String?
  /// The names of several items, such as `qa` and `kb-article/de`; the result then is `ItemResults`.
  public var keys: [String]?
  /// Whether a key without instance stands for all its instances that are not void; default false. Only with `keys`.
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
/// `key` and `instance` name one item, `keys` names several. Several are changed in one transaction, one after the other; an
/// item that fails leaves the others unaffected. If a name matches no item or is ambiguous, nothing is changed.
/// `_meta.expectedVersion` is refused with several items, because each has its own version.
public struct ItemAction: Codable, Sendable, Hashable {
  /// The launch that the items belong to.
  public var launch: LaunchID
  /// The item's key in the template, such as `kb-article`; nil if `keys` names the items.
  public var key: ItemKey?
  /// What the item was expanded to, such as `de`; needed if the key has several instances. Only with `key`.
  public var instance: String?
  /// The names of several items, such as `qa` and `kb-article/de`; the result then is `ItemResults`.
  public var keys: [String]?
  /// Whether a key without instance stands for all its instances that are not void; default false. Only with `keys`.
  public var allInstances: Bool?
  /// Why: needed by `block`, `reject`, `waive`, `markNotApplicable`, `reopen`.
  public var reason: String?
  /// For `done`: the day it happened; default today in the launch's zone.
  public var on: LocalDate?
  /// For `done` and `submit`: who attended, all on the roster.
  public var attended: [PersonID]?
  /// For `done` and `submit`: who presented, on the roster; does not count as attending.
  public var presenter: PersonID?
  /// For `done` and `submit`: the person that the item asks for, on the roster, such as who executes a rollback.
  public var person: PersonID?
  /// The group that the approval or rejection is for; required if the caller is in several of the requested groups.
  public var group: String?
  /// For `waive`: the day on which the waiver ends, and the item is failing again; default the day after the launch date.
  public var until: LocalDate?
  /// For `waive`: whether to ask for a waiver or to decline one. Nil to waive the item or, without the right, to ask for it.
  public var waiver: WaiverStep?
  /// For `assign`: the new owner.
  public var to: PersonID?
  /// For `attach`, `submit` and `done`: the evidence to attach.
  public var evidence: Evidence?
  /// For `comment`: the comment.
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
  /// Who attached it, or the event it came from; ignored in calls, which use the caller.
  public var by: String?
  /// When it was attached; ignored in calls, which use the current time.
  public var at: Timestamp?
  /// True if it speaks against the item, such as a failed test run, and so is not evidence that the item asks for; else
  /// nil. Ignored in calls.
  public var contrary: Bool?

  public init(kind: EvidenceKind, value: String, by: String? = nil, at: Timestamp? = nil, contrary: Bool? = nil) {
    self.kind = kind
    self.value = value
    self.by = by
    self.at = at
    self.contrary = contrary
  }

  /// Whether it speaks against the item.
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
  /// What has to be ready, as shown to people, with its instance, for example `Talking points: evaluation`.
  public var title: String
  /// The stored state; what follows from dates is in `flags`.
  public var state: ItemState
  /// Whether it blocks GO until it is done.
  public var gate: GateKind
  /// The last local day to do it, by the function's calendar.
  public var due: LocalDate
  /// Whether it is not done and its due date has passed in the launch's zone.
  public var overdue: Bool
  /// What follows from dates: `overdue`, `due-soon`, `at-risk`, `stale`, `too-late`.
  public var flags: [String]
  /// The person it is assigned to, or its default owner, as the template and the roster give it; nil if there is neither.
  public var owner: PersonID?
  /// One entry for each group that must approve; empty if the template requires none.
  public var approvals: [ApprovalView]
  /// The attached evidence, oldest first.
  public var evidence: [Evidence]
  /// The reason for its state: of a block, waiver, rejection or reopening; nil if there is none.
  public var reason: String?
  /// The launch or learning that it comes from.
  public var why: String
  /// Counts its changes, starting at 1; `_meta.expectedVersion` refers to it.
  public var version: Int
  /// The day it happened; nil unless it is done.
  public var doneOn: LocalDate?
  /// The day on which a waived item fails again; nil unless it is waived.
  public var waivedUntil: LocalDate?
  /// Whether someone outside its function has confirmed that it is not applicable; nil unless it is marked so.
  public var verified: Bool?
  /// What it asks for and does not have yet, for example `evidence: link`; empty once it is done, and nil from versions
  /// that do not report it.
  public var missing: [String]?
  /// Who presented, for an item that records attendance, for example `priya`; nil if nobody is named.
  public var presenter: PersonID?
  /// The person that the item asks for, such as who executes a rollback, for example `lena`; nil if nobody is named.
  public var person: PersonID?
  /// What good looks like, for example `Each figure is within its limit.`; nil if the template has none.
  public var guidance: String?
  /// The request to waive it; nil if nobody asks for that.
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
  /// The people whose approvals count, each once; a claimed identity is marked as such.
  public var approvedBy: [String]
  /// The people whose rejections count; a single one blocks.
  public var rejectedBy: [String]
  /// Approvals and rejections that were withdrawn or voided by a change of the item: who, what, and why it no longer
  /// counts.
  public var ended: [String]
  /// How long the group takes; nil if its approval was not asked for.
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
  /// True if history and evidence, or the older of them, are left out because the answer would be too large to send; else
  /// nil.
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
  /// Reads a name: everything after the first `/` is the instance.
  public init(name: String) {
    let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(key: String(parts[0]), instance: parts.count == 2 ? String(parts[1]) : nil)
  }

  /// The name that commands, messages and `keys` use: `key`, or `key/instance`.
  public var name: String { instance.map { "\(key)/\($0)" } ?? key }
}
