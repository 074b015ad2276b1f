public import JSON
public import LaunchModel

/// The event types announced by services, each with its payload (contract.md, section 5).
public enum Announcements {
  /// Sent by tiering for a new launch; checklist instantiates its items.
  public static let launchProposed = EventType<LaunchAnnounced>("dev.gonogo.launch.proposed.v1")
  /// Sent by tiering when facts or other fields of the launch file change.
  public static let launchFactsChanged = EventType<LaunchAnnounced>("dev.gonogo.launch.factschanged.v1")
  /// Sent by tiering when another tier comes into force, because of changed facts or an override.
  public static let launchRetiered = EventType<LaunchAnnounced>("dev.gonogo.launch.retiered.v1")
  /// Sent by tiering when the date moves; due dates are recomputed.
  public static let launchRescheduled = EventType<LaunchAnnounced>("dev.gonogo.launch.rescheduled.v1")
  /// Sent by tiering when a launch ends for good.
  public static let launchCancelled = EventType<LaunchAnnounced>("dev.gonogo.launch.cancelled.v1")
  /// Sent by tiering when a launch is postponed: it loses its date and gets no new one.
  public static let launchPostponed = EventType<LaunchAnnounced>("dev.gonogo.launch.postponed.v1")
  /// Sent by tiering when the status changes. The status follows from other services' announcements, so a change does
  /// not increase the launch's version.
  public static let launchStatus = EventType<LaunchStatusChanged>("dev.gonogo.launch.status.v1")
  /// Sent by tiering when a launch's date is confirmed again; does not increase the launch's version.
  public static let launchReconfirmed = EventType<LaunchReconfirmed>("dev.gonogo.launch.reconfirmed.v1")
  /// Sent by checklist when a launch gets its items.
  public static let checklistInstantiated = EventType<ChecklistInstantiated>("dev.gonogo.checklist.instantiated.v1")
  /// Sent by checklist when an item changes, whether its state or anything else.
  public static let checklistItem = EventType<ItemChanged>("dev.gonogo.checklist.item.v1")
  /// Sent by checklist when a function's lead answers the poll.
  public static let checklistVote = EventType<VoteCast>("dev.gonogo.checklist.vote.v1")
  /// Sent by checklist when Product Ops decides go, no-go or hold.
  public static let decisionMade = EventType<DecisionAnnounced>("dev.gonogo.decision.made.v1")
  /// Sent by checklist when an earlier GO is confirmed on the launch date.
  public static let decisionConfirmed = EventType<DecisionAnnounced>("dev.gonogo.decision.confirmed.v1")
  /// Sent by checklist when something that the GO depended on changes, which closes the gate.
  public static let decisionStale = EventType<DecisionAnnounced>("dev.gonogo.decision.stale.v1")
  /// Sent by checklist when the first customers get the launch in this attempt, which is day 0.
  public static let exposureStarted = EventType<ExposureAnnounced>("dev.gonogo.exposure.started.v1")
  /// Sent by checklist when the percentage of customers who have the launch changes.
  public static let exposureStaged = EventType<ExposureAnnounced>("dev.gonogo.exposure.staged.v1")
  /// Sent by checklist when the last customers lose the launch, which ends the attempt's windows.
  public static let exposureRolledBack = EventType<ExposureAnnounced>("dev.gonogo.exposure.rolledback.v1")
  /// Sent by metrics when a plan is sealed, which completes its checklist item.
  public static let metricsSealed = EventType<MetricsSealed>("dev.gonogo.metrics.sealed.v1")
  /// Sent by metrics when a sealed plan is amended.
  public static let metricsAmended = EventType<MetricsSealed>("dev.gonogo.metrics.amended.v1")
  /// Sent by metrics when a metric's verdict changes.
  public static let metricsVerdict = EventType<MetricVerdictAnnounced>("dev.gonogo.metrics.verdict.v1")
  /// Sent by metrics; plans that are defined or amended from then on take the values that they omit from this version.
  public static let metricDefaultsAdopted = EventType<DocumentAdopted>("dev.gonogo.metricdefaults.adopted.v1")
  /// Sent by review on day 30.
  public static let reviewOpened = EventType<ReviewAnnounced>("dev.gonogo.review.opened.v1")
  /// Sent by review when a review is closed and its agenda stored: nothing is missing, or Product Ops closes it without
  /// a part.
  public static let reviewClosed = EventType<ReviewAnnounced>("dev.gonogo.review.closed.v1")
  /// Sent by review within a minute after a spike notice; names the topics that drive the spike.
  public static let reviewTopics = EventType<TopicsAnnounced>("dev.gonogo.review.topics.v1")
  /// Sent by review; the service that owns the target document stores the change as a proposal.
  public static let learningProposed = EventType<LearningProposed>("dev.gonogo.learning.proposed.v1")
  /// Sent by checklist; later launches start from this version, and tiering plans with its lead times.
  public static let templateAdopted = EventType<TemplateAdopted>("dev.gonogo.template.adopted.v1")
  /// Sent by tiering; launches are tiered by this version.
  public static let policyAdopted = EventType<DocumentAdopted>("dev.gonogo.policy.adopted.v1")
  /// Sent by checklist; every process, including the bus, checks rights against this version.
  public static let rosterAdopted = EventType<RosterAdopted>("dev.gonogo.roster.adopted.v1")
  /// Sent by checklist when an item is due soon: to its owner, or to its function if it has none.
  public static let noticeDue = EventType<Notice>("dev.gonogo.notice.due.v1")
  /// Sent by checklist to the owner and the function of an overdue item.
  public static let noticeOverdue = EventType<Notice>("dev.gonogo.notice.overdue.v1")
  /// Sent by checklist to the launch's owner and the item's function when an item is blocked.
  public static let noticeBlocked = EventType<Notice>("dev.gonogo.notice.blocked.v1")
  /// Sent by checklist when an item's waiver ends soon: to the item's owner, or to its function if it has none.
  public static let noticeWaiverExpiring = EventType<Notice>("dev.gonogo.notice.waiverexpiring.v1")
  /// Sent by checklist to a group whose approval is requested, and again if nobody responds within two business days,
  /// then also to the group's lead. Also sent to the people who may waive an item when someone requests a waiver.
  public static let noticeApprovalAsked = EventType<Notice>("dev.gonogo.notice.approvalasked.v1")
  /// Sent by checklist to the people mentioned in a comment.
  public static let noticeMentioned = EventType<Notice>("dev.gonogo.notice.mentioned.v1")
  /// Sent by tiering to the owner and Product Ops when a cancelled launch reaches customers; it counts as live until it
  /// is rolled back.
  public static let noticeCancelledLive = EventType<Notice>("dev.gonogo.notice.cancelledlive.v1")
  /// Sent by tiering to the owner on the last day on which the confirmation of a launch's date is valid.
  public static let noticeReconfirm = EventType<Notice>("dev.gonogo.notice.reconfirm.v1")
  /// Sent by review to the owner and the invited functions when a review opens.
  public static let noticeReviewOpen = EventType<Notice>("dev.gonogo.notice.reviewopen.v1")
  /// Sent by checklist to the owner, Product Ops and the functions involved when a GO becomes stale.
  public static let noticeStale = EventType<Notice>("dev.gonogo.notice.stale.v1")
  /// Sent by metrics to the owner, Product, CS and Support when tickets far exceed the forecast.
  public static let noticeSpike = EventType<Notice>("dev.gonogo.notice.spike.v1")
  /// Sent by metrics to the owner, Product, CS and Support when satisfaction is lower than with other features.
  public static let noticeCSAT = EventType<Notice>("dev.gonogo.notice.csat.v1")
  /// Sent by metrics to the owner and Product Ops when a feed that metrics depend on goes silent.
  public static let noticeFeedSilent = EventType<Notice>("dev.gonogo.notice.feedsilent.v1")
  /// Sent by review when an action is due, and every week until it ends: to its owner, or to Product Ops if it has no
  /// owner on the roster.
  public static let noticeActionDue = EventType<Notice>("dev.gonogo.notice.actiondue.v1")
  /// Sent by review on the third business day after an action's due date, and every week until it ends: to the leads of
  /// the owner's functions, or to Product Ops if these have no other lead.
  public static let noticeActionOverdue = EventType<Notice>("dev.gonogo.notice.actionoverdue.v1")
}

extension Announcements {
  /// Announcements by tiering that carry the whole launch.
  public static let launchRecords = [
    launchProposed, launchFactsChanged, launchRetiered, launchRescheduled, launchCancelled, launchPostponed,
  ]
  /// The announcements by checklist about a decision.
  public static let decisions = [decisionMade, decisionConfirmed, decisionStale]
  /// Announcements by checklist about exposure; each carries all attempts.
  public static let exposures = [exposureStarted, exposureStaged, exposureRolledBack]
}

/// A launch in its current state.
public struct LaunchAnnounced: Codable, Sendable, Hashable {
  /// The whole launch. A consumer applies it only if its version is higher than the stored one, or if the versions are
  /// equal and its `conflictsVersion` is higher.
  public var record: LaunchRecord
  /// The fields that changed, for example `facts.audience` or `date`; empty for a proposal.
  public var changed: [String]

  public init(record: LaunchRecord, changed: [String]) {
    self.record = record
    self.changed = changed
  }
}

/// A change of a launch's status.
public struct LaunchStatusChanged: Codable, Sendable, Hashable {
  /// The new status.
  public var status: LaunchStatus
  /// The previous status.
  public var from: LaunchStatus

  public init(status: LaunchStatus, from: LaunchStatus) {
    self.status = status
    self.from = from
  }
}

/// A confirmation of a launch's date.
public struct LaunchReconfirmed: Codable, Sendable, Hashable {
  /// The date that was confirmed, local to the launch's zone.
  public var date: LocalDate
  /// Who confirmed the date, when, and how often it must be confirmed.
  public var confirmation: DateConfirmation

  public init(date: LocalDate, confirmation: DateConfirmation) {
    self.date = date
    self.confirmation = confirmation
  }
}

/// The checklist instantiated for a launch.
public struct ChecklistInstantiated: Codable, Sendable, Hashable {
  /// The template version that the items come from, starting at 1.
  public var templateVersion: Int
  /// All items of the launch, in board order.
  public var items: [ItemReference]

  public init(templateVersion: Int, items: [ItemReference]) {
    self.templateVersion = templateVersion
    self.items = items
  }
}

/// An item of a launch: its template key and, if it was expanded, the instance.
public struct ItemReference: Codable, Sendable, Hashable {
  /// The item's key in the template, for example `kb-article`.
  public var key: ItemKey
  /// The instance it was expanded to, for example `de` for a locale; nil if it was not expanded.
  public var instance: String?

  public init(key: ItemKey, instance: String? = nil) {
    self.key = key
    self.instance = instance
  }
}

/// A change of an item, in state or otherwise.
public struct ItemChanged: Codable, Sendable, Hashable {
  /// The item's key in the template, for example `kb-article`.
  public var item: ItemKey
  /// The instance it was expanded to, for example `de` for a locale; nil if it was not expanded.
  public var instance: String?
  /// The previous state; equal to `to` if the state did not change.
  public var from: ItemState
  /// The new state.
  public var to: ItemState
  /// What was done, for example `done`, `approve`, `attach`.
  public var action: String

  public init(item: ItemKey, instance: String?, from: ItemState, to: ItemState, action: String) {
    self.item = item
    self.instance = instance
    self.from = from
    self.to = to
    self.action = action
  }
}

/// A function's answer to the poll of a launch; the lead's remark is the event's `reason`.
public struct VoteCast: Codable, Sendable, Hashable {
  /// The function that voted; the answer replaces its previous one.
  public var function: LaunchFunction
  /// Go or no-go; a no-go is a reason against GO.
  public var answer: PollAnswer.Answer

  public init(function: LaunchFunction, answer: PollAnswer.Answer) {
    self.function = function
    self.answer = answer
  }
}

/// A decision that was made, confirmed, or became stale.
public struct DecisionAnnounced: Codable, Sendable, Hashable {
  /// What was decided; always `go` for a confirmation or a stale decision.
  public var decision: DecisionKind
  /// The SHA-256 of the decision's snapshot, lower-case hex.
  public var digest: String
  /// The digest of the artifact that the GO is bound to, for example `sha256:9f86d0…`; nil if it is bound to none.
  public var artifact: String?
  /// Whether it was made against the recommendation.
  public var override: Bool
  /// Why it became stale; empty otherwise.
  public var reasons: [String]
  /// The heads of the audit chains that the decision cites, by service; nil when it becomes stale.
  public var chains: [String: ChainHead]?

  public init(
    decision: DecisionKind, digest: String, artifact: String? = nil, override: Bool, reasons: [String] = [],
    chains: [String: ChainHead]? = nil
  ) {
    self.decision = decision
    self.digest = digest
    self.artifact = artifact
    self.override = override
    self.reasons = TextLimit.reasons.cutting(reasons)
    self.chains = chains
  }
}

/// A metric plan that was sealed or amended.
public struct MetricsSealed: Codable, Sendable, Hashable {
  /// The SHA-256 of the canonical definition, lower-case hex.
  public var digest: String
  /// The metrics' keys.
  public var metrics: [String]
  /// Whether customers already had the launch; default false.
  public var retroactive: Bool
  /// The metrics that could not be measured from the last 30 days; `reason` says why they were sealed anyway. Nil if
  /// all could be measured, and for an amendment.
  public var unmeasurable: [UnmeasurableMetric]?

  public init(
    digest: String, metrics: [String], retroactive: Bool = false, unmeasurable: [UnmeasurableMetric]? = nil
  ) {
    self.digest = digest
    self.metrics = metrics
    self.retroactive = retroactive
    self.unmeasurable = unmeasurable
  }
}

/// A change of a metric's verdict.
public struct MetricVerdictAnnounced: Codable, Sendable, Hashable {
  /// The metric's key in the plan, for example `adoption`.
  public var metric: String
  /// The new verdict.
  public var verdict: Verdict
  /// The SHA-256 of the definition it was evaluated against, lower-case hex.
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
  /// The attempt under review, starting at 1.
  public var attempt: Int
  /// The SHA-256 of the agenda stored at closing, lower-case hex; nil at opening.
  public var digest: String?
  /// The parts that Product Ops closed it without, and why; nil at opening, and if nothing was left out.
  public var closedWithout: ClosingOmission?

  public init(attempt: Int, digest: String? = nil, closedWithout: ClosingOmission? = nil) {
    self.attempt = attempt
    self.digest = digest
    self.closedWithout = closedWithout
  }
}

/// A learning that proposes a change to the checklist template, the tier policy or the metric defaults.
public struct LearningProposed: Codable, Sendable, Hashable {
  /// The learning's id, for example `smart-routing-l1`.
  public var learning: String
  /// What the change applies to: `template`, `policy` or `metric-defaults`.
  public var target: String
  /// What was learned, in the author's words.
  public var text: String
  /// The launches it cites.
  public var launches: [LaunchID]
  /// For `template`: the items to add, replace and remove, relative to a base version; otherwise nil.
  public var change: TemplateChange?
  /// For `policy` and `metric-defaults`: the whole document as written in its file; nil for `template`.
  public var document: JSONValue?

  public init(
    learning: String, target: String, text: String, launches: [LaunchID], change: TemplateChange? = nil,
    document: JSONValue? = nil
  ) {
    self.document = document
    self.learning = learning
    self.target = target
    self.text = text
    self.launches = launches
    self.change = change
  }
}

/// An adopted template version, in full.
public struct TemplateAdopted: Codable, Sendable, Hashable {
  /// The version: 1 for the first, increased by one with each adoption.
  public var templateVersion: Int
  /// The SHA-256 of the template in canonical JSON, lower-case hex.
  public var digest: String
  /// The template in its current state.
  public var document: ChecklistTemplate
  /// The learning whose proposal it adopts; nil if there is none.
  public var learning: String?
  /// The differences from the previous version; only in the answer to the adoption, and nil if they would make the
  /// answer too large.
  public var changes: TemplateDiff?
  /// Warnings for the person who adopted it, one sentence each; only in the answer to the adoption, and nil if there
  /// are none.
  public var warnings: [String]?

  public init(
    templateVersion: Int, digest: String, document: ChecklistTemplate, learning: String? = nil,
    changes: TemplateDiff? = nil, warnings: [String]? = nil
  ) {
    self.templateVersion = templateVersion
    self.digest = digest
    self.document = document
    self.learning = learning
    self.changes = changes
    self.warnings = warnings
  }
}

/// An adopted roster version, in full.
public struct RosterAdopted: Codable, Sendable, Hashable {
  /// The version: 1 for the first, increased by one with each adoption.
  public var rosterVersion: Int
  /// The SHA-256 of the roster in canonical JSON, lower-case hex.
  public var digest: String
  /// The people, grants and groups in their current state.
  public var document: Roster
  /// Warnings for the person who adopted it, one sentence each; only in the answer to the adoption, and nil if there
  /// are none.
  public var warnings: [String]?
  /// What people who are not on the roster still hold on running launches; only in the answer to the adoption, and nil
  /// if there is nothing. At most 20 people.
  public var departures: [PersonHoldings]?

  public init(
    rosterVersion: Int, digest: String, document: Roster, warnings: [String]? = nil,
    departures: [PersonHoldings]? = nil
  ) {
    self.rosterVersion = rosterVersion
    self.digest = digest
    self.document = document
    self.warnings = warnings
    self.departures = departures
  }
}

/// Any other kind of adopted document, in full.
public struct DocumentAdopted: Codable, Sendable, Hashable {
  /// The version: 1 for the first, increased by one with each adoption.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The document as written in its file.
  public var document: JSONValue
  /// The learning whose proposal it adopts; nil if there is none.
  public var learning: String?

  public init(documentVersion: Int, digest: String, document: JSONValue, learning: String? = nil) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.document = document
    self.learning = learning
  }
}
