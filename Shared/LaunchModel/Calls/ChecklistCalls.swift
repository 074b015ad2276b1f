public import JSON

/// The checklist service's methods.
public enum ChecklistRoutes {
  public static let items = Route<LaunchReference, ItemList>(.checklist, "checklist.items", .read)
  public static let showItem = Route<ItemTarget, ItemDetail>(.checklist, "item.show", .read)
  public static let start = Route<ItemAction, ItemDetail>(.checklist, "item.start", .change)
  public static let done = Route<ItemAction, ItemDetail>(.checklist, "item.done", .change)
  public static let reopen = Route<ItemAction, ItemDetail>(.checklist, "item.reopen", .change)
  public static let block = Route<ItemAction, ItemDetail>(.checklist, "item.block", .change)
  public static let unblock = Route<ItemAction, ItemDetail>(.checklist, "item.unblock", .change)
  public static let submit = Route<ItemAction, ItemDetail>(.checklist, "item.submit", .change)
  public static let approve = Route<ItemAction, ItemDetail>(.checklist, "item.approve", .change)
  public static let reject = Route<ItemAction, ItemDetail>(.checklist, "item.reject", .change)
  public static let withdraw = Route<ItemAction, ItemDetail>(.checklist, "item.withdraw", .change)
  public static let waive = Route<ItemAction, ItemDetail>(.checklist, "item.waive", .change)
  public static let markNotApplicable = Route<ItemAction, ItemDetail>(.checklist, "item.markNotApplicable", .change)
  public static let assign = Route<ItemAction, ItemDetail>(.checklist, "item.assign", .change)
  public static let attach = Route<ItemAction, ItemDetail>(.checklist, "item.attach", .change)
  public static let comment = Route<ItemAction, ItemDetail>(.checklist, "item.comment", .change)
  public static let readiness = Route<LaunchReference, ReadinessView>(.checklist, "readiness.show", .read)
  public static let board = Route<NoParameters, BoardView>(.checklist, "readiness.board", .read)
  public static let answerPoll = Route<PollAnswer, PollView>(.checklist, "poll.answer", .change)
  public static let showPoll = Route<LaunchReference, PollView>(.checklist, "poll.show", .read)
  public static let makeDecision = Route<DecisionRequest, DecisionView>(.checklist, "decision.make", .change)
  public static let confirmDecision = Route<LaunchAction, DecisionView>(.checklist, "decision.confirm", .change)
  public static let showDecision = Route<LaunchReference, DecisionView>(.checklist, "decision.show", .read)
  public static let checkGate = Route<LaunchReference, GateView>(.checklist, "gate.check", .read)
  public static let ship = Route<ExposureRequest, ExposureView>(.checklist, "exposure.ship", .change)
  public static let stage = Route<ExposureRequest, ExposureView>(.checklist, "exposure.stage", .change)
  public static let rollback = Route<ExposureRequest, ExposureView>(.checklist, "exposure.rollback", .change)
  public static let listTemplates = Route<NoParameters, TemplateList>(.checklist, "template.list", .read)
  public static let showTemplate = Route<VersionReference, ChecklistTemplate>(.checklist, "template.show", .read)
  public static let proposeTemplate = Route<TemplateProposal, TemplateProposalView>(.checklist, "template.propose", .change)
  public static let adoptTemplate = Route<AdoptTemplate, TemplateAdopted>(.checklist, "template.adopt", .change)
  public static let showRoster = Route<NoParameters, RosterView>(.checklist, "roster.show", .read)
  public static let adoptRoster = Route<AdoptRoster, RosterAdopted>(.checklist, "roster.adopt", .change)
}

/// Parameters of a method about one launch.
public struct LaunchReference: Codable, Sendable, Hashable {
  public var launch: LaunchID
  /// The moment asked about; nil stands for now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, asOf: Timestamp? = nil) {
    self.launch = launch
    self.asOf = asOf
  }
}

/// Parameters of a change of one launch that needs no more than a reason.
public struct LaunchAction: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var reason: String?

  public init(launch: LaunchID, reason: String? = nil) {
    self.launch = launch
    self.reason = reason
  }
}

/// One item of a launch; `instance` is needed where the key was expanded.
public struct ItemTarget: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var key: ItemKey
  public var instance: String?

  public init(launch: LaunchID, key: ItemKey, instance: String? = nil) {
    self.launch = launch
    self.key = key
    self.instance = instance
  }
}

/// Parameters of every change of an item; each verb says which of the optional ones it takes.
public struct ItemAction: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var key: ItemKey
  public var instance: String?
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
    launch: LaunchID, key: ItemKey, instance: String? = nil, reason: String? = nil, on: LocalDate? = nil,
    attended: [PersonID]? = nil, group: String? = nil, until: LocalDate? = nil, to: PersonID? = nil,
    evidence: Evidence? = nil, text: String? = nil
  ) {
    self.launch = launch
    self.key = key
    self.instance = instance
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
  public var kind: EvidenceKind
  /// The link, the text, or `sha256:` and the digest; an event's `source id`.
  public var value: String
  public var by: String?
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
  public var launch: LaunchID
  public var items: [ItemView]

  public init(launch: LaunchID, items: [ItemView]) {
    self.launch = launch
    self.items = items
  }
}

/// An item as lists show it.
public struct ItemView: Codable, Sendable, Hashable {
  public var key: ItemKey
  public var instance: String?
  public var section: String
  public var function: LaunchFunction
  public var title: String
  public var state: ItemState
  public var gate: GateKind
  public var due: LocalDate
  public var overdue: Bool
  /// `overdue`, `due-soon`, `at-risk`, `stale`, `too-late`: what is derived from dates.
  public var flags: [String]
  public var owner: PersonID?
  public var approvals: [ApprovalView]
  public var evidence: [Evidence]
  /// Why it is in its state: the reason of a block, waiver, rejection or reopening.
  public var reason: String?
  public var why: String
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
}

/// What one group has said of an item.
public struct ApprovalView: Codable, Sendable, Hashable {
  public var group: String
  public var quorum: Int
  public var approvedBy: [String]
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
  public var launch: LaunchID
  public var item: ItemView
  public var history: [HistoryEntry]

  public init(launch: LaunchID, item: ItemView, history: [HistoryEntry]) {
    self.launch = launch
    self.item = item
    self.history = history
  }
}

/// One thing that was done.
public struct HistoryEntry: Codable, Sendable, Hashable {
  public var at: Timestamp
  public var by: String
  public var action: String
  public var detail: String?

  public init(at: Timestamp, by: String, action: String, detail: String? = nil) {
    self.at = at
    self.by = by
    self.action = action
    self.detail = detail
  }
}

/// A reason for or against GO, with the item, vote or fact concerned.
public struct ReadinessReason: Codable, Sendable, Hashable {
  /// A stable word: `item-not-done`, `item-blocked`, `waiver-expired`, `poll-missing`, `poll-no-go`, `not-sealed`, `shortfall`, …
  public var code: String
  public var item: ItemKey?
  public var instance: String?
  public var function: LaunchFunction?
  public var detail: String

  public init(
    code: String, item: ItemKey? = nil, instance: String? = nil, function: LaunchFunction? = nil, detail: String
  ) {
    self.code = code
    self.item = item
    self.instance = instance
    self.function = function
    self.detail = detail
  }
}

/// The readiness of a launch, function by function.
public struct ReadinessView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var name: String
  public var tier: Tier
  public var date: LocalDate
  public var recommendation: Recommendation
  public var reasons: [ReadinessReason]
  public var functions: [FunctionReadiness]

  public init(
    launch: LaunchID, name: String, tier: Tier, date: LocalDate, recommendation: Recommendation,
    reasons: [ReadinessReason], functions: [FunctionReadiness]
  ) {
    self.launch = launch
    self.name = name
    self.tier = tier
    self.date = date
    self.recommendation = recommendation
    self.reasons = reasons
    self.functions = functions
  }
}

/// One function's readiness for one launch.
public struct FunctionReadiness: Codable, Sendable, Hashable {
  public var function: LaunchFunction
  public var state: ReadinessState
  public var done: Int
  public var total: Int
  /// The blocking items that are not done, as `key` or `key/instance`.
  public var blocking: [String]
  public var nextDue: LocalDate?
  /// The owners of what is not done.
  public var owners: [PersonID]
  /// The items that are waived, which is not done, as `key` or `key/instance`.
  public var waived: [String]

  public init(
    function: LaunchFunction, state: ReadinessState, done: Int, total: Int, blocking: [String], nextDue: LocalDate?,
    owners: [PersonID] = [], waived: [String] = []
  ) {
    self.function = function
    self.state = state
    self.done = done
    self.total = total
    self.blocking = blocking
    self.nextDue = nextDue
    self.owners = owners
    self.waived = waived
  }
}

/// Every running launch's readiness.
public struct BoardView: Codable, Sendable, Hashable {
  public var launches: [ReadinessView]

  public init(launches: [ReadinessView]) { self.launches = launches }
}

/// A lead's answer to the poll.
public struct PollAnswer: Codable, Sendable, Hashable {
  public enum Answer: String, Codable, Sendable, Hashable {
    case go
    case noGo = "no-go"
  }
  public var launch: LaunchID
  public var answer: Answer
  /// Needed by a person who leads several functions.
  public var function: LaunchFunction?
  public var note: String?

  public init(launch: LaunchID, answer: Answer, function: LaunchFunction? = nil, note: String? = nil) {
    self.launch = launch
    self.answer = answer
    self.function = function
    self.note = note
  }
}

/// The poll of a launch.
public struct PollView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  /// False for tiers 2 and 3, which have none.
  public var required: Bool
  public var votes: [PollVote]
  /// The functions that have not answered.
  public var silent: [LaunchFunction]

  public init(launch: LaunchID, required: Bool, votes: [PollVote], silent: [LaunchFunction]) {
    self.launch = launch
    self.required = required
    self.votes = votes
    self.silent = silent
  }
}

/// One function's vote.
public struct PollVote: Codable, Sendable, Hashable {
  public var function: LaunchFunction
  public var answer: PollAnswer.Answer
  public var by: String
  public var at: Timestamp
  public var note: String?

  public init(function: LaunchFunction, answer: PollAnswer.Answer, by: String, at: Timestamp, note: String? = nil) {
    self.function = function
    self.answer = answer
    self.by = by
    self.at = at
    self.note = note
  }
}

/// What Product Ops decides.
public struct DecisionRequest: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var decision: DecisionKind
  public var reason: String?
  /// Whether a decision against the recommendation is meant.
  public var override: Bool?

  public init(launch: LaunchID, decision: DecisionKind, reason: String? = nil, override: Bool? = nil) {
    self.launch = launch
    self.decision = decision
    self.reason = reason
    self.override = override
  }
}

/// The standing decision of a launch; all nil and false where there is none.
public struct DecisionView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var decision: DecisionKind?
  public var inForce: Bool
  public var provisional: Bool
  public var stale: Bool
  /// Why it is not in force, or why it went stale; for a gate, why it is closed.
  public var reasons: [ReadinessReason]
  public var digest: String?
  public var at: Timestamp?
  public var by: String?
  public var reason: String?
  public var override: Bool
  public var confirmedAt: Timestamp?
  public var recommendation: Recommendation?

  public init(
    launch: LaunchID, decision: DecisionKind? = nil, inForce: Bool = false, provisional: Bool = false,
    stale: Bool = false, reasons: [ReadinessReason] = [], digest: String? = nil, at: Timestamp? = nil,
    by: String? = nil, reason: String? = nil, override: Bool = false, confirmedAt: Timestamp? = nil,
    recommendation: Recommendation? = nil
  ) {
    self.launch = launch
    self.decision = decision
    self.inForce = inForce
    self.provisional = provisional
    self.stale = stale
    self.reasons = reasons
    self.digest = digest
    self.at = at
    self.by = by
    self.reason = reason
    self.override = override
    self.confirmedAt = confirmedAt
    self.recommendation = recommendation
  }
}

/// The answer to "may this ship?": the standing decision's fields, and `open`.
public struct GateView: Codable, Sendable, Hashable {
  public var open: Bool
  public var launch: LaunchID
  public var decision: DecisionKind?
  public var inForce: Bool
  public var provisional: Bool
  public var stale: Bool
  public var reasons: [ReadinessReason]
  public var digest: String?
  public var at: Timestamp?
  public var by: String?

  public init(open: Bool, of view: DecisionView, reasons: [ReadinessReason]) {
    self.open = open
    launch = view.launch
    decision = view.decision
    inForce = view.inForce
    provisional = view.provisional
    stale = view.stale
    self.reasons = reasons
    digest = view.digest
    at = view.at
    by = view.by
  }
}

/// A step of exposure, recorded by hand.
public struct ExposureRequest: Codable, Sendable, Hashable {
  public var launch: LaunchID
  /// When it happened; default now; a time in the past is marked backdated.
  public var at: Timestamp?
  /// For `stage`: from 0 to 100.
  public var percentage: Double?
  public var reason: String?

  public init(launch: LaunchID, at: Timestamp? = nil, percentage: Double? = nil, reason: String? = nil) {
    self.launch = launch
    self.at = at
    self.percentage = percentage
    self.reason = reason
  }
}

/// The exposure of a launch so far.
public struct ExposureView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var attempts: [ExposureAttempt]
  public var percentage: Double
  /// Whether the step was recorded later than it happened.
  public var backdated: Bool
  public var violations: [String]

  public init(
    launch: LaunchID, attempts: [ExposureAttempt], percentage: Double, backdated: Bool, violations: [String]
  ) {
    self.launch = launch
    self.attempts = attempts
    self.percentage = percentage
    self.backdated = backdated
    self.violations = violations
  }
}

/// A version of a document; nil stands for the adopted one.
public struct VersionReference: Codable, Sendable, Hashable {
  public var version: Int?

  public init(version: Int? = nil) { self.version = version }
}

/// The template's versions and open proposals.
public struct TemplateList: Codable, Sendable, Hashable {
  public struct Version: Codable, Sendable, Hashable {
    public var version: Int
    public var adoptedAt: Timestamp
    public var adoptedBy: String
    public var items: Int
    public var digest: String

    public init(version: Int, adoptedAt: Timestamp, adoptedBy: String, items: Int, digest: String) {
      self.version = version
      self.adoptedAt = adoptedAt
      self.adoptedBy = adoptedBy
      self.items = items
      self.digest = digest
    }
  }
  /// The version that new launches start from.
  public var current: Int
  public var versions: [Version]
  public var proposals: [TemplateProposalView]

  public init(current: Int, versions: [Version], proposals: [TemplateProposalView]) {
    self.current = current
    self.versions = versions
    self.proposals = proposals
  }
}

/// A change of the template, proposed by hand.
public struct TemplateProposal: Codable, Sendable, Hashable {
  /// A template change as its file has it, read by `TemplateChange.init(reading:)`.
  public var change: JSONValue
  public var reason: String?

  public init(change: JSONValue, reason: String? = nil) {
    self.change = change
    self.reason = reason
  }
}

/// A proposed change of the template and what became of it.
public struct TemplateProposalView: Codable, Sendable, Hashable {
  public var id: String
  /// The learning it came from, where it did.
  public var learning: String?
  public var text: String
  public var launches: [LaunchID]
  public var change: TemplateChange
  public var proposedAt: Timestamp
  public var proposedBy: String
  /// The template version that it became.
  public var adoptedAs: Int?

  public init(
    id: String, learning: String? = nil, text: String, launches: [LaunchID] = [], change: TemplateChange,
    proposedAt: Timestamp, proposedBy: String, adoptedAs: Int? = nil
  ) {
    self.id = id
    self.learning = learning
    self.text = text
    self.launches = launches
    self.change = change
    self.proposedAt = proposedAt
    self.proposedBy = proposedBy
    self.adoptedAs = adoptedAs
  }
}

/// Adopts an open proposal, or a whole template document.
public struct AdoptTemplate: Codable, Sendable, Hashable {
  public var proposal: String?
  /// A template as its file has it.
  public var document: JSONValue?

  public init(proposal: String? = nil, document: JSONValue? = nil) {
    self.proposal = proposal
    self.document = document
  }
}

/// Adopts a roster document as its file has it.
public struct AdoptRoster: Codable, Sendable, Hashable {
  public var document: JSONValue

  public init(document: JSONValue) { self.document = document }
}

/// The adopted roster; version 0 and empty before there is one.
public struct RosterView: Codable, Sendable, Hashable {
  public var rosterVersion: Int
  public var document: Roster
  public var adoptedAt: Timestamp?
  public var adoptedBy: String?

  public init(rosterVersion: Int, document: Roster, adoptedAt: Timestamp? = nil, adoptedBy: String? = nil) {
    self.rosterVersion = rosterVersion
    self.document = document
    self.adoptedAt = adoptedAt
    self.adoptedBy = adoptedBy
  }
}
