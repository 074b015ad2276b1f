public import LaunchModel

/// The review service's methods.
public enum ReviewRoutes {
  /// A review with its explanations, outcomes, actions and learnings.
  public static let show = Route<ReviewReference, ReviewView>(.review, "review.show", .read)
  /// Every review, past and to come.
  public static let list = Route<NoParameters, ReviewList>(.review, "review.list", .read)
  /// The agenda, assembled now; what could not be reached is named in it.
  public static let agenda = Route<ReviewReference, AgendaView>(.review, "review.agenda", .read)
  /// Says what explains a metric's gap.
  public static let explain = Route<ExplainMetric, ReviewView>(.review, "review.explain", .change)
  /// Says what came of an agenda point.
  public static let note = Route<NoteOutcome, ReviewView>(.review, "review.note", .change)
  /// Records who took part; people already recorded stay.
  public static let attend = Route<Attendance, ReviewView>(.review, "review.attend", .change)
  /// Closes a review and stores its agenda; refused while a missed metric, a point or an action lacks something.
  public static let close = Route<ReviewReference, ReviewView>(.review, "review.close", .change)
  /// Adds an action item, with its owner and due date where they are known.
  public static let addAction = Route<AddAction, ActionView>(.review, "action.add", .change)
  /// Action items, by launch or owner.
  public static let listActions = Route<ActionFilter, ActionList>(.review, "action.list", .read)
  /// Marks an action as done, with what came of it.
  public static let finishAction = Route<ActionReference, ActionView>(.review, "action.done", .change)
  /// Gives an action up, with the reason as its outcome.
  public static let dropAction = Route<ActionReference, ActionView>(.review, "action.drop", .change)
  /// Gives an action another owner or due date.
  public static let assignAction = Route<AssignAction, ActionView>(.review, "action.assign", .change)
  /// Notes what a launch taught.
  public static let addLearning = Route<AddLearning, LearningView>(.review, "learning.add", .change)
  /// What launches have taught, and what became of it.
  public static let listLearnings = Route<NoParameters, LearningList>(.review, "learning.list", .read)
  /// Makes a learning a proposed change of the checklist template.
  public static let proposeLearning = Route<ProposeLearning, LearningView>(.review, "learning.propose", .change)
}

/// Parameters of a method about one review.
public struct ReviewReference: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// Which attempt at launching, from 1; nil stands for the open review, the latest where several or none are open.
  public var attempt: Int?

  public init(launch: LaunchID, attempt: Int? = nil) {
    self.launch = launch
    self.attempt = attempt
  }
}

/// What explains a metric's gap.
public struct ExplainMetric: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// The metric's key in the plan, as `adoption`.
  public var metric: String
  /// What explains the gap; it replaces what was said before.
  public var text: String
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, metric: String, text: String, attempt: Int? = nil) {
    self.launch = launch
    self.metric = metric
    self.text = text
    self.attempt = attempt
  }
}

/// The outcome of an agenda point.
public struct NoteOutcome: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// The point's id in the agenda.
  public var point: String
  /// What came of the point; it replaces what was said before.
  public var text: String
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, point: String, text: String, attempt: Int? = nil) {
    self.launch = launch
    self.point = point
    self.text = text
    self.attempt = attempt
  }
}

/// Who attended the review.
public struct Attendance: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// Their keys on the roster, as `dana`.
  public var people: [PersonID]
  /// As in `ReviewReference`.
  public var attempt: Int?

  public init(launch: LaunchID, people: [PersonID], attempt: Int? = nil) {
    self.launch = launch
    self.people = people
    self.attempt = attempt
  }
}

/// Where a review stands.
public enum ReviewState: String, Codable, Sendable, Hashable {
  case scheduled, open, closed
}

/// The review of one attempt of a launch.
public struct ReviewView: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// Which attempt at launching is reviewed, from 1; each has its own review.
  public var attempt: Int
  /// `scheduled` from exposure to day 30, then `open` until somebody closes it.
  public var state: ReviewState
  /// The local day of `opensAt`, a business day.
  public var opensOn: LocalDate
  /// Exposure + 30 × 24 h, or 00:00 of the next business day where that is none.
  public var opensAt: Timestamp
  /// When it did open; nil while it is scheduled.
  public var openedAt: Timestamp?
  /// When it was closed; nil until then.
  public var closedAt: Timestamp?
  /// Who closed it, as `dana`, or `dana (claimed by uid:1000)`; nil until then.
  public var closedBy: String?
  /// The SHA-256 of the agenda that was stored when it was closed.
  public var digest: String?
  /// The functions that are asked to come: Product, Engineering, Marketing, CS and Support.
  public var invited: [LaunchFunction]
  /// Who took part, as recorded by `review.attend`.
  public var attended: [PersonID]
  /// The invited functions nobody of whom attended, as far as the roster tells.
  public var absent: [LaunchFunction]
  /// Explanations by metric key.
  public var explanations: [String: String]
  /// Outcomes by agenda point.
  public var outcomes: [String: String]
  /// What the review decided to do, actions that ended too.
  public var actions: [ActionView]
  /// What the launch taught, oldest first.
  public var learnings: [LearningView]
  /// Counts its changes, from 1; `_meta.expectedVersion` refers to it.
  public var version: Int

  public init(
    launch: LaunchID, attempt: Int, state: ReviewState, opensOn: LocalDate, opensAt: Timestamp,
    openedAt: Timestamp? = nil, closedAt: Timestamp? = nil, closedBy: String? = nil, digest: String? = nil,
    invited: [LaunchFunction] = [], attended: [PersonID] = [], absent: [LaunchFunction] = [],
    explanations: [String: String] = [:], outcomes: [String: String] = [:], actions: [ActionView] = [],
    learnings: [LearningView] = [], version: Int = 1
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
    self.absent = absent
    self.explanations = explanations
    self.outcomes = outcomes
    self.actions = actions
    self.learnings = learnings
    self.version = version
  }
}

/// All reviews, by opening.
public struct ReviewList: Codable, Sendable, Hashable {
  /// One for each attempt of a launch of tiers 0 to 2.
  public var reviews: [ReviewView]

  public init(reviews: [ReviewView]) { self.reviews = reviews }
}

/// The agenda as it writes itself from the data (product.md, section 5).
public struct AgendaView: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// Which attempt at launching is reviewed, from 1.
  public var attempt: Int
  /// The local day on which the review opens, a business day at least 30 days after exposure.
  public var opensOn: LocalDate
  /// Whether the review is still to come, open or closed; once closed the agenda no longer changes.
  public var state: ReviewState
  /// Each metric of the sealed plan with its verdict, in the plan's order.
  public var metrics: [MetricPoint]
  /// What the tickets of the first 30 days are about, largest first.
  public var topics: [Topic]
  /// Articles voted down, and searches without a result.
  public var knowledgeGaps: [GapPoint]
  /// Tickets of the attempt that were escalated, each a point that needs an outcome.
  public var escalations: [EscalationPoint]
  /// Who fared worst, worst first; at most 10.
  public var customers: [CustomerPoint]
  /// Late, undone and waived items, and then overrides, stale decisions and violations.
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
  ///
  /// On the wire the metric's fields stand beside the others.
  public struct MetricPoint: Sendable, Hashable {
    /// The figure and verdict, as the metrics service gives them.
    public var metric: MetricView
    /// The value less the target's, in the value's own unit; nil where there is no value or no target.
    public var gap: Double?
    /// What explains the gap, from `review.explain`; nil until then, and a missed metric needs one to close.
    public var explanation: String?

    public init(metric: MetricView, gap: Double? = nil, explanation: String? = nil) {
      self.metric = metric
      self.gap = gap
      self.explanation = explanation
    }
  }

  /// A topic of the tickets.
  public struct Topic: Codable, Sendable, Hashable {
    /// The topic's id, to which `review.note` refers.
    public var id: String
    /// The words that mark it, for a person to read.
    public var label: String
    /// How many tickets are about it.
    public var count: Int
    /// Its part of all tickets looked at, from 0 to 1.
    public var share: Double
    /// The most typical tickets, first the most typical.
    public var examples: [String]
    /// The article that answers it; nil where none does, which is a knowledge gap.
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
    /// The point's id, as `article/routing-intro/de` or `search/route-by-skill`.
    public var id: String
    /// `article-voted-down` or `search-without-result`.
    public var kind: String
    /// The article or the words searched for, with the locale where it is known.
    public var subject: String
    /// How many down votes, or how many searches.
    public var count: Int
    /// What the review decided about it, from `review.note`; nil until then.
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
    /// The point's id, as `escalation/T-1042`.
    public var id: String
    /// The ticket's key in the helpdesk.
    public var ticket: String
    /// The customer who opened it; nil where the ticket named none.
    public var account: String?
    /// How high it went, in the helpdesk's words; nil where the event did not say.
    public var level: String?
    /// Why it was escalated, in the helpdesk's words; nil where the event did not say.
    public var reason: String?
    /// When it was escalated.
    public var at: Timestamp
    /// What the review decided about it, from `review.note`; nil until then.
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
    /// The point's id, as `customer/acme`.
    public var id: String
    /// The account's key in the signals; a merged one counts as what it was merged into.
    public var account: String
    /// The sum of its bad experiences, each with a weight, as 3 for an escalated ticket; higher is worse.
    public var score: Double
    /// What the score is made of, a sentence each, as `opened 4 tickets`.
    public var reasons: [String]
    /// What the outreach came to, from `review.note`; nil until then.
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
    /// The point's id, as `late/kb-article/de` or `violation/2`.
    public var id: String
    /// `late`, `not-done` or `waived` for an item; `override`, `stale` or `violation`.
    public var kind: String
    /// A sentence for a person, as `Load test: done on 2027-02-27, due on 2027-02-20`.
    public var detail: String
    /// What the review decided about it, from `review.note`; nil until then.
    public var outcome: String?

    public init(id: String, kind: String, detail: String, outcome: String? = nil) {
      self.id = id
      self.kind = kind
      self.detail = detail
      self.outcome = outcome
    }
  }
}

extension AgendaView.MetricPoint: Codable {
  private enum Key: String, CodingKey {
    case gap, explanation
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    metric = try MetricView(from: decoder)
    gap = try container.decodeIfPresent(Double.self, forKey: .gap)
    explanation = try container.decodeIfPresent(String.self, forKey: .explanation)
  }

  public func encode(to encoder: any Encoder) throws {
    try metric.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(gap, forKey: .gap)
    try container.encodeIfPresent(explanation, forKey: .explanation)
  }
}
