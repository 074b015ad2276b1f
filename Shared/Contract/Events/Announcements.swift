public import JSON
public import LaunchModel

/// The event types that services announce, each with its payload (contract.md, section 5).
public enum Announcements {
  /// By tiering: there is a new launch; checklist gives it its items.
  public static let launchProposed = EventType<LaunchAnnounced>("dev.gonogo.launch.proposed.v1")
  /// By tiering: facts or other fields of the launch file changed.
  public static let launchFactsChanged = EventType<LaunchAnnounced>("dev.gonogo.launch.factschanged.v1")
  /// By tiering: another tier is in force, by facts or by override.
  public static let launchRetiered = EventType<LaunchAnnounced>("dev.gonogo.launch.retiered.v1")
  /// By tiering: the date moved; due dates are computed anew.
  public static let launchRescheduled = EventType<LaunchAnnounced>("dev.gonogo.launch.rescheduled.v1")
  /// By tiering: the launch ended for good.
  public static let launchCancelled = EventType<LaunchAnnounced>("dev.gonogo.launch.cancelled.v1")
  /// By tiering: the launch was taken off its date.
  public static let launchPostponed = EventType<LaunchAnnounced>("dev.gonogo.launch.postponed.v1")
  /// By tiering, derived from what the others announce; it does not count as a version.
  public static let launchStatus = EventType<LaunchStatusChanged>("dev.gonogo.launch.status.v1")
  /// By checklist: a launch was given its items.
  public static let checklistInstantiated = EventType<ChecklistInstantiated>("dev.gonogo.checklist.instantiated.v1")
  /// By checklist: an item changed, in state or otherwise.
  public static let checklistItem = EventType<ItemChanged>("dev.gonogo.checklist.item.v1")
  /// By checklist: Product Ops decided go, no-go or hold.
  public static let decisionMade = EventType<DecisionAnnounced>("dev.gonogo.decision.made.v1")
  /// By checklist: a GO given earlier was confirmed on the launch date.
  public static let decisionConfirmed = EventType<DecisionAnnounced>("dev.gonogo.decision.confirmed.v1")
  /// By checklist: something that the standing GO rested on changed, and the gate closed.
  public static let decisionStale = EventType<DecisionAnnounced>("dev.gonogo.decision.stale.v1")
  /// By checklist: customers have it for the first time in this attempt: day 0.
  public static let exposureStarted = EventType<ExposureAnnounced>("dev.gonogo.exposure.started.v1")
  /// By checklist: another percentage of customers has it.
  public static let exposureStaged = EventType<ExposureAnnounced>("dev.gonogo.exposure.staged.v1")
  /// By checklist: no customer has it any more, and the attempt's windows end.
  public static let exposureRolledBack = EventType<ExposureAnnounced>("dev.gonogo.exposure.rolledback.v1")
  /// By metrics: the plan is fixed, and its checklist item completes.
  public static let metricsSealed = EventType<MetricsSealed>("dev.gonogo.metrics.sealed.v1")
  /// By metrics: a sealed plan was changed.
  public static let metricsAmended = EventType<MetricsSealed>("dev.gonogo.metrics.amended.v1")
  /// By metrics: a metric's verdict is another than before.
  public static let metricsVerdict = EventType<MetricVerdictAnnounced>("dev.gonogo.metrics.verdict.v1")
  /// By review: day 30 has come.
  public static let reviewOpened = EventType<ReviewAnnounced>("dev.gonogo.review.opened.v1")
  /// By review: the agenda has all its outcomes and is stored.
  public static let reviewClosed = EventType<ReviewAnnounced>("dev.gonogo.review.closed.v1")
  /// By review: checklist keeps it as a proposal, to be adopted or not.
  public static let learningProposed = EventType<LearningProposed>("dev.gonogo.learning.proposed.v1")
  /// By checklist: later launches start from this version; tiering plans with its lead times.
  public static let templateAdopted = EventType<TemplateAdopted>("dev.gonogo.template.adopted.v1")
  /// By tiering: launches are tiered by this version.
  public static let policyAdopted = EventType<DocumentAdopted>("dev.gonogo.policy.adopted.v1")
  /// By checklist: every process, the bus included, checks rights by this version.
  public static let rosterAdopted = EventType<RosterAdopted>("dev.gonogo.roster.adopted.v1")
  /// By checklist, to the item's owner, or its function where it has none: it is due soon.
  public static let noticeDue = EventType<Notice>("dev.gonogo.notice.due.v1")
  /// By checklist, to the item's owner and its function: it was due, and is not done.
  public static let noticeOverdue = EventType<Notice>("dev.gonogo.notice.overdue.v1")
  /// By checklist, to the launch's owner and the item's function: it is blocked.
  public static let noticeBlocked = EventType<Notice>("dev.gonogo.notice.blocked.v1")
  /// By checklist, to the item's owner, or its function where it has none: what it is waived by ends soon.
  public static let noticeWaiverExpiring = EventType<Notice>("dev.gonogo.notice.waiverexpiring.v1")
  /// By tiering, to the owner and Product Ops: customers have what was cancelled; it is live again, until it is taken back.
  public static let noticeCancelledLive = EventType<Notice>("dev.gonogo.notice.cancelledlive.v1")
  /// By review, to the owner and the invited functions.
  public static let noticeReviewOpen = EventType<Notice>("dev.gonogo.notice.reviewopen.v1")
  /// By checklist, to the owner, Product Ops and the functions concerned.
  public static let noticeStale = EventType<Notice>("dev.gonogo.notice.stale.v1")
  /// By review, to the action's owner, or to Product Ops where it has none.
  public static let noticeActionDue = EventType<Notice>("dev.gonogo.notice.actiondue.v1")
}

extension Announcements {
  /// What tiering announces with the whole launch as it then is.
  public static let launchRecords = [
    launchProposed, launchFactsChanged, launchRetiered, launchRescheduled, launchCancelled, launchPostponed,
  ]
  /// What checklist announces of a decision.
  public static let decisions = [decisionMade, decisionConfirmed, decisionStale]
  /// What checklist announces of exposure, with all attempts.
  public static let exposures = [exposureStarted, exposureStaged, exposureRolledBack]
}

/// The launch as it now is.
public struct LaunchAnnounced: Codable, Sendable, Hashable {
  /// The whole launch; a consumer applies it only where its version is higher than what it has.
  public var record: LaunchRecord
  /// The fields that changed, as `facts.audience` or `date`; empty for a proposal.
  public var changed: [String]

  public init(record: LaunchRecord, changed: [String]) {
    self.record = record
    self.changed = changed
  }
}

/// Where the launch now stands.
public struct LaunchStatusChanged: Codable, Sendable, Hashable {
  /// Where it stands from now on.
  public var status: LaunchStatus
  /// Where it stood before.
  public var from: LaunchStatus

  public init(status: LaunchStatus, from: LaunchStatus) {
    self.status = status
    self.from = from
  }
}

/// The checklist that a launch was given.
public struct ChecklistInstantiated: Codable, Sendable, Hashable {
  /// The template version that the items come from, from 1.
  public var templateVersion: Int
  /// Every item that the launch now has, in board order.
  public var items: [ItemReference]

  public init(templateVersion: Int, items: [ItemReference]) {
    self.templateVersion = templateVersion
    self.items = items
  }
}

/// An item of a launch: its template key and, where it was expanded, the instance.
public struct ItemReference: Codable, Sendable, Hashable {
  /// The item's key in the template, as `kb-article`.
  public var key: ItemKey
  /// What it was expanded to, as `de` for a locale; nil where it was not expanded.
  public var instance: String?

  public init(key: ItemKey, instance: String? = nil) {
    self.key = key
    self.instance = instance
  }
}

/// An item that went from one state to another, or was changed otherwise.
public struct ItemChanged: Codable, Sendable, Hashable {
  /// The item's key in the template, as `kb-article`.
  public var item: ItemKey
  /// What it was expanded to, as `de` for a locale; nil where it was not expanded.
  public var instance: String?
  /// The state before; the same as `to` where the state did not change.
  public var from: ItemState
  /// The state from now on.
  public var to: ItemState
  /// What was done, as `done`, `approve`, `attach`.
  public var action: String

  public init(item: ItemKey, instance: String?, from: ItemState, to: ItemState, action: String) {
    self.item = item
    self.instance = instance
    self.from = from
    self.to = to
    self.action = action
  }
}

/// A decision, a confirmation of it, or its going stale.
public struct DecisionAnnounced: Codable, Sendable, Hashable {
  /// What was decided; always `go` for a confirmation or a stale one.
  public var decision: DecisionKind
  /// The SHA-256 of the snapshot it rests on.
  public var digest: String
  /// Whether it was made against the recommendation.
  public var override: Bool
  /// Why it went stale.
  public var reasons: [String]

  public init(decision: DecisionKind, digest: String, override: Bool, reasons: [String] = []) {
    self.decision = decision
    self.digest = digest
    self.override = override
    self.reasons = reasons
  }
}

/// A step of exposure, and the exposure of its attempt as it now is.
public struct ExposureAnnounced: Codable, Sendable, Hashable {
  /// Which attempt at launching, from 1.
  public var attempt: Int
  /// The percentage exposed from then on; 0 for a rollback.
  public var percentage: Double
  /// When it happened, which may be long before it was recorded; windows count from this.
  public var occurredAt: Timestamp
  /// What was exposed against the rules so far, each with a stable word first, as `not-sealed: …`.
  public var violations: [String]
  /// Each attempt's first exposure and, where it was rolled back, end: the fold so far, for consumers that keep windows.
  public var attempts: [ExposureAttempt]

  public init(
    attempt: Int, percentage: Double, occurredAt: Timestamp, violations: [String], attempts: [ExposureAttempt]
  ) {
    self.attempt = attempt
    self.percentage = percentage
    self.occurredAt = occurredAt
    self.violations = violations
    self.attempts = attempts
  }
}

/// One attempt at launching.
public struct ExposureAttempt: Codable, Sendable, Hashable {
  /// From 1, one more with each relaunch after a rollback.
  public var attempt: Int
  /// Its first exposure: day 0 of its windows.
  public var startedAt: Timestamp
  /// When it was rolled back, which cuts its open windows; nil where it was not.
  public var rolledBackAt: Timestamp?

  public init(attempt: Int, startedAt: Timestamp, rolledBackAt: Timestamp? = nil) {
    self.attempt = attempt
    self.startedAt = startedAt
    self.rolledBackAt = rolledBackAt
  }
}

/// A metric plan that was sealed or amended.
public struct MetricsSealed: Codable, Sendable, Hashable {
  /// The SHA-256 of the canonical definition.
  public var digest: String
  /// The metrics' keys.
  public var metrics: [String]
  /// Whether customers had the launch already; default false.
  public var retroactive: Bool

  public init(digest: String, metrics: [String], retroactive: Bool = false) {
    self.digest = digest
    self.metrics = metrics
    self.retroactive = retroactive
  }
}

/// A metric's verdict that changed.
public struct MetricVerdictAnnounced: Codable, Sendable, Hashable {
  /// The metric's key in the plan, as `adoption`.
  public var metric: String
  /// How it now stands against its target.
  public var verdict: Verdict
  /// The SHA-256 of the definition that it was judged by, lower-case hex.
  public var digest: String
  /// The attempt at launching that it is about.
  public var attempt: Int?

  public init(metric: String, verdict: Verdict, digest: String, attempt: Int? = nil) {
    self.metric = metric
    self.verdict = verdict
    self.digest = digest
    self.attempt = attempt
  }
}

/// A review that opened or closed.
public struct ReviewAnnounced: Codable, Sendable, Hashable {
  /// Which attempt at launching is reviewed, from 1.
  public var attempt: Int
  /// The SHA-256 of the agenda stored at closing, lower-case hex; nil at opening.
  public var digest: String?

  public init(attempt: Int, digest: String? = nil) {
    self.attempt = attempt
    self.digest = digest
  }
}

/// A learning that proposes a change of the checklist template.
public struct LearningProposed: Codable, Sendable, Hashable {
  /// The learning's id, as `smart-routing-l1`.
  public var learning: String
  /// What is proposed to change: `template` for now.
  public var target: String
  /// What was learnt, in the words of whoever added it.
  public var text: String
  /// The launches it cites.
  public var launches: [LaunchID]
  /// What is to be added, replaced and removed, on its base version.
  public var change: TemplateChange

  public init(learning: String, target: String, text: String, launches: [LaunchID], change: TemplateChange) {
    self.learning = learning
    self.target = target
    self.text = text
    self.launches = launches
    self.change = change
  }
}

/// A template version that was adopted, whole.
public struct TemplateAdopted: Codable, Sendable, Hashable {
  /// From 1, one more with each adoption.
  public var templateVersion: Int
  /// The SHA-256 of the template in canonical JSON, lower-case hex.
  public var digest: String
  /// The template as it now is.
  public var document: ChecklistTemplate
  /// The learning whose proposal it adopts, where it is one.
  public var learning: String?

  public init(templateVersion: Int, digest: String, document: ChecklistTemplate, learning: String? = nil) {
    self.templateVersion = templateVersion
    self.digest = digest
    self.document = document
    self.learning = learning
  }
}

/// A roster version that was adopted, whole.
public struct RosterAdopted: Codable, Sendable, Hashable {
  /// From 1, one more with each adoption.
  public var rosterVersion: Int
  /// The SHA-256 of the roster in canonical JSON, lower-case hex.
  public var digest: String
  /// The people, grants and groups as they now are.
  public var document: Roster
  /// What whoever adopted it should know, a sentence each; in the answer to the adoption alone, and nil for nothing.
  public var warnings: [String]?

  public init(rosterVersion: Int, digest: String, document: Roster, warnings: [String]? = nil) {
    self.rosterVersion = rosterVersion
    self.digest = digest
    self.document = document
    self.warnings = warnings
  }
}

/// Any other document that was adopted, whole.
public struct DocumentAdopted: Codable, Sendable, Hashable {
  /// From 1, one more with each adoption.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The document as its file has it.
  public var document: JSONValue

  public init(documentVersion: Int, digest: String, document: JSONValue) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.document = document
  }
}

/// Something that people should know of; the same `key` is sent once.
public struct Notice: Codable, Sendable, Hashable {
  /// Kind and subject, as `reviewopen/smart-routing/1`.
  public var key: String
  /// Whom it is for, by their keys on the roster; may be empty.
  public var people: [PersonID]
  /// The functions it is for beside `people`; may be empty.
  public var functions: [LaunchFunction]
  /// A sentence to show to them.
  public var text: String

  public init(key: String, people: [PersonID] = [], functions: [LaunchFunction] = [], text: String) {
    self.key = key
    self.people = people
    self.functions = functions
    self.text = text
  }
}
