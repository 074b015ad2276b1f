public import LaunchModel

extension MetricsRoutes {
  /// How projections of adoption turned out: for each launch whose window is over, what an earlier day would have projected.
  public static let calibration = Route<CalibrationRequest, CalibrationView>(
    .metrics, "projection.calibration", .read)
}

/// Selects the projections to compare with what came of them.
public struct CalibrationRequest: Codable, Sendable, Hashable {
  /// The day to project from if a request names none.
  public static let defaultDay = 7

  /// The tier of the launches; nil for all tiers.
  public var tier: Tier?
  /// The day to project from, starting at 1; nil for day 7.
  public var day: Int?

  public init(tier: Tier? = nil, day: Int? = nil) {
    self.tier = tier
    self.day = day
  }
}

/// Projections of adoption beside what came of them (product.md, section 4).
public struct CalibrationView: Codable, Sendable, Hashable {
  /// The day that all are projected from.
  public var day: Int
  /// The launches whose window is over and longer than that, in the order of their exposure.
  public var launches: [ProjectedLaunch]
  /// How the projections turned out, all together.
  public var summary: CalibrationSummary

  public init(day: Int, launches: [ProjectedLaunch], summary: CalibrationSummary) {
    self.day = day
    self.launches = launches
    self.summary = summary
  }
}

/// A launch whose adoption window is over, with what would have been projected before.
public struct ProjectedLaunch: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The attempt that was measured.
  public var attempt: Int
  /// The metric's key in the metric file, for example `adoption`.
  public var metric: String
  /// The tier in force at exposure; nil if it is not known.
  public var tier: Tier?
  /// The target as written in the metric file, for example `>= 30%`.
  public var target: String
  /// When its window started, at exposure.
  public var windowStart: Timestamp
  /// What would have been projected, from the launches that were over by then; nil if no account had been active.
  public var projection: ProjectionView?
  /// What adoption became.
  public var outcome: Double
  /// Whether the outcome lies in the projected 80% interval; nil without one.
  public var inside: Bool?
  /// Whether the outcome reached the target.
  public var reached: Bool

  public init(
    launch: LaunchID, attempt: Int, metric: String, tier: Tier?, target: String, windowStart: Timestamp,
    projection: ProjectionView?, outcome: Double, inside: Bool?, reached: Bool
  ) {
    self.launch = launch
    self.attempt = attempt
    self.metric = metric
    self.tier = tier
    self.target = target
    self.windowStart = windowStart
    self.projection = projection
    self.outcome = outcome
    self.inside = inside
    self.reached = reached
  }
}

/// How projections turned out, all together.
public struct CalibrationSummary: Codable, Sendable, Hashable {
  /// The number of projections; launches with too few earlier ones have none.
  public var count: Int
  /// The share of outcomes inside their 80% intervals; nil without projections.
  public var coverage: Double?
  /// The lower end of the 95% interval of the coverage; nil without projections.
  public var low: Double?
  /// The upper end of the 95% interval of the coverage; nil without projections.
  public var high: Double?
  /// The share of outcomes above their median, which is half if projections lean neither way; nil without projections.
  public var above: Double?
  /// The mean squared difference between the stated chance and the outcome: 0 is perfect, a constant ½ gets ¼; nil without
  /// projections.
  public var brier: Double?
  /// The stated chances beside what came of them, from 0 to 1 in fifths; those without projections are left out.
  public var bins: [CalibrationBin]

  public init(
    count: Int, coverage: Double? = nil, low: Double? = nil, high: Double? = nil, above: Double? = nil,
    brier: Double? = nil, bins: [CalibrationBin] = []
  ) {
    self.count = count
    self.coverage = coverage
    self.low = low
    self.high = high
    self.above = above
    self.brier = brier
    self.bins = bins
  }
}

/// The projections whose stated chance lies in one fifth of 0 to 1.
public struct CalibrationBin: Codable, Sendable, Hashable {
  /// The number of projections.
  public var count: Int
  /// Their mean stated chance.
  public var stated: Double
  /// The share of them that reached the target.
  public var reached: Double

  public init(count: Int, stated: Double, reached: Double) {
    self.count = count
    self.stated = stated
    self.reached = reached
  }
}
