public import LaunchModel

extension MetricsRoutes {
  /// How well projections of adoption turned out: for each launch whose window is over, the projection as of an earlier
  /// day beside the outcome.
  public static let calibration = Route<CalibrationRequest, CalibrationView>(
    .metrics, "projection.calibration", .read)
}

/// Selects the projections to compare with their outcomes.
public struct CalibrationRequest: Codable, Sendable, Hashable {
  /// The day to project from if the request does not name one.
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

/// Projections of adoption beside their outcomes (product.md, section 4).
public struct CalibrationView: Codable, Sendable, Hashable {
  /// The day that all projections start from.
  public var day: Int
  /// The launches whose window is over and longer than `day`, in the order of their exposure.
  public var launches: [ProjectedLaunch]
  /// How the projections turned out as a whole.
  public var summary: CalibrationSummary

  public init(day: Int, launches: [ProjectedLaunch], summary: CalibrationSummary) {
    self.day = day
    self.launches = launches
    self.summary = summary
  }
}

/// A launch whose adoption window is over, with the projection that an earlier day would have given.
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
  /// The projection as of that day, from the launches whose windows were over by then; nil if no account had been
  /// active.
  public var projection: ProjectionView?
  /// The final adoption, from 0 to 1.
  public var outcome: Double
  /// Whether the outcome lies in the projected 80% interval; nil without a projection.
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

/// How projections turned out as a whole.
public struct CalibrationSummary: Codable, Sendable, Hashable {
  /// The number of projections; launches that came after too few others have none.
  public var count: Int
  /// The share of outcomes inside their 80% intervals; nil without projections.
  public var coverage: Double?
  /// The lower end of the 95% interval of the coverage; nil without projections.
  public var low: Double?
  /// The upper end of the 95% interval of the coverage; nil without projections.
  public var high: Double?
  /// The share of outcomes above their projected median: about one half if projections are unbiased; nil without
  /// projections.
  public var above: Double?
  /// The Brier score, the mean squared difference between the projected chance and the outcome: 0 is perfect, a
  /// constant ½ gets ¼; nil without projections.
  public var brier: Double?
  /// The projected chances in five bins from 0 to 1, each beside the outcomes; empty bins are left out.
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

/// The projections whose chance lies in one fifth of the range from 0 to 1.
public struct CalibrationBin: Codable, Sendable, Hashable {
  /// The number of projections.
  public var count: Int
  /// The mean of their projected chances.
  public var stated: Double
  /// The share of these launches that reached the target.
  public var reached: Double

  public init(count: Int, stated: Double, reached: Double) {
    self.count = count
    self.stated = stated
    self.reached = reached
  }
}
