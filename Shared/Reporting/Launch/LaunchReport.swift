public import Contract
public import LaunchModel

/// A launch's report: everything on its page, assembled from the services' answers. Its encoded form is the JSON
/// format.
public struct LaunchReport: Codable, Sendable, Hashable {
  /// The moment that the report is as of, by tiering's clock.
  public var at: Timestamp
  /// How the launch went, in a word.
  public var outcome: Outcome
  /// How the launch went, in one line, for example `Smart routing · tier 1 · shipped 2 Mar 2027 · GO by dana · 3 of 4
  /// metrics met`.
  public var headline: String
  /// The launch.
  public var launch: LaunchRecord
  /// The items in board order, without voided ones; nil if they could not be read.
  public var items: [ItemView]?
  /// The readiness by function; nil if it could not be read.
  public var readiness: ReadinessView?
  /// The answers to the poll; nil if they could not be read.
  public var poll: PollView?
  /// The decision; nil if it could not be read.
  public var decision: DecisionView?
  /// The exposure over time; nil if it could not be read.
  public var exposure: ExposureView?
  /// The figures and verdicts; nil if they could not be read, or if launches of the tier are not measured.
  public var metrics: MetricsView?
  /// The metrics by day; empty before exposure.
  public var series: [SeriesView]
  /// The gap of each metric, and what it is made of.
  public var gaps: [GapView]
  /// The metric plan, with its forecasts; nil if it could not be read.
  public var plan: PlanView?
  /// Adoption of earlier launches of the tier, latest first.
  public var earlier: [EarlierLaunch]
  /// The agenda of the review; nil if it could not be read, or if there is no review.
  public var agenda: AgendaView?
  /// The review with its outcomes, actions and learnings; nil if it could not be read, or if there is none.
  public var review: ReviewView?
  /// The head of each service's audit chain, so that a report can be checked against the record.
  public var chains: [CitedChain]
  /// The parts that are missing from the report, each with the reason.
  public var missing: [MissingPart]

  /// - Parameter items: all items; voided ones are left out.
  public init(
    at: Timestamp, launch: LaunchRecord, items: [ItemView]? = nil, readiness: ReadinessView? = nil,
    poll: PollView? = nil, decision: DecisionView? = nil, exposure: ExposureView? = nil, metrics: MetricsView? = nil,
    series: [SeriesView] = [], gaps: [GapView] = [], plan: PlanView? = nil, earlier: [EarlierLaunch] = [],
    agenda: AgendaView? = nil, review: ReviewView? = nil, chains: [CitedChain] = [], missing: [MissingPart] = []
  ) {
    self.at = at
    self.launch = launch
    self.items = items?.filter { $0.state != .voided }
    self.readiness = readiness
    self.poll = poll
    self.decision = decision
    self.exposure = exposure
    self.metrics = metrics
    self.series = series
    self.gaps = gaps
    self.plan = plan
    self.earlier = earlier
    self.agenda = agenda
    self.review = review
    self.chains = chains
    self.missing = missing
    outcome = .notMeasured
    headline = ""
    outcome = LaunchSummaryText(self).outcome
    headline = LaunchSummaryText(self).headline
  }

  /// How a launch went, according to its status and the verdicts of its metrics.
  public enum Outcome: String, Codable, Sendable, Hashable, CaseIterable {
    /// All metrics met their targets.
    case worked
    /// Some metrics met their targets, and others missed them.
    case workedInPart = "worked-in-part"
    /// Metrics missed their targets, and none met its target.
    case didNotWork = "did-not-work"
    /// Windows are still open, and no metric has missed its target.
    case tooEarly = "too-early"
    /// The windows are over and no target was missed, but not all were met: figures are inconclusive or unknown.
    case unclear
    /// Customers have it, and there are no metrics.
    case notMeasured = "not-measured"
    /// Customers do not have it yet.
    case notShipped = "not-shipped"
    /// Customers had it and no longer have it.
    case rolledBack = "rolled-back"
    case postponed, cancelled
    /// The figures could not be read.
    case unknown
  }
}

/// Adoption of an earlier launch of the same tier.
public struct EarlierLaunch: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The share of accounts that adopted it by the end of its window.
  public var outcome: Double
  /// Its curve, in which day n covers the window of n × 24 h.
  public var curve: [CurvePoint]

  public init(launch: LaunchID, outcome: Double, curve: [CurvePoint]) {
    self.launch = launch
    self.outcome = outcome
    self.curve = curve
  }
}

/// The audit chain of a service that a report cites.
public struct CitedChain: Codable, Sendable, Hashable {
  /// The service that stores the chain.
  public var service: ServiceName
  /// Its head when the report was made.
  public var head: ChainHead
  /// What is wrong with the chain, for example `the link is missing`; nil if it is intact.
  public var broken: String?

  public init(service: ServiceName, head: ChainHead, broken: String? = nil) {
    self.service = service
    self.head = head
    self.broken = broken
  }
}

/// A part that is missing from a report.
public struct MissingPart: Codable, Sendable, Hashable {
  /// The missing part, for example `metrics`.
  public var part: String
  /// Why, for example `metrics is not running`.
  public var reason: String

  public init(part: String, reason: String) {
    self.part = part
    self.reason = reason
  }
}
