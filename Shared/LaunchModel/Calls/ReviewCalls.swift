public import JSON

/// The review service's methods.
public enum ReviewRoutes {
  public static let show = Route<LaunchReference, ReviewView>(.review, "review.show", .read)
  public static let list = Route<NoParameters, ReviewList>(.review, "review.list", .read)
  public static let agenda = Route<LaunchReference, AgendaView>(.review, "review.agenda", .read)
  public static let explain = Route<ExplainMetric, ReviewView>(.review, "review.explain", .change)
  public static let note = Route<NoteOutcome, ReviewView>(.review, "review.note", .change)
  public static let attend = Route<Attendance, ReviewView>(.review, "review.attend", .change)
  public static let close = Route<LaunchAction, ReviewView>(.review, "review.close", .change)
  public static let addAction = Route<AddAction, ActionView>(.review, "action.add", .change)
  public static let listActions = Route<ActionFilter, ActionList>(.review, "action.list", .read)
  public static let finishAction = Route<ActionReference, ActionView>(.review, "action.done", .change)
  public static let dropAction = Route<ActionReference, ActionView>(.review, "action.drop", .change)
  public static let addLearning = Route<AddLearning, LearningView>(.review, "learning.add", .change)
  public static let listLearnings = Route<NoParameters, LearningList>(.review, "learning.list", .read)
  public static let proposeLearning = Route<ProposeLearning, LearningView>(.review, "learning.propose", .change)
}

/// Where a review stands.
public enum ReviewState: String, Codable, Sendable, Hashable {
  case scheduled, open, closed
}

/// The review of one attempt of a launch.
public struct ReviewView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var attempt: Int
  public var state: ReviewState
  public var opensOn: LocalDate
  public var opensAt: Timestamp
  public var openedAt: Timestamp?
  public var closedAt: Timestamp?
  public var closedBy: String?
  /// The SHA-256 of the agenda that was stored when it was closed.
  public var digest: String?
  public var invited: [LaunchFunction]
  public var attended: [PersonID]
  /// Explanations by metric key.
  public var explanations: [String: String]
  /// Outcomes by agenda point.
  public var outcomes: [String: String]
  public var actions: [ActionView]
  public var learnings: [LearningView]

  public init(
    launch: LaunchID, attempt: Int, state: ReviewState, opensOn: LocalDate, opensAt: Timestamp,
    openedAt: Timestamp? = nil, closedAt: Timestamp? = nil, closedBy: String? = nil, digest: String? = nil,
    invited: [LaunchFunction] = [], attended: [PersonID] = [], explanations: [String: String] = [:],
    outcomes: [String: String] = [:], actions: [ActionView] = [], learnings: [LearningView] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.state = state
    self.opensOn = opensOn
    self.opensAt = opensAt
    self.openedAt = openedAt
    self.closedAt = closedAt
    self.closedBy = closedBy
    self.digest = digest
    self.invited = invited
    self.attended = attended
    self.explanations = explanations
    self.outcomes = outcomes
    self.actions = actions
    self.learnings = learnings
  }
}

/// All reviews, by opening.
public struct ReviewList: Codable, Sendable, Hashable {
  public var reviews: [ReviewView]

  public init(reviews: [ReviewView]) { self.reviews = reviews }
}

/// The agenda as it writes itself from the data (product.md, section 5).
public struct AgendaView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var attempt: Int
  public var opensOn: LocalDate
  public var state: ReviewState
  public var metrics: [MetricPoint]
  public var topics: [Topic]
  public var knowledgeGaps: [GapPoint]
  public var escalations: [EscalationPoint]
  public var customers: [CustomerPoint]
  public var readiness: [ReadinessPoint]
  /// What could not be reached or is not assembled, each with the reason.
  public var missing: [String]

  public init(
    launch: LaunchID, attempt: Int, opensOn: LocalDate, state: ReviewState, metrics: [MetricPoint],
    topics: [Topic] = [], knowledgeGaps: [GapPoint] = [], escalations: [EscalationPoint] = [],
    customers: [CustomerPoint] = [], readiness: [ReadinessPoint] = [], missing: [String] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.opensOn = opensOn
    self.state = state
    self.metrics = metrics
    self.topics = topics
    self.knowledgeGaps = knowledgeGaps
    self.escalations = escalations
    self.customers = customers
    self.readiness = readiness
    self.missing = missing
  }

  /// A sealed metric: achieved or not, by how much, and what explains the gap.
  public struct MetricPoint: Codable, Sendable, Hashable {
    public var metric: MetricView
    public var explanation: String?

    public init(metric: MetricView, explanation: String? = nil) {
      self.metric = metric
      self.explanation = explanation
    }
  }

  /// A topic of the tickets.
  public struct Topic: Codable, Sendable, Hashable {
    public var id: String
    public var label: String
    public var count: Int
    public var share: Double
    public var examples: [String]
    public var articleMatch: String?

    public init(id: String, label: String, count: Int, share: Double, examples: [String], articleMatch: String? = nil) {
      self.id = id
      self.label = label
      self.count = count
      self.share = share
      self.examples = examples
      self.articleMatch = articleMatch
    }
  }

  /// Knowledge that customers looked for and did not find, or voted down.
  public struct GapPoint: Codable, Sendable, Hashable {
    public var id: String
    public var kind: String
    public var subject: String
    public var count: Int
    public var outcome: String?

    public init(id: String, kind: String, subject: String, count: Int, outcome: String? = nil) {
      self.id = id
      self.kind = kind
      self.subject = subject
      self.count = count
      self.outcome = outcome
    }
  }

  /// An escalated ticket that is attributable to the launch.
  public struct EscalationPoint: Codable, Sendable, Hashable {
    public var id: String
    public var ticket: String
    public var account: String?
    public var level: String?
    public var reason: String?
    public var at: Timestamp
    public var outcome: String?

    public init(
      id: String, ticket: String, account: String?, level: String?, reason: String?, at: Timestamp,
      outcome: String? = nil
    ) {
      self.id = id
      self.ticket = ticket
      self.account = account
      self.level = level
      self.reason = reason
      self.at = at
      self.outcome = outcome
    }
  }

  /// A customer with a poor experience.
  public struct CustomerPoint: Codable, Sendable, Hashable {
    public var id: String
    public var account: String
    public var score: Double
    public var reasons: [String]
    public var outcome: String?

    public init(id: String, account: String, score: Double, reasons: [String], outcome: String? = nil) {
      self.id = id
      self.account = account
      self.score = score
      self.reasons = reasons
      self.outcome = outcome
    }
  }

  /// One thing that the way to GO shows: a late or waived item, an override, a violation, a stale decision.
  public struct ReadinessPoint: Codable, Sendable, Hashable {
    public var id: String
    public var kind: String
    public var detail: String
    public var outcome: String?

    public init(id: String, kind: String, detail: String, outcome: String? = nil) {
      self.id = id
      self.kind = kind
      self.detail = detail
      self.outcome = outcome
    }
  }
}

/// What explains a metric's gap.
public struct ExplainMetric: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var metric: String
  public var text: String

  public init(launch: LaunchID, metric: String, text: String) {
    self.launch = launch
    self.metric = metric
    self.text = text
  }
}

/// The outcome of an agenda point.
public struct NoteOutcome: Codable, Sendable, Hashable {
  public var launch: LaunchID
  /// The point's id in the agenda.
  public var point: String
  public var text: String

  public init(launch: LaunchID, point: String, text: String) {
    self.launch = launch
    self.point = point
    self.text = text
  }
}

/// Who attended the review.
public struct Attendance: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var people: [PersonID]

  public init(launch: LaunchID, people: [PersonID]) {
    self.launch = launch
    self.people = people
  }
}

/// An action to add.
public struct AddAction: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var text: String
  public var owner: PersonID?
  public var due: LocalDate?

  public init(launch: LaunchID, text: String, owner: PersonID? = nil, due: LocalDate? = nil) {
    self.launch = launch
    self.text = text
    self.owner = owner
    self.due = due
  }
}

/// An action by its id, with its outcome.
public struct ActionReference: Codable, Sendable, Hashable {
  public var action: String
  public var outcome: String?

  public init(action: String, outcome: String? = nil) {
    self.action = action
    self.outcome = outcome
  }
}

/// Which actions to list.
public struct ActionFilter: Codable, Sendable, Hashable {
  public var launch: LaunchID?
  public var owner: PersonID?

  public init(launch: LaunchID? = nil, owner: PersonID? = nil) {
    self.launch = launch
    self.owner = owner
  }
}

/// An action that a review decided on.
public struct ActionView: Codable, Sendable, Hashable {
  /// What became of it.
  public enum State: String, Codable, Sendable, Hashable {
    case open, done, dropped
  }
  public var id: String
  public var launch: LaunchID
  public var text: String
  public var owner: PersonID?
  public var due: LocalDate?
  public var state: State
  public var overdue: Bool
  public var outcome: String?

  public init(
    id: String, launch: LaunchID, text: String, owner: PersonID?, due: LocalDate?, state: State, overdue: Bool,
    outcome: String? = nil
  ) {
    self.id = id
    self.launch = launch
    self.text = text
    self.owner = owner
    self.due = due
    self.state = state
    self.overdue = overdue
    self.outcome = outcome
  }
}

/// Actions by due date.
public struct ActionList: Codable, Sendable, Hashable {
  public var actions: [ActionView]

  public init(actions: [ActionView]) { self.actions = actions }
}

/// A learning to add.
public struct AddLearning: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var text: String

  public init(launch: LaunchID, text: String) {
    self.launch = launch
    self.text = text
  }
}

/// Proposes a learning as a change of the template.
public struct ProposeLearning: Codable, Sendable, Hashable {
  public var learning: String
  /// A template change as its file has it.
  public var change: JSONValue

  public init(learning: String, change: JSONValue) {
    self.learning = learning
    self.change = change
  }
}

/// Something that a launch taught.
public struct LearningView: Codable, Sendable, Hashable {
  public var id: String
  public var launch: LaunchID
  public var text: String
  public var by: String
  public var at: Timestamp
  public var proposedAt: Timestamp?
  /// The template version that it became.
  public var adoptedAs: Int?

  public init(
    id: String, launch: LaunchID, text: String, by: String, at: Timestamp, proposedAt: Timestamp? = nil,
    adoptedAs: Int? = nil
  ) {
    self.id = id
    self.launch = launch
    self.text = text
    self.by = by
    self.at = at
    self.proposedAt = proposedAt
    self.adoptedAs = adoptedAs
  }
}

/// Learnings by time.
public struct LearningList: Codable, Sendable, Hashable {
  public var learnings: [LearningView]

  public init(learnings: [LearningView]) { self.learnings = learnings }
}
