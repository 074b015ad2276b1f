public import JSON
public import LaunchModel

extension MetricsRoutes {
  /// Every metric's figure and verdict, now or as of a moment.
  public static let verdicts = Route<VerdictRequest, MetricsView>(.metrics, "verdict.show", .read)
}

/// The verdict on a metric (product.md, section 4).
public enum Verdict: String, Codable, Sendable, Hashable, CaseIterable {
  case met, missed, inconclusive, pending, unknown
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

/// All metrics of a launch with their verdicts.
public struct MetricsView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// Whether the plan used for the verdicts is sealed.
  public var sealed: Bool
  /// The SHA-256 of the definition used for the verdicts; nil without a plan.
  public var digest: String?
  /// The moment that the figures are as of; they include only what was stored by then.
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
  /// The verdict on its target; `unknown` without enough data, which is neither a pass nor a miss.
  public var verdict: Verdict
  /// The figure; nil without data, or if the denominator is 0. If the verdict is `unknown`, this is only what was
  /// counted so far: do not use it as the figure.
  public var value: Double?
  /// The count, for example of accounts that adopted or of helpful votes; nil if the kind counts nothing.
  public var numerator: Int?
  /// The total that the count relates to, for example active accounts or all votes; nil if the kind has none.
  public var denominator: Int?
  /// The number of observations behind the figure.
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
  /// For adoption: the curve, in which day n covers the window of n × 24 h.
  public var curve: [CurvePoint]?
  /// For tickets: how they compare with the forecast so far.
  public var spike: SpikeView?
  /// For CSAT: how the feature compares with all others; nil if nothing can be compared.
  public var satisfaction: SatisfactionView?
  /// The figure before the launch, as written in the metric file: a number or text.
  public var baseline: JSONValue?
  /// For articles: each article and locale that was viewed or voted on in the window.
  public var articles: [ArticleFigure]?
  /// For adoption while its window is open: the adoption on the last day, projected from earlier launches of the tier.
  public var projection: ProjectionView?
  /// What the figure is compared with, for example `>= 30%`, `forecast 120` or `margin 5%`; nil in reviews closed
  /// before 0.2.0.
  public var expectation: String?

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
    try container.encode(baseline, forKey: .baseline)
    try container.encode(articles, forKey: .articles)
    try container.encode(projection, forKey: .projection)
    try container.encode(expectation, forKey: .expectation)
  }
}

/// The tickets of a window against the forecast (product.md, section 4).
public struct SpikeView: Codable, Sendable, Hashable {
  /// When the current spike began; nil if there is none.
  public var raisedAt: Timestamp?
  /// The number of spikes in this window.
  public var count: Int
  /// The tickets expected by now, or by the end of the current day if `wholeDay` is given.
  public var expected: Double
  /// The tickets divided by those expected; nil if none are expected yet.
  public var ratio: Double?
  /// How many times as likely the tickets are under a raised rate as under the forecast (an e-value): if the forecast
  /// holds, it ever reaches x with a probability of about 1/x. An alarm is raised from 20. At most 1,000,000,000.
  public var evidence: Double
  /// The assumed dispersion: the variance of daily counts divided by their mean.
  public var dispersion: Double
  /// The current day, from 1, if it counts as a whole because too few earlier tickets show at which hours they arrive;
  /// nil if it counts only up to now.
  public var wholeDay: Int?

  public init(
    raisedAt: Timestamp?, count: Int, expected: Double, ratio: Double?, evidence: Double, dispersion: Double,
    wholeDay: Int? = nil
  ) {
    self.raisedAt = raisedAt
    self.count = count
    self.expected = expected
    self.ratio = ratio
    self.evidence = evidence
    self.dispersion = dispersion
    self.wholeDay = wholeDay
  }
}

/// The satisfaction with a feature, compared with that of all other features (product.md, section 4).
public struct SatisfactionView: Codable, Sendable, Hashable {
  /// The probability that the feature's true satisfied share is below that of the other features by more than the
  /// margin.
  public var probabilityWorse: Double
  /// The satisfied share of the other features, weighted to the feature's mix of channels.
  public var othersShare: Double
  /// The number of interactions with the other features.
  public var others: Int

  public init(probabilityWorse: Double, othersShare: Double, others: Int) {
    self.probabilityWorse = probabilityWorse
    self.othersShare = othersShare
    self.others = others
  }
}

/// The engagement with an article in one locale.
public struct ArticleFigure: Codable, Sendable, Hashable {
  /// The article, for example `routing-intro`.
  public var article: String
  /// The locale, for example `de`; nil if the events name none.
  public var locale: String?
  /// The number of views in the window.
  public var views: Int
  /// The voters whose latest vote on the article was given in this locale and is `up`.
  public var helpful: Int
  /// The voters whose latest vote on the article was given in this locale.
  public var votes: Int
  /// The lower end of the 95% interval of the helpful share; nil without votes.
  public var low: Double?
  /// The upper end of the 95% interval of the helpful share; nil without votes.
  public var high: Double?

  public init(
    article: String, locale: String?, views: Int, helpful: Int, votes: Int, low: Double? = nil, high: Double? = nil
  ) {
    self.article = article
    self.locale = locale
    self.views = views
    self.helpful = helpful
    self.votes = votes
    self.low = low
    self.high = high
  }
}

/// Adoption on the window's last day, projected from an earlier day by the curves of earlier launches of the tier
/// (product.md, section 4).
public struct ProjectionView: Codable, Sendable, Hashable {
  /// The last complete day, from which it is projected.
  public var day: Int
  /// The number of earlier launches of the tier that it is based on; below 4 there is no projection.
  public var launches: Int
  /// The median of the projected share; nil with too few launches.
  public var median: Double?
  /// The lower end of the 80% interval; nil with too few launches.
  public var low: Double?
  /// The upper end of the 80% interval; nil with too few launches.
  public var high: Double?
  /// The probability of reaching the target; nil with too few launches.
  public var chance: Double?

  public init(
    day: Int, launches: Int, median: Double? = nil, low: Double? = nil, high: Double? = nil, chance: Double? = nil
  ) {
    self.day = day
    self.launches = launches
    self.median = median
    self.low = low
    self.high = high
    self.chance = chance
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
