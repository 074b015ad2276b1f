public import LaunchModel

extension MetricsRoutes {
  /// Whether a launch's metrics could be measured now, judged by the events of the last 30 days.
  public static let checkPlan = Route<LaunchReference, MeasurabilityView>(.metrics, "plan.check", .read)
  /// The probability that a spike in tickets has raised the alarm by the end of each day, from simulated windows.
  public static let spikePower = Route<SpikePowerRequest, SpikePowerView>(.metrics, "spike.power", .read)
}

/// Whether a launch's metrics can be measured (product.md, section 4).
public struct MeasurabilityView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The end of the 30 days whose events the plan was tried on.
  public var asOf: Timestamp
  /// The bus offset through which events are included.
  public var offset: Int64
  /// Whether every metric can be measured.
  public var measurable: Bool
  /// One entry for each metric, in the plan's order.
  public var metrics: [MetricMeasurability]

  public init(launch: LaunchID, asOf: Timestamp, offset: Int64, measurable: Bool, metrics: [MetricMeasurability]) {
    self.launch = launch
    self.asOf = asOf
    self.offset = offset
    self.measurable = measurable
    self.metrics = metrics
  }
}

/// Whether one metric can be measured.
public struct MetricMeasurability: Codable, Sendable, Hashable {
  /// Its key in the metric file, for example `adoption`.
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  /// Whether it can be measured; false exactly if there are problems.
  public var measurable: Bool
  /// The expected number of observations in its window: active accounts, tickets, scores of the feature, votes, views
  /// or events.
  public var n: Int
  /// For CSAT: the scores of other features that are expected in its window.
  public var others: Int?
  /// The figure before the launch: measured over the last 30 days, or else as a number in the metric file; nil if
  /// neither is available. For CSAT, the satisfied share with other features.
  public var baseline: Double?
  /// The target as written in the metric file; nil for tickets and CSAT.
  public var target: String?
  /// For tickets: the forecast.
  public var forecast: Double?
  /// The lower end of the 95% interval that a figure at the target would have; nil if the kind has none.
  public var low: Double?
  /// The upper end of the 95% interval that a figure at the target would have; nil if the kind has none.
  public var high: Double?
  /// The power: the probability that a figure at the target can be distinguished from the baseline; for tickets, the
  /// probability that twice the forecast raises the alarm. Nil without data, and for CSAT.
  public var power: Double?
  /// The n at which the power would reach 80%, if it is below; nil if that takes more than a billion, or if n cannot
  /// change.
  public var needed: Int?
  /// For tickets: how soon a spike raises the alarm if tickets are checked once a day.
  public var alarms: [AlarmProbability]
  /// The feeds that the metric depends on.
  public var feeds: [FeedMeasurability]
  /// Why it cannot be measured and how to fix that, one sentence each.
  public var problems: [String]

  public init(
    key: String, kind: String, measurable: Bool, n: Int, others: Int? = nil, baseline: Double? = nil,
    target: String? = nil, forecast: Double? = nil, low: Double? = nil, high: Double? = nil, power: Double? = nil,
    needed: Int? = nil, alarms: [AlarmProbability] = [], feeds: [FeedMeasurability] = [], problems: [String] = []
  ) {
    self.key = key
    self.kind = kind
    self.measurable = measurable
    self.n = n
    self.others = others
    self.baseline = baseline
    self.target = target
    self.forecast = forecast
    self.low = low
    self.high = high
    self.power = power
    self.needed = needed
    self.alarms = alarms
    self.feeds = feeds
    self.problems = problems
  }
}

/// The probability that a given number of tickets has raised the alarm by the end of a day.
public struct AlarmProbability: Codable, Sendable, Hashable {
  /// The actual number of tickets divided by the forecast.
  public var multiple: Double
  /// The day, from 1, in periods of 24 h from exposure.
  public var day: Int
  /// The probability, from 0 to 1.
  public var probability: Double

  public init(multiple: Double, day: Int, probability: Double) {
    self.multiple = multiple
    self.day = day
    self.probability = probability
  }
}

/// A feed that a metric depends on, over the last 30 days.
public struct FeedMeasurability: Codable, Sendable, Hashable {
  /// The event type and its source; the type alone if no source ever delivered it.
  public var name: String
  /// Whether the feed delivers, so that figures can depend on it.
  public var state: FeedView.State
  /// The number of its events in the last 30 days.
  public var events: Int
  /// The share of these that the metric can use; nil without events. For a custom metric with a field, the share of
  /// those that match its conditions.
  public var fit: Double?

  public init(name: String, state: FeedView.State, events: Int, fit: Double? = nil) {
    self.name = name
    self.state = state
    self.events = events
    self.fit = fit
  }
}

/// A metric that was sealed although it could not be measured.
public struct UnmeasurableMetric: Codable, Sendable, Hashable {
  /// The metric's key in the plan, for example `adoption`.
  public var metric: String
  /// Why it could not be measured, one sentence for each problem.
  public var problems: [String]

  public init(metric: String, problems: [String]) {
    self.metric = metric
    self.problems = problems
  }
}

/// Selects the tickets metric for which to simulate the alarm.
public struct SpikePowerRequest: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The metric's key in the metric file, for example `tickets`; nil for the first tickets metric.
  public var key: String?

  public init(launch: LaunchID, key: String? = nil) {
    self.launch = launch
    self.key = key
  }
}

/// How soon a spike in tickets raises the alarm, from simulated windows that are checked after every ticket
/// (product.md, section 4).
public struct SpikePowerView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The metric's key in the metric file.
  public var key: String
  /// The tickets expected in the window.
  public var forecast: Double
  /// The assumed dispersion: the variance of daily counts divided by their mean.
  public var dispersion: Double
  /// The number of windows simulated for each multiple: 1,000, or as many as there was time for.
  public var windows: Int
  /// The multiples of the forecast, ascending; the first is 1, whose probabilities are those of a false alarm.
  public var multiples: [SpikePowerColumn]

  public init(
    launch: LaunchID, key: String, forecast: Double, dispersion: Double, windows: Int, multiples: [SpikePowerColumn]
  ) {
    self.launch = launch
    self.key = key
    self.forecast = forecast
    self.dispersion = dispersion
    self.windows = windows
    self.multiples = multiples
  }
}

/// How soon one multiple of the forecast raises the alarm.
public struct SpikePowerColumn: Codable, Sendable, Hashable {
  /// The actual number of tickets divided by the forecast.
  public var multiple: Double
  /// The probability that the alarm has been raised by the end of each day, starting with the first.
  public var byDay: [Double]

  public init(multiple: Double, byDay: [Double]) {
    self.multiple = multiple
    self.byDay = byDay
  }
}
