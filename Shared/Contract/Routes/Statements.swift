public import LaunchModel

/// An in-toto statement (v1): the payload of a signed envelope.
public struct Statement<Predicate: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
  private enum CodingKeys: String, CodingKey {
    case type = "_type"
    case subject, predicateType, predicate
  }

  /// The version of the format: `https://in-toto.io/Statement/v1`.
  public var type: String
  /// The subject of the statement; always exactly one.
  public var subject: [StatementSubject]
  /// The type of the predicate, for example `urn:gonogo:decision:v1`.
  public var predicateType: String
  /// The content of the statement.
  public var predicate: Predicate

  public init(about subject: StatementSubject, predicateType: String, _ predicate: Predicate) {
    type = StatementSubject.statementType
    self.subject = [subject]
    self.predicateType = predicateType
    self.predicate = predicate
  }
}

/// The subject of a statement: the artifact that a GO is bound to or, if there is none, the decision.
public struct StatementSubject: Codable, Sendable, Hashable {
  /// The launch's id for an artifact; the id followed by `/decision` for a decision.
  public var name: String
  /// The digest by algorithm, for example `sha256`, in lower-case hex.
  public var digest: [String: String]

  /// The version of the format of statements.
  public static let statementType = "https://in-toto.io/Statement/v1"

  /// - Parameters:
  ///   - artifact: for example `sha256:…`; nil if the GO is bound to none.
  ///   - decision: the decision's digest.
  public init(of launch: LaunchID, artifact: String?, decision: String) {
    let parts = artifact.map { $0.split(separator: ":", maxSplits: 1).map(String.init) } ?? []
    if parts.count == 2 {
      name = launch.rawValue
      digest = [parts[0]: parts[1]]
    } else {
      name = "\(launch.rawValue)/decision"
      digest = ["sha256": decision]
    }
  }
}

/// A statement about a GO.
public struct DecisionPredicate: Codable, Sendable, Hashable {
  /// The predicate type of statements about a GO.
  public static let type = "urn:gonogo:decision:v1"

  /// The decision itself.
  public struct Decided: Codable, Sendable, Hashable {
    /// The number of the decision within the launch, starting at 1.
    public var sequence: Int
    /// The decision; always `go`.
    public var kind: DecisionKind
    /// The SHA-256 of the decision's snapshot in canonical JSON, lower-case hex.
    public var digest: String
    /// When it was made.
    public var at: Timestamp
    /// Who made it: `dana`, or `dana (claimed by uid:1000)`.
    public var by: String
    /// The reason given with it; nil if there was none.
    public var reason: String?
    /// Whether it was made against the recommendation.
    public var override: Bool
    /// The recommendation at that time.
    public var recommendation: Recommendation
    /// The reasons against GO at that time.
    public var reasons: [ReadinessReason]
    /// When it was confirmed on the launch date; nil if it was not.
    public var confirmedAt: Timestamp?
    /// Who confirmed it; nil if nobody did.
    public var confirmedBy: String?

    public init(
      sequence: Int, kind: DecisionKind, digest: String, at: Timestamp, by: String, reason: String?, override: Bool,
      recommendation: Recommendation, reasons: [ReadinessReason], confirmedAt: Timestamp?, confirmedBy: String?
    ) {
      self.sequence = sequence
      self.kind = kind
      self.digest = digest
      self.at = at
      self.by = by
      self.reason = reason
      self.override = override
      self.recommendation = recommendation
      self.reasons = reasons
      self.confirmedAt = confirmedAt
      self.confirmedBy = confirmedBy
    }
  }

  /// One function's answer to the poll, as the decision counted it.
  public struct Vote: Codable, Sendable, Hashable {
    /// The function.
    public var function: LaunchFunction
    /// Go or no-go.
    public var answer: PollAnswer.Answer

    public init(function: LaunchFunction, answer: PollAnswer.Answer) {
      self.function = function
      self.answer = answer
    }
  }

  /// A blocking item in its state at the decision.
  public struct Item: Codable, Sendable, Hashable {
    /// The item, for example `qa` or `kb-article/de`.
    public var item: String
    /// Its state.
    public var state: ItemState
    /// The day on which it was done; nil if it is not done.
    public var doneOn: LocalDate?
    /// The number of pieces of evidence that it had.
    public var evidence: Int
    /// The SHA-256 of the canonical JSON array of its evidence, where a piece is its kind and value, such as `link
    /// https://…`; nil without evidence.
    public var evidenceDigest: String?
    /// The approvals that counted, for example `legal: lena`.
    public var approvals: [String]

    public init(
      item: String, state: ItemState, doneOn: LocalDate?, evidence: Int, evidenceDigest: String?, approvals: [String]
    ) {
      self.item = item
      self.state = state
      self.doneOn = doneOn
      self.evidence = evidence
      self.evidenceDigest = evidenceDigest
      self.approvals = approvals
    }
  }

  /// When the GO opens the gate, provided that nothing it depends on changes.
  public struct Validity: Codable, Sendable, Hashable {
    /// `in-force`, `provisional`, `unconfirmed`, `halted`, `lapsed`, `stale` or `rolled-back`: the state of the GO when
    /// the statement was issued.
    public var state: String
    /// The moment from which it opens the gate; nil if it must still be confirmed on the launch date.
    public var opensAt: Timestamp?
    /// The end of the launch date; afterwards it covers only later stages of an exposure that has begun. Nil for tier
    /// 3, whose GO is not bound to the date.
    public var closesAt: Timestamp?

    public init(state: String, opensAt: Timestamp?, closesAt: Timestamp?) {
      self.state = state
      self.opensAt = opensAt
      self.closesAt = closesAt
    }
  }

  /// The launch.
  public var launch: LaunchID
  /// The launch's name.
  public var name: String
  /// The tier at the decision.
  public var tier: Tier
  /// The launch date, local to `timeZone`.
  public var date: LocalDate
  /// The IANA name of the launch's zone.
  public var timeZone: String
  /// The digest of the artifact that the GO is bound to, such as `sha256:…`; nil if it is bound to none.
  public var artifact: String?
  /// The decision.
  public var decision: Decided
  /// The answers to the poll that the decision counted.
  public var votes: [Vote]
  /// The blocking items at the decision.
  public var items: [Item]
  /// The digest of the sealed metrics, lower-case hex; nil if none were sealed.
  public var metricSeal: String?
  /// The heads of the audit chains that the decision cites, by service.
  public var chains: [String: ChainHead]
  /// When it opens the gate.
  public var validity: Validity
  /// When the statement was signed; it does not reflect later changes.
  public var issuedAt: Timestamp

  public init(
    launch: LaunchID, name: String, tier: Tier, date: LocalDate, timeZone: String, artifact: String?,
    decision: Decided, votes: [Vote], items: [Item], metricSeal: String?, chains: [String: ChainHead],
    validity: Validity, issuedAt: Timestamp
  ) {
    self.launch = launch
    self.name = name
    self.tier = tier
    self.date = date
    self.timeZone = timeZone
    self.artifact = artifact
    self.decision = decision
    self.votes = votes
    self.items = items
    self.metricSeal = metricSeal
    self.chains = chains
    self.validity = validity
    self.issuedAt = issuedAt
  }
}

/// A statement about a launch's verdicts.
public struct VerdictsPredicate: Codable, Sendable, Hashable {
  /// The predicate type of statements about verdicts.
  public static let type = "urn:gonogo:verdicts:v1"

  /// The verdict on one metric.
  public struct Metric: Codable, Sendable, Hashable {
    /// Its key in the metric file, for example `adoption`.
    public var key: String
    /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
    public var kind: String
    /// The verdict.
    public var verdict: Verdict
    /// What the figure is compared with, for example `>= 30%`.
    public var expectation: String?
    /// The figure; nil without data.
    public var value: Double?
    /// The lower end of the figure's interval; nil if the kind has none.
    public var low: Double?
    /// The upper end of the figure's interval; nil if the kind has none.
    public var high: Double?
    /// The number of observations.
    public var n: Int
    /// When the window starts.
    public var windowStart: Timestamp?
    /// When the window ends, exclusive.
    public var windowEnd: Timestamp?
    /// Whether late events changed the figure after its window had closed.
    public var restated: Bool

    public init(_ metric: MetricView) {
      key = metric.key
      kind = metric.kind
      verdict = metric.verdict
      expectation = metric.expectation
      value = metric.value
      low = metric.low
      high = metric.high
      n = metric.n
      windowStart = metric.windowStart
      windowEnd = metric.windowEnd
      restated = metric.restated
    }
  }

  /// The launch.
  public var launch: LaunchID
  /// The launch's name.
  public var name: String
  /// The digest of the GO that the launch was shipped with.
  public var decision: String
  /// The SHA-256 of the payload of the statement about that GO, lower-case hex.
  public var statement: String
  /// The attempt that was measured, starting at 1.
  public var attempt: Int
  /// When its exposure began.
  public var exposedAt: Timestamp
  /// The digest of the plan behind the verdicts; differs from the decision's seal if the plan was amended since.
  public var plan: String?
  /// The verdicts, in the plan's order.
  public var metrics: [Metric]
  /// The verdicts under the originally sealed metrics; nil if they were not amended.
  public var beforeAmendment: [Metric]?
  /// The heads of the audit chains when the statement was signed, by service.
  public var chains: [String: ChainHead]
  /// When the statement was signed.
  public var issuedAt: Timestamp

  /// - Parameters:
  ///   - verdicts: the verdicts on the attempt.
  ///   - exposure: the attempt.
  ///   - statement: the digest of the statement about the GO.
  public init(
    launch: LaunchID, name: String, decision: String, statement: String, exposure: ExposureAttempt,
    verdicts: MetricsView, chains: [String: ChainHead], issuedAt: Timestamp
  ) {
    self.launch = launch
    self.name = name
    self.decision = decision
    self.statement = statement
    attempt = exposure.attempt
    exposedAt = exposure.startedAt
    plan = verdicts.digest
    metrics = verdicts.metrics.map(Metric.init)
    beforeAmendment = verdicts.beforeAmendment.map { $0.map(Metric.init) }
    self.chains = chains
    self.issuedAt = issuedAt
  }
}
