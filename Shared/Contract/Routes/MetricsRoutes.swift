public import JSON
public import LaunchModel

/// The metrics service's methods.
public enum MetricsRoutes {
  /// Stores a plan, or another in its place, as long as it is not sealed.
  public static let define = Route<DefinePlan, PlanView>(.metrics, "plan.define", .change)
  /// Fixes the plan and its digest; from then on it can only be amended.
  public static let seal = Route<LaunchAction, PlanView>(.metrics, "plan.seal", .change)
  /// Changes a sealed plan visibly, with a reason; both verdicts are shown from then on.
  public static let amend = Route<DefinePlan, PlanView>(.metrics, "plan.amend", .change)
  /// The plan, its seal and its amendments.
  public static let showPlan = Route<LaunchReference, PlanView>(.metrics, "plan.show", .read)
  /// Every metric's figure and verdict, now or as of a moment.
  public static let verdicts = Route<VerdictRequest, MetricsView>(.metrics, "verdict.show", .read)
  /// One metric day by day.
  public static let series = Route<SeriesRequest, SeriesView>(.metrics, "series", .read)
  /// Reads a launch's figures anew from the log; they must come out the same.
  public static let rebuild = Route<LaunchAction, RebuildView>(.metrics, "projection.rebuild", .change)
}

/// Where a metric stands (product.md, section 4).
public enum Verdict: String, Codable, Sendable, Hashable, CaseIterable {
  case met, missed, inconclusive, pending, unknown
}

/// The content of a metric file for one launch, as it was written, so that every fault is answered at once.
public struct DefinePlan: Codable, Sendable, Hashable {
  /// The launch whose metrics they are.
  public var launch: LaunchID
  /// The metric file's content; faults are answered with pointers into it.
  public var document: JSONValue
  /// Needed by `amend`.
  public var reason: String?

  public init(launch: LaunchID, document: JSONValue, reason: String? = nil) {
    self.launch = launch
    self.document = document
    self.reason = reason
  }
}

/// Asks for a launch's verdicts.
public struct VerdictRequest: Codable, Sendable, Hashable {
  /// The launch asked about.
  public var launch: LaunchID
  /// Which attempt at launching, from 1; nil stands for the latest.
  public var attempt: Int?
  /// The moment asked about: only what was stored by then counts; nil stands for now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, attempt: Int? = nil, asOf: Timestamp? = nil) {
    self.launch = launch
    self.attempt = attempt
    self.asOf = asOf
  }
}

/// A metric plan and its seal.
public struct PlanView: Codable, Sendable, Hashable {
  /// The launch whose metrics they are.
  public var launch: LaunchID
  /// Whether it can only be amended.
  public var sealed: Bool
  /// The SHA-256 of the definition in canonical JSON (RFC 8785), lower-case hex; also of one not sealed yet.
  public var digest: String?
  /// When it was first sealed; nil while it is not.
  public var sealedAt: Timestamp?
  /// Who sealed it, as `dana`, or `dana (claimed by uid:1000)`; nil while it is not sealed.
  public var sealedBy: String?
  /// The definition that is hashed, defaults filled in.
  public var definition: JSONValue?
  /// What was changed after the seal, oldest first.
  public var amendments: [Amendment]
  /// Counts definitions, the seal and amendments; 0 while there is no plan.
  public var version: Int

  public init(
    launch: LaunchID, sealed: Bool, digest: String? = nil, sealedAt: Timestamp? = nil, sealedBy: String? = nil,
    definition: JSONValue? = nil, amendments: [Amendment] = [], version: Int = 0
  ) {
    self.launch = launch
    self.version = version
    self.sealed = sealed
    self.digest = digest
    self.sealedAt = sealedAt
    self.sealedBy = sealedBy
    self.definition = definition
    self.amendments = amendments
  }

  /// A change of a sealed plan.
  public struct Amendment: Codable, Sendable, Hashable {
    /// The SHA-256 of the definition as amended, lower-case hex.
    public var digest: String
    /// Why sealed metrics were changed; there is always one.
    public var reason: String
    /// Who amended it, as `dana`, or `dana (claimed by uid:1000)`.
    public var by: String
    /// When it was amended.
    public var at: Timestamp
    /// Whether customers had the launch already.
    public var retroactive: Bool

    public init(digest: String, reason: String, by: String, at: Timestamp, retroactive: Bool) {
      self.digest = digest
      self.reason = reason
      self.by = by
      self.at = at
      self.retroactive = retroactive
    }
  }
}

/// Every metric of a launch with its verdict.
public struct MetricsView: Codable, Sendable, Hashable {
  /// The launch asked about.
  public var launch: LaunchID
  /// Whether the plan that is judged by is sealed.
  public var sealed: Bool
  /// The SHA-256 of the definition that is judged by; nil while there is no plan.
  public var digest: String?
  /// The moment that the figures stand for; only what was stored by then is in them.
  public var asOf: Timestamp
  /// The bus offset up to which events are in these figures.
  public var offset: Int64
  /// One entry for each metric, in the plan's order.
  public var metrics: [MetricView]
  /// The attempt that is measured; nil before the first exposure.
  public var attempt: Int?
  /// The verdicts by the definition that was sealed, where it has been amended since.
  public var beforeAmendment: [MetricView]?

  public init(
    launch: LaunchID, sealed: Bool, digest: String?, asOf: Timestamp, offset: Int64, metrics: [MetricView],
    attempt: Int? = nil, beforeAmendment: [MetricView]? = nil
  ) {
    self.launch = launch
    self.attempt = attempt
    self.beforeAmendment = beforeAmendment
    self.sealed = sealed
    self.digest = digest
    self.asOf = asOf
    self.offset = offset
    self.metrics = metrics
  }
}

/// One metric's figure and verdict.
public struct MetricView: Codable, Sendable, Hashable {
  /// Its key in the metric file, as `adoption`.
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  /// How it stands against its target; `unknown` for lack of data, never a pass or a miss.
  public var verdict: Verdict
  /// Nil where there is no data or the denominator is 0.
  public var value: Double?
  /// What was counted, as accounts that adopted or helpful votes; nil where the kind counts nothing.
  public var numerator: Int?
  /// What it was counted of, as active accounts or all votes; nil where the kind has no such thing.
  public var denominator: Int?
  /// How many observations the figure rests on; 0 for none.
  public var n: Int
  /// The interval, where the kind has one.
  public var low: Double?
  /// The interval's upper end, in the unit of `value`.
  public var high: Double?
  /// As written in the metric file.
  public var target: String?
  /// When the window begins, at exposure; nil before it.
  public var windowStart: Timestamp?
  /// When the window ends, that moment not in it; nil before exposure.
  public var windowEnd: Timestamp?
  /// The latest occurrence time of the events that are in the figure.
  public var watermark: Timestamp?
  /// Whether late events changed a figure after its window had closed.
  public var restated: Bool
  /// What else to know of the figure, a sentence each, as `no votes in the window`.
  public var notes: [String]
  /// For adoption: day n stands for the window of n × 24 h.
  public var curve: [CurvePoint]?

  public init(
    key: String, kind: String, verdict: Verdict, value: Double? = nil, numerator: Int? = nil, denominator: Int? = nil,
    n: Int = 0, low: Double? = nil, high: Double? = nil, target: String? = nil, windowStart: Timestamp? = nil,
    windowEnd: Timestamp? = nil, watermark: Timestamp? = nil, restated: Bool = false, notes: [String] = [],
    curve: [CurvePoint]? = nil
  ) {
    self.key = key
    self.kind = kind
    self.verdict = verdict
    self.value = value
    self.numerator = numerator
    self.denominator = denominator
    self.n = n
    self.low = low
    self.high = high
    self.target = target
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.watermark = watermark
    self.restated = restated
    self.notes = notes
    self.curve = curve
  }

  /// Writes every field, with null for what there is not, so that scripts always find it.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(key, forKey: .key)
    try container.encode(kind, forKey: .kind)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(value, forKey: .value)
    try container.encode(numerator, forKey: .numerator)
    try container.encode(denominator, forKey: .denominator)
    try container.encode(n, forKey: .n)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
    try container.encode(target, forKey: .target)
    try container.encode(windowStart, forKey: .windowStart)
    try container.encode(windowEnd, forKey: .windowEnd)
    try container.encode(watermark, forKey: .watermark)
    try container.encode(restated, forKey: .restated)
    try container.encode(notes, forKey: .notes)
    try container.encode(curve, forKey: .curve)
  }
}

/// One day of an adoption curve.
public struct CurvePoint: Codable, Sendable, Hashable {
  /// From 1 up to the metric's number of days.
  public var day: Int
  /// Accounts that used the feature in the first `day` × 24 h.
  public var numerator: Int
  /// Accounts that were active at all in the first `day` × 24 h.
  public var denominator: Int

  public init(day: Int, numerator: Int, denominator: Int) {
    self.day = day
    self.numerator = numerator
    self.denominator = denominator
  }
}

/// Asks for the series of one metric.
public struct SeriesRequest: Codable, Sendable, Hashable {
  /// The launch asked about.
  public var launch: LaunchID
  /// The metric's key in the metric file, as `tickets`.
  public var key: String
  /// The moment asked about; nil stands for now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, key: String, asOf: Timestamp? = nil) {
    self.launch = launch
    self.key = key
    self.asOf = asOf
  }
}

/// A metric over its days.
public struct SeriesView: Codable, Sendable, Hashable {
  /// The launch asked about.
  public var launch: LaunchID
  /// The metric's key in the metric file.
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  /// By day, from the first; none before exposure.
  public var points: [SeriesPoint]

  public init(launch: LaunchID, key: String, kind: String, points: [SeriesPoint]) {
    self.launch = launch
    self.key = key
    self.kind = kind
    self.points = points
  }
}

/// One day of a series: for adoption the window of n × 24 h from exposure, for anything else the n-th span of 24 h.
public struct SeriesPoint: Codable, Sendable, Hashable {
  /// From 1, counted in spans of 24 h from exposure.
  public var day: Int
  /// What was counted: adopted accounts, tickets, views, helpful votes, satisfied answers.
  public var numerator: Int
  /// What it was counted of, where the kind has such a thing.
  public var denominator: Int?
  /// Nil where there is no data or the denominator is 0.
  public var value: Double?

  public init(day: Int, numerator: Int, denominator: Int? = nil, value: Double? = nil) {
    self.day = day
    self.numerator = numerator
    self.denominator = denominator
    self.value = value
  }
}

/// A projection that is being built anew from the log.
public struct RebuildView: Codable, Sendable, Hashable {
  /// The launch whose figures are read anew.
  public var launch: LaunchID
  /// The first offset that is read again.
  public var from: Int64
  /// The offset up to which the rebuild reads.
  public var to: Int64

  public init(launch: LaunchID, from: Int64, to: Int64) {
    self.launch = launch
    self.from = from
    self.to = to
  }
}
