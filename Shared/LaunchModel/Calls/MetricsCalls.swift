public import JSON

/// The metrics service's methods.
public enum MetricsRoutes {
  public static let define = Route<DefinePlan, PlanView>(.metrics, "plan.define", .change)
  public static let seal = Route<LaunchAction, PlanView>(.metrics, "plan.seal", .change)
  public static let amend = Route<DefinePlan, PlanView>(.metrics, "plan.amend", .change)
  public static let showPlan = Route<LaunchReference, PlanView>(.metrics, "plan.show", .read)
  public static let verdicts = Route<VerdictRequest, MetricsView>(.metrics, "verdict.show", .read)
  public static let series = Route<SeriesRequest, SeriesView>(.metrics, "series", .read)
  public static let rebuild = Route<LaunchAction, RebuildView>(.metrics, "projection.rebuild", .change)
}

/// Where a metric stands (product.md, section 4).
public enum Verdict: String, Codable, Sendable, Hashable, CaseIterable {
  case met, missed, inconclusive, pending, unknown
}

/// The content of a metric file for one launch, as it was written, so that every fault is answered at once.
public struct DefinePlan: Codable, Sendable, Hashable {
  public var launch: LaunchID
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
  public var launch: LaunchID
  public var sealed: Bool
  /// The SHA-256 of the definition in canonical JSON (RFC 8785), lower-case hex; also of one not sealed yet.
  public var digest: String?
  public var sealedAt: Timestamp?
  public var sealedBy: String?
  /// The definition that is hashed, defaults filled in.
  public var definition: JSONValue?
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
    public var digest: String
    public var reason: String
    public var by: String
    public var at: Timestamp
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
  public var launch: LaunchID
  public var sealed: Bool
  public var digest: String?
  public var asOf: Timestamp
  /// The bus offset up to which events are in these figures.
  public var offset: Int64
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
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  public var verdict: Verdict
  /// Nil where there is no data or the denominator is 0.
  public var value: Double?
  public var numerator: Int?
  public var denominator: Int?
  public var n: Int
  /// The interval, where the kind has one.
  public var low: Double?
  public var high: Double?
  /// As written in the metric file.
  public var target: String?
  public var windowStart: Timestamp?
  public var windowEnd: Timestamp?
  /// The latest occurrence time of the events that are in the figure.
  public var watermark: Timestamp?
  /// Whether late events changed a figure after its window had closed.
  public var restated: Bool
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
}

/// One day of an adoption curve.
public struct CurvePoint: Codable, Sendable, Hashable {
  public var day: Int
  public var numerator: Int
  public var denominator: Int

  public init(day: Int, numerator: Int, denominator: Int) {
    self.day = day
    self.numerator = numerator
    self.denominator = denominator
  }
}

/// Asks for the series of one metric.
public struct SeriesRequest: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var key: String
  public var asOf: Timestamp?

  public init(launch: LaunchID, key: String, asOf: Timestamp? = nil) {
    self.launch = launch
    self.key = key
    self.asOf = asOf
  }
}

/// A metric over its days.
public struct SeriesView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var key: String
  public var kind: String
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
