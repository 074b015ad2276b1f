public import LaunchModel

/// The review service's methods.
public enum ReviewRoutes {
  /// A review with its explanations, outcomes, actions and learnings.
  public static let show = Route<ReviewReference, ReviewView>(.review, "review.show", .read)
  /// All reviews, past and scheduled.
  public static let list = Route<NoParameters, ReviewList>(.review, "review.list", .read)
  /// The agenda as of now, listing sources that could not be reached.
  public static let agenda = Route<ReviewReference, AgendaView>(.review, "review.agenda", .read)
  /// The topics of the tickets from the first 30 days, derived from their texts, listing sources that could not be
  /// reached.
  public static let topics = Route<TopicsRequest, TopicsView>(.review, "review.topics", .read)
  /// Records an explanation of a metric's gap.
  public static let explain = Route<ExplainMetric, ReviewView>(.review, "review.explain", .change)
  /// Records the outcome of an agenda point.
  public static let note = Route<NoteOutcome, ReviewView>(.review, "review.note", .change)
  /// Records attendees, in addition to those already recorded.
  public static let attend = Route<Attendance, ReviewView>(.review, "review.attend", .change)
  /// Closes a review and stores its agenda. Fails if a part of the agenda is missing, or a missed metric, a point or an
  /// action is incomplete; the error names everything that is missing.
  public static let close = Route<CloseReview, ReviewView>(.review, "review.close", .change)
  /// Adds an action, with its owner and due date if known.
  public static let addAction = Route<AddAction, ActionView>(.review, "action.add", .change)
  /// Adds an outreach action for each listed customer that has none.
  public static let addOutreach = Route<AddOutreach, OutreachAdded>(.review, "action.outreach", .change)
  /// Actions, by launch or owner; overdue ones first.
  public static let listActions = Route<ActionFilter, ActionList>(.review, "action.list", .read)
  /// Marks an action as done, with its result.
  public static let finishAction = Route<ActionReference, ActionView>(.review, "action.done", .change)
  /// Drops an action, with the reason as its outcome.
  public static let dropAction = Route<ActionReference, ActionView>(.review, "action.drop", .change)
  /// Changes an action's owner or due date.
  public static let assignAction = Route<AssignAction, ActionView>(.review, "action.assign", .change)
  /// Gives all open actions of a person to another one. An action that the caller may not change keeps its owner.
  public static let reassignActions = Route<ReassignActions, ReassignedActions>(.review, "action.reassign", .change)
  /// Adds something learned from a launch.
  public static let addLearning = Route<AddLearning, LearningView>(.review, "learning.add", .change)
  /// All learnings and their outcomes.
  public static let listLearnings = Route<NoParameters, LearningList>(.review, "learning.list", .read)
  /// Turns a learning into a proposed change to the checklist template, the tier policy or the metric defaults.
  public static let proposeLearning = Route<ProposeLearning, LearningView>(.review, "learning.propose", .change)
}

/// Parameters of a method about one review.
public struct ReviewReference: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The attempt at launching, starting at 1; nil means the one with the open review, or the latest if none or several
  /// are open.
  public var attempt: Int?

  public init(launch: LaunchID, attempt: Int? = nil) {
    self.launch = launch
    self.attempt = attempt
  }
}

/// The stage of a review.
public enum ReviewState: String, Codable, Sendable, Hashable, CaseIterable {
  case scheduled, open, closed
}

/// The review of one attempt of a launch.
public struct ReviewView: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The attempt under review, starting at 1; each attempt has its own review.
  public var attempt: Int
  /// `scheduled` from exposure to day 30, then `open` until it is closed.
  public var state: ReviewState
  /// The local date of `opensAt`, always a business day.
  public var opensOn: LocalDate
  /// 30 × 24 h after exposure; if that is not on a business day, 00:00 of the next one.
  public var opensAt: Timestamp
  /// When it opened; nil while it is scheduled.
  public var openedAt: Timestamp?
  /// When it was closed; nil while it is not.
  public var closedAt: Timestamp?
  /// Who closed it: `dana`, or `dana (claimed by uid:1000)`; nil while it is not closed.
  public var closedBy: String?
  /// The SHA-256 of the agenda stored at closing, lower-case hex; nil while it is not closed.
  public var digest: String?
  /// The parts that Product Ops closed it without, and why; nil if nothing was left out.
  public var closedWithout: ClosingOmission?
  /// The invited functions: Product, Engineering, Marketing, CS and Support.
  public var invited: [LaunchFunction]
  /// The attendees recorded with `review.attend`.
  public var attended: [PersonID]
  /// The invited functions that no attendee belongs to, according to the roster.
  public var absent: [LaunchFunction]
  /// Explanations, keyed by metric.
  public var explanations: [String: String]
  /// Outcomes, keyed by agenda point.
  public var outcomes: [String: String]
  /// The actions decided on, including ended ones.
  public var actions: [ActionView]
  /// The launch's learnings, oldest first.
  public var learnings: [LearningView]
  /// The version: the number of its changes, starting at 1; `_meta.expectedVersion` refers to it.
  public var version: Int

  public init(
    launch: LaunchID, attempt: Int, state: ReviewState, opensOn: LocalDate, opensAt: Timestamp,
    openedAt: Timestamp? = nil, closedAt: Timestamp? = nil, closedBy: String? = nil, digest: String? = nil,
    closedWithout: ClosingOmission? = nil, invited: [LaunchFunction] = [], attended: [PersonID] = [],
    absent: [LaunchFunction] = [], explanations: [String: String] = [:], outcomes: [String: String] = [:],
    actions: [ActionView] = [], learnings: [LearningView] = [], version: Int = 1
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
    self.closedWithout = closedWithout
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

/// All reviews, sorted by opening.
public struct ReviewList: Codable, Sendable, Hashable {
  /// One review for each attempt of a launch of tiers 0 to 2.
  public var reviews: [ReviewView]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(reviews: [ReviewView]) { self.reviews = reviews }
}

/// The agenda of a review, assembled from the data (product.md, section 5).
public struct AgendaView: Codable, Sendable, Hashable {
  /// The launch under review.
  public var launch: LaunchID
  /// The attempt under review, starting at 1.
  public var attempt: Int
  /// The local day on which the review opens: a business day at least 30 days after exposure.
  public var opensOn: LocalDate
  /// The stage of the review; once it is closed the agenda no longer changes.
  public var state: ReviewState
  /// The metrics of the sealed plan with their verdicts, in the plan's order.
  public var metrics: [MetricPoint]
  /// The topics with at least 3 tickets from the first 30 days, largest first and at most 15; each needs an outcome.
  public var topics: [Topic]
  /// The number of tickets from the first 30 days; nil for an agenda stored before agendas had topics.
  public var tickets: Int?
  /// The number of these tickets that belong to none of `topics`; nil whenever `tickets` is.
  public var ticketsElsewhere: Int?
  /// Topics without an article, articles with down votes, and searches without results; each needs an outcome, which a
  /// topic without an article has as a topic.
  public var knowledgeGaps: [GapPoint]
  /// The attempt's escalated tickets; each needs an outcome.
  public var escalations: [EscalationPoint]
  /// The customers with the worst experience, worst first; at most 10.
  public var customers: [CustomerPoint]
  /// Late, undone and waived items, followed by overrides, stale decisions and violations.
  public var readiness: [ReadinessPoint]
  /// The sources that could not be reached and the parts that are not assembled, each with the reason.
  public var missing: [String]
  /// The parts that Product Ops closed the review without, and why; nil if nothing was left out.
  public var closedWithout: ClosingOmission?

  public init(
    launch: LaunchID, attempt: Int, opensOn: LocalDate, state: ReviewState, metrics: [MetricPoint],
    topics: [Topic] = [], tickets: Int? = nil, ticketsElsewhere: Int? = nil, knowledgeGaps: [GapPoint] = [],
    escalations: [EscalationPoint] = [], customers: [CustomerPoint] = [], readiness: [ReadinessPoint] = [],
    missing: [String] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.opensOn = opensOn
    self.state = state
    self.metrics = metrics
    self.topics = topics
    self.tickets = tickets
    self.ticketsElsewhere = ticketsElsewhere
    self.knowledgeGaps = knowledgeGaps
    self.escalations = escalations
    self.customers = customers
    self.readiness = readiness
    self.missing = missing
  }

  /// A sealed metric with its verdict, its gap, and the explanation of the gap.
  ///
  /// Encoded as one flat object with the metric's own fields.
  public struct MetricPoint: Sendable, Hashable {
    /// The figure and verdict from the metrics service.
    public var metric: MetricView
    /// The value minus the number it is compared with (the target, the forecast by now, or the others' share), in the
    /// value's unit; nil if either is missing.
    public var gap: Double?
    /// The explanation of the gap, from `review.explain`; nil while there is none. The review cannot be closed while a
    /// missed metric lacks one.
    public var explanation: String?
    /// A draft explanation for a missed or inconclusive metric, built from the largest contributions to the gap; nil
    /// once there is an explanation. It counts only after a person has accepted it with `review.explain`.
    public var draft: String?

    public init(metric: MetricView, gap: Double? = nil, explanation: String? = nil, draft: String? = nil) {
      self.metric = metric
      self.gap = gap
      self.explanation = explanation
      self.draft = draft
    }
  }

  /// Knowledge that customers asked or searched for and did not find, or that they voted down.
  public struct GapPoint: Codable, Sendable, Hashable {
    /// The point's id, for example `article/routing-intro/de`, `search/route-by-skill` or `gap/turn-routing-off`.
    public var id: String
    /// `topic-without-article`, `article-voted-down` or `search-without-result`.
    public var kind: String
    /// The label of the topic, the article, or the most frequent search words, with the locale if known.
    public var subject: String
    /// The number of tickets, down votes or searches.
    public var count: Int
    /// The id of the topic that no article answers, for example `topic/turn-routing-off`, which is the point that needs
    /// the outcome; nil for other gaps, and in an agenda that was stored while such a gap was a point of its own.
    public var topic: String?
    /// The outcome, from `review.note`, or that of the topic; nil until then.
    public var outcome: String?

    public init(
      id: String, kind: String, subject: String, count: Int, topic: String? = nil, outcome: String? = nil
    ) {
      self.id = id
      self.kind = kind
      self.subject = subject
      self.count = count
      self.topic = topic
      self.outcome = outcome
    }

    /// The point in a few words, for example `export as CSV: 41 searches without a result`.
    public var text: String {
      func counted(_ noun: String, _ nouns: String) -> String { "\(subject): \(count) \(count == 1 ? noun : nouns)" }
      return switch kind {
      case "topic-without-article": counted("ticket, which no article answers", "tickets, which no article answers")
      case "article-voted-down": counted("vote down", "votes down")
      case "search-without-result": counted("search without a result", "searches without a result")
      default: "\(kind) \(subject): \(count)"
      }
    }
  }

  /// An escalated ticket attributed to the launch.
  public struct EscalationPoint: Codable, Sendable, Hashable {
    /// The point's id, for example `escalation/T-1042`.
    public var id: String
    /// The ticket's key in the helpdesk.
    public var ticket: String
    /// The account that opened it; nil if the ticket named none.
    public var account: String?
    /// The escalation level as named by the helpdesk; nil if the event did not state it.
    public var level: String?
    /// The reason as given by the helpdesk; nil if the event did not state it.
    public var reason: String?
    /// When it was escalated.
    public var at: Timestamp
    /// The outcome, from `review.note`; nil while there is none.
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
    /// The point's id, for example `customer/acme`.
    public var id: String
    /// The account's key in signals; a merged account counts as the one it was merged into.
    public var account: String
    /// The weighted sum of its bad experiences, for example 3 for an escalated ticket; higher is worse.
    public var score: Double
    /// What contributed to the score, one sentence each, for example `opened 4 tickets`.
    public var reasons: [String]
    /// The outcome: the owner of the outreach action, later its result, or why Product Ops dropped it; nil while there
    /// is no action with an owner. Notes do not count.
    public var outcome: String?
    /// The id of the outreach action that is the outcome, for example `smart-routing-a1`; nil while there is none.
    public var action: String?

    public init(
      id: String, account: String, score: Double, reasons: [String], outcome: String? = nil, action: String? = nil
    ) {
      self.id = id
      self.account = account
      self.score = score
      self.reasons = reasons
      self.outcome = outcome
      self.action = action
    }
  }

  /// A finding about the path to GO: a late, undone or waived item, an override, a violation or a stale decision.
  public struct ReadinessPoint: Codable, Sendable, Hashable {
    /// The point's id, for example `late/kb-article/de` or `violation/2`.
    public var id: String
    /// `late`, `not-done` or `waived` for an item; `override`, `stale` or `violation`.
    public var kind: String
    /// A sentence for people, for example `Load test: done on 2027-02-27, due on 2027-02-20`.
    public var detail: String
    /// The outcome, from `review.note`; nil while there is none.
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
    case gap, explanation, draft
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    metric = try MetricView(from: decoder)
    gap = try container.decodeIfPresent(Double.self, forKey: .gap)
    explanation = try container.decodeIfPresent(String.self, forKey: .explanation)
    draft = try container.decodeIfPresent(String.self, forKey: .draft)
  }

  public func encode(to encoder: any Encoder) throws {
    try metric.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(gap, forKey: .gap)
    try container.encodeIfPresent(explanation, forKey: .explanation)
    try container.encodeIfPresent(draft, forKey: .draft)
  }
}
