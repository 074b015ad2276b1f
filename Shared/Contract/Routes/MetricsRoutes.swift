public import JSON
public import LaunchModel

/// The metrics service's methods.
public enum MetricsRoutes {
  /// Stores a metric plan, or replaces it as long as it is not sealed.
  public static let define = Route<DefinePlan, PlanView>(.metrics, "plan.define", .change)
  /// Seals the plan with its digest; from then on it can only be amended.
  public static let seal = Route<LaunchAction, PlanView>(.metrics, "plan.seal", .change)
  /// Amends a sealed plan, with a reason; from then on both verdicts are shown.
  public static let amend = Route<DefinePlan, PlanView>(.metrics, "plan.amend", .change)
  /// The plan, its seal and its amendments.
  public static let showPlan = Route<LaunchReference, PlanView>(.metrics, "plan.show", .read)
  /// Every metric's figure and verdict, now or as of a moment.
  public static let verdicts = Route<VerdictRequest, MetricsView>(.metrics, "verdict.show", .read)
  /// One metric by day.
  public static let series = Route<SeriesRequest, SeriesView>(.metrics, "series", .read)
  /// Rebuilds a launch's figures from the log; the results must be the same.
  public static let rebuild = Route<LaunchAction, RebuildView>(.metrics, "projection.rebuild", .change)
}

/// The verdict on a metric (product.md, section 4).
public enum Verdict: String, Codable, Sendable, Hashable, CaseIterable {
  case met, missed, inconclusive, pending, unknown
}

/// The contents of a metric file for one launch, as written, so that all errors are reported at once.
public struct DefinePlan: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The metric file's contents; errors have pointers into it.
  public var document: JSONValue
  /// Why; required by `plan.amend`.
  public var reason: String?

  public init(launch: LaunchID, document: JSONValue, reason: String? = nil) {
    self.launch = launch
    self.document = document
    self.reason = reason
  }
}

/// Selects a launch's verdicts.
public struct VerdictRequest: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The attempt at launching, starting at 1; nil means the latest.
  public var attempt: Int?
  /// The moment to answer for: only what was stored by then counts; nil means now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, attempt: Int? = nil, asOf: Timestamp? = nil) {
    self.launch = launch
    self.attempt = attempt
    self.asOf = asOf
  }
}

/// A metric plan and its seal.
public struct PlanView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// Whether it is sealed and can only be amended.
  public var sealed: Bool
  /// The SHA-256 of the definition in canonical JSON (RFC 8785), lower-case hex; also given before sealing.
  public var digest: String?
  /// When it was first sealed; nil if it is not.
  public var sealedAt: Timestamp?
  /// Who sealed it: `dana`, or `dana (claimed by uid:1000)`; nil if it is not sealed.
  public var sealedBy: String?
  /// The hashed definition, including defaults; nil without a plan.
  public var definition: JSONValue?
  /// The changes made after sealing, oldest first.
  public var amendments: [Amendment]
  /// Counts definitions, the seal and amendments; 0 without a plan.
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

  /// A change to a sealed plan.
  public struct Amendment: Codable, Sendable, Hashable {
    /// The SHA-256 of the amended definition, lower-case hex.
    public var digest: String
    /// Why sealed metrics were changed; never empty.
    public var reason: String
    /// Who amended it: `dana`, or `dana (claimed by uid:1000)`.
    public var by: String
    /// When it was amended.
    public var at: Timestamp
    /// Whether customers already had the launch.
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

/// All metrics of a launch with their verdicts.
public struct MetricsView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// Whether the plan used for the verdicts is sealed.
  public var sealed: Bool
  /// The SHA-256 of the definition used for the verdicts; nil without a plan.
  public var digest: String?
  /// The moment the figures stand for; they include only what was stored by then.
  public var asOf: Timestamp
  /// The bus offset through which events are included.
  public var offset: Int64
  /// One entry for each metric, in the plan's order.
  public var metrics: [MetricView]
  /// The attempt that is measured; nil before the first exposure.
  public var attempt: Int?
  /// The verdicts under the originally sealed definition; nil unless the plan has been amended since.
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

/// A metric's figure and verdict.
public struct MetricView: Codable, Sendable, Hashable {
  /// Its key in the metric file, for example `adoption`.
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  /// The result relative to its target; `unknown` for lack of data, which is neither a pass nor a miss.
  public var verdict: Verdict
  /// The figure; nil without data or if the denominator is 0.
  public var value: Double?
  /// The count, for example of accounts that adopted or of helpful votes; nil if the kind counts nothing.
  public var numerator: Int?
  /// The total that the count relates to, for example active accounts or all votes; nil if the kind has none.
  public var denominator: Int?
  /// The number of observations the figure rests on.
  public var n: Int
  /// The lower end of the interval, in the unit of `value`; nil if the kind has no interval.
  public var low: Double?
  /// The upper end of the interval, in the unit of `value`; nil if the kind has no interval.
  public var high: Double?
  /// The target as written in the metric file.
  public var target: String?
  /// When the window starts, at exposure; nil before exposure.
  public var windowStart: Timestamp?
  /// When the window ends, exclusive; nil before exposure.
  public var windowEnd: Timestamp?
  /// The latest occurrence time of the events included in the figure.
  public var watermark: Timestamp?
  /// Whether late events changed the figure after its window had closed.
  public var restated: Bool
  /// Further remarks about the figure, one sentence each, for example `no votes in the window`.
  public var notes: [String]
  /// For adoption: the curve, in which day n stands for the window of n × 24 h.
  public var curve: [CurvePoint]?
  /// For tickets: how they compare with the forecast so far.
  public var spike: SpikeView?
  /// For CSAT: how the feature compares with all others; nil if nothing can be compared.
  public var satisfaction: SatisfactionView?

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

  /// Encodes every field, with null for missing values, so that scripts always find them.
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
    try container.encode(spike, forKey: .spike)
    try container.encode(satisfaction, forKey: .satisfaction)
  }
}

/// The tickets of a window against the forecast (product.md, section 4).
public struct SpikeView: Codable, Sendable, Hashable {
  /// Since when there is a spike; nil if there is none.
  public var raisedAt: Timestamp?
  /// How often a spike began in this window.
  public var count: Int
  /// The tickets expected by now.
  public var expected: Double
  /// The tickets divided by those expected by now; nil if none are expected yet.
  public var ratio: Double?
  /// The e-value against the forecast: under the forecast it ever reaches x with a probability of about 1/x; a spike from 20. At
  /// most 1,000,000,000.
  public var evidence: Double
  /// The variance of daily counts, divided by their mean, that is assumed.
  public var dispersion: Double

  public init(
    raisedAt: Timestamp?, count: Int, expected: Double, ratio: Double?, evidence: Double, dispersion: Double
  ) {
    self.raisedAt = raisedAt
    self.count = count
    self.expected = expected
    self.ratio = ratio
    self.evidence = evidence
    self.dispersion = dispersion
  }
}

/// The satisfaction with a feature, compared with that of all others (product.md, section 4).
public struct SatisfactionView: Codable, Sendable, Hashable {
  /// The probability that the feature's true share is below the others' by more than the margin.
  public var probabilityWorse: Double
  /// The others' satisfied share, in the feature's mix of channels.
  public var othersShare: Double
  /// The number of the others' interactions.
  public var others: Int

  public init(probabilityWorse: Double, othersShare: Double, others: Int) {
    self.probabilityWorse = probabilityWorse
    self.othersShare = othersShare
    self.others = others
  }
}

/// One day of an adoption curve.
public struct CurvePoint: Codable, Sendable, Hashable {
  /// The day, from 1 to the metric's number of days.
  public var day: Int
  /// The accounts that used the feature in the first `day` × 24 h.
  public var numerator: Int
  /// The accounts that were active in the first `day` × 24 h.
  public var denominator: Int

  public init(day: Int, numerator: Int, denominator: Int) {
    self.day = day
    self.numerator = numerator
    self.denominator = denominator
  }
}

/// Selects the series of one metric.
public struct SeriesRequest: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The metric's key in the metric file, for example `tickets`.
  public var key: String
  /// The moment to answer for; nil means now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, key: String, asOf: Timestamp? = nil) {
    self.launch = launch
    self.key = key
    self.asOf = asOf
  }
}

/// A metric by day.
public struct SeriesView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The metric's key in the metric file.
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  /// The days in order, starting with the first; empty before exposure.
  public var points: [SeriesPoint]

  public init(launch: LaunchID, key: String, kind: String, points: [SeriesPoint]) {
    self.launch = launch
    self.key = key
    self.kind = kind
    self.points = points
  }
}

/// One day of a series: for adoption the window of n × 24 h from exposure, for other kinds the n-th period of 24 h.
public struct SeriesPoint: Codable, Sendable, Hashable {
  /// The day, starting at 1, in periods of 24 h from exposure.
  public var day: Int
  /// The count: adopted accounts, tickets, views, helpful votes or satisfied answers.
  public var numerator: Int
  /// The total that the count relates to; nil if the kind has none.
  public var denominator: Int?
  /// The figure; nil without data or if the denominator is 0.
  public var value: Double?

  public init(day: Int, numerator: Int, denominator: Int? = nil, value: Double? = nil) {
    self.day = day
    self.numerator = numerator
    self.denominator = denominator
    self.value = value
  }
}

/// A projection that is being rebuilt from the log.
public struct RebuildView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The first offset that is read.
  public var from: Int64
  /// The offset through which the rebuild reads.
  public var to: Int64

  public init(launch: LaunchID, from: Int64, to: Int64) {
    self.launch = launch
    self.from = from
    self.to = to
  }
}
