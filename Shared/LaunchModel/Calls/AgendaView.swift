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
  ///
  /// On the wire the metric's fields stand beside the others.
  public struct MetricPoint: Sendable, Hashable {
    public var metric: MetricView
    /// The value less the target's, in the value's own unit; nil where there is no value or no target.
    public var gap: Double?
    public var explanation: String?

    public init(metric: MetricView, gap: Double? = nil, explanation: String? = nil) {
      self.metric = metric
      self.gap = gap
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
