public import JSON

/// The event types that services announce, each with its payload (contract.md, section 5).
public enum Announcements {
  public static let launchProposed = EventType<LaunchAnnounced>("dev.gonogo.launch.proposed.v1")
  public static let launchFactsChanged = EventType<LaunchAnnounced>("dev.gonogo.launch.factschanged.v1")
  public static let launchRetiered = EventType<LaunchAnnounced>("dev.gonogo.launch.retiered.v1")
  public static let launchRescheduled = EventType<LaunchAnnounced>("dev.gonogo.launch.rescheduled.v1")
  public static let launchCancelled = EventType<LaunchAnnounced>("dev.gonogo.launch.cancelled.v1")
  public static let launchPostponed = EventType<LaunchAnnounced>("dev.gonogo.launch.postponed.v1")
  public static let launchStatus = EventType<LaunchStatusChanged>("dev.gonogo.launch.status.v1")
  public static let checklistInstantiated = EventType<ChecklistInstantiated>("dev.gonogo.checklist.instantiated.v1")
  public static let checklistItem = EventType<ItemChanged>("dev.gonogo.checklist.item.v1")
  public static let decisionMade = EventType<DecisionAnnounced>("dev.gonogo.decision.made.v1")
  public static let decisionConfirmed = EventType<DecisionAnnounced>("dev.gonogo.decision.confirmed.v1")
  public static let decisionStale = EventType<DecisionAnnounced>("dev.gonogo.decision.stale.v1")
  public static let exposureStarted = EventType<ExposureAnnounced>("dev.gonogo.exposure.started.v1")
  public static let exposureStaged = EventType<ExposureAnnounced>("dev.gonogo.exposure.staged.v1")
  public static let exposureRolledBack = EventType<ExposureAnnounced>("dev.gonogo.exposure.rolledback.v1")
  public static let metricsSealed = EventType<MetricsSealed>("dev.gonogo.metrics.sealed.v1")
  public static let metricsAmended = EventType<MetricsSealed>("dev.gonogo.metrics.amended.v1")
  public static let metricsVerdict = EventType<MetricVerdictAnnounced>("dev.gonogo.metrics.verdict.v1")
  public static let reviewOpened = EventType<ReviewAnnounced>("dev.gonogo.review.opened.v1")
  public static let reviewClosed = EventType<ReviewAnnounced>("dev.gonogo.review.closed.v1")
  public static let learningProposed = EventType<LearningProposed>("dev.gonogo.learning.proposed.v1")
  public static let templateAdopted = EventType<TemplateAdopted>("dev.gonogo.template.adopted.v1")
  public static let policyAdopted = EventType<DocumentAdopted>("dev.gonogo.policy.adopted.v1")
  public static let rosterAdopted = EventType<RosterAdopted>("dev.gonogo.roster.adopted.v1")
  public static let noticeReviewOpen = EventType<Notice>("dev.gonogo.notice.reviewopen.v1")
  public static let noticeStale = EventType<Notice>("dev.gonogo.notice.stale.v1")
  public static let noticeActionDue = EventType<Notice>("dev.gonogo.notice.actiondue.v1")
}

/// The launch as it now is.
public struct LaunchAnnounced: Codable, Sendable, Hashable {
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
  public var status: LaunchStatus
  public var from: LaunchStatus

  public init(status: LaunchStatus, from: LaunchStatus) {
    self.status = status
    self.from = from
  }
}

/// The checklist that a launch was given.
public struct ChecklistInstantiated: Codable, Sendable, Hashable {
  public var templateVersion: Int
  public var items: [ItemReference]

  public init(templateVersion: Int, items: [ItemReference]) {
    self.templateVersion = templateVersion
    self.items = items
  }
}

/// An item of a launch: its template key and, where it was expanded, the instance.
public struct ItemReference: Codable, Sendable, Hashable {
  public var key: ItemKey
  public var instance: String?

  public init(key: ItemKey, instance: String? = nil) {
    self.key = key
    self.instance = instance
  }
}

/// An item that went from one state to another, or was changed otherwise.
public struct ItemChanged: Codable, Sendable, Hashable {
  public var item: ItemKey
  public var instance: String?
  public var from: ItemState
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
  public var decision: DecisionKind
  /// The SHA-256 of the snapshot it rests on.
  public var digest: String
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
  public var occurredAt: Timestamp
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
  public var attempt: Int
  public var startedAt: Timestamp
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
  public var retroactive: Bool

  public init(digest: String, metrics: [String], retroactive: Bool = false) {
    self.digest = digest
    self.metrics = metrics
    self.retroactive = retroactive
  }
}

/// A metric's verdict that changed.
public struct MetricVerdictAnnounced: Codable, Sendable, Hashable {
  public var metric: String
  public var verdict: Verdict
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
  public var attempt: Int
  public var digest: String?

  public init(attempt: Int, digest: String? = nil) {
    self.attempt = attempt
    self.digest = digest
  }
}

/// A learning that proposes a change of the checklist template.
public struct LearningProposed: Codable, Sendable, Hashable {
  public var learning: String
  /// What is proposed to change: `template` for now.
  public var target: String
  public var text: String
  /// The launches it cites.
  public var launches: [LaunchID]
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
  public var templateVersion: Int
  public var digest: String
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
  public var rosterVersion: Int
  public var digest: String
  public var document: Roster

  public init(rosterVersion: Int, digest: String, document: Roster) {
    self.rosterVersion = rosterVersion
    self.digest = digest
    self.document = document
  }
}

/// Any other document that was adopted, whole.
public struct DocumentAdopted: Codable, Sendable, Hashable {
  public var documentVersion: Int
  public var digest: String
  public var document: JSONValue

  public init(documentVersion: Int, digest: String, document: JSONValue) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.document = document
  }
}

/// Something that people should know of; the same `key` is sent once.
public struct Notice: Codable, Sendable, Hashable {
  public var key: String
  public var people: [PersonID]
  public var functions: [LaunchFunction]
  public var text: String

  public init(key: String, people: [PersonID] = [], functions: [LaunchFunction] = [], text: String) {
    self.key = key
    self.people = people
    self.functions = functions
    self.text = text
  }
}
