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

/// Parameters of every change of items; each verb says which of the optional ones it takes.
///
/// The items are one, by `key` and `instance`, or several, by `keys`. Several are changed in one transaction, one after the
/// other; an item that fails leaves the others unaffected. If a name matches no item or is ambiguous, nothing is changed.
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
  /// The day it happened, for `done`; default today in the launch's zone.
  public var on: LocalDate?
  /// Who attended, for `done`.
  public var attended: [PersonID]?
  /// The group an approval or rejection is given for; needed by a person who is in several of those that are asked.
  public var group: String?
  /// When a waiver ends, for `waive`.
  public var until: LocalDate?
  /// Whom to assign it to, for `assign`.
  public var to: PersonID?
  /// What to attach, for `attach`, `submit` and `done`.
  public var evidence: Evidence?
  /// The comment, for `comment`.
  public var text: String?

  public init(
    launch: LaunchID, key: ItemKey? = nil, instance: String? = nil, keys: [String]? = nil, allInstances: Bool? = nil,
    reason: String? = nil, on: LocalDate? = nil, attended: [PersonID]? = nil, group: String? = nil,
    until: LocalDate? = nil, to: PersonID? = nil, evidence: Evidence? = nil, text: String? = nil
  ) {
    self.launch = launch
    self.key = key
    self.instance = instance
    self.keys = keys
    self.allInstances = allInstances
    self.reason = reason
    self.on = on
    self.attended = attended
    self.group = group
    self.until = until
    self.to = to
    self.evidence = evidence
    self.text = text
  }
}

/// A piece of evidence on an item.
public struct Evidence: Codable, Sendable, Hashable {
  /// What `value` is.
  public var kind: EvidenceKind
  /// The link, the text, or `sha256:` and the digest; an event's `source id`.
  public var value: String
  /// Who attached it, or the event it came from; nil in a call, where it is the caller.
  public var by: String?
  /// When it was attached; nil in a call, where it is now.
  public var at: Timestamp?

  public init(kind: EvidenceKind, value: String, by: String? = nil, at: Timestamp? = nil) {
    self.kind = kind
    self.value = value
    self.by = by
    self.at = at
  }
}

/// The items of a launch, in board order.
public struct ItemList: Codable, Sendable, Hashable {
  /// The launch whose checklist it is.
  public var launch: LaunchID
  /// Every item that the launch was ever given, voided ones too.
  public var items: [ItemView]

  public init(launch: LaunchID, items: [ItemView]) {
    self.launch = launch
    self.items = items
  }
}

/// An item as lists show it.
public struct ItemView: Codable, Sendable, Hashable {
  /// Its key in the template, as `kb-article`.
  public var key: ItemKey
  /// What it was expanded to, as `de` for a locale; nil where it was not expanded.
  public var instance: String?
  /// The heading under which boards show it, as `Marketing readiness`.
  public var section: String
  /// The function that has to do it.
  public var function: LaunchFunction
  /// What has to be ready, for a person, as `Load test`.
  public var title: String
  /// As stored; what follows from dates stands in `flags`.
  public var state: ItemState
  /// Whether it stands in the way of GO while it is not done.
  public var gate: GateKind
  /// The local day by which it is to be done, by the function's calendar.
  public var due: LocalDate
  /// Whether that day is past in the launch's zone and it is still to be done.
  public var overdue: Bool
  /// `overdue`, `due-soon`, `at-risk`, `stale`, `too-late`: what is derived from dates.
  public var flags: [String]
  /// Who it is assigned to; nil while it is nobody's.
  public var owner: PersonID?
  /// One entry for each group that the template asks; empty where it asks none.
  public var approvals: [ApprovalView]
  /// What was attached, oldest first.
  public var evidence: [Evidence]
  /// Why it is in its state: the reason of a block, waiver, rejection or reopening.
  public var reason: String?
  /// The launch or learning that put it into the template.
  public var why: String
  /// Counts its changes, from 1; `_meta.expectedVersion` refers to it.
  public var version: Int
  /// The day it happened, where it is done.
  public var doneOn: LocalDate?
  /// The day on which a waived item is failing again.
  public var waivedUntil: LocalDate?
  /// Whether somebody outside its function agrees that it is not applicable, where it is.
  public var verified: Bool?

  public init(
    key: ItemKey, instance: String? = nil, section: String, function: LaunchFunction, title: String, state: ItemState,
    gate: GateKind, due: LocalDate, overdue: Bool, flags: [String] = [], owner: PersonID? = nil,
    approvals: [ApprovalView] = [], evidence: [Evidence] = [], reason: String? = nil, why: String, version: Int,
    doneOn: LocalDate? = nil, waivedUntil: LocalDate? = nil, verified: Bool? = nil
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
  }

  /// Its key and instance.
  public var reference: ItemReference { ItemReference(key: key, instance: instance) }

  /// Writes every field, with null for what there is not, so that scripts always find it.
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
  }
}

/// What one group has said of an item.
public struct ApprovalView: Codable, Sendable, Hashable {
  /// A function or a group of the roster, as `legal`.
  public var group: String
  /// How many people of the group must approve, from 1.
  public var quorum: Int
  /// Whose approvals stand, one person once; a claimed identity is marked as such.
  public var approvedBy: [String]
  /// Whose rejections stand; one is enough to block.
  public var rejectedBy: [String]
  /// What was withdrawn, or voided by a change of the item: who, what, and why it no longer stands.
  public var ended: [String]

  public init(
    group: String, quorum: Int, approvedBy: [String] = [], rejectedBy: [String] = [], ended: [String] = []
  ) {
    self.group = group
    self.quorum = quorum
    self.approvedBy = approvedBy
    self.rejectedBy = rejectedBy
    self.ended = ended
  }
}

/// One item with its history.
public struct ItemDetail: Codable, Sendable, Hashable {
  /// The launch that the item belongs to.
  public var launch: LaunchID
  /// The item as it now is.
  public var item: ItemView
  /// Everything that was done with it, oldest first.
  public var history: [HistoryEntry]
  /// True if history and evidence are left out because the answer would be too large to send; else nil.
  public var short: Bool?

  public init(launch: LaunchID, item: ItemView, history: [HistoryEntry], short: Bool? = nil) {
    self.launch = launch
    self.item = item
    self.history = history
    self.short = short
  }
}

/// One thing that was done.
public struct HistoryEntry: Codable, Sendable, Hashable {
  /// When it was done.
  public var at: Timestamp
  /// Who did it, as `dana`, `dana (claimed by uid:1000)`, or `gonogo-checklist`.
  public var by: String
  /// The verb, as `approve` or `rescheduled`.
  public var action: String
  /// What else there is to tell, for a person, as a reason; nil for nothing.
  public var detail: String?

  public init(at: Timestamp, by: String, action: String, detail: String? = nil) {
    self.at = at
    self.by = by
    self.action = action
    self.detail = detail
  }
}
