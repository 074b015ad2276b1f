public import JSON
public import LaunchModel

/// The metrics service's methods.
public enum MetricsRoutes {
  /// Stores a metric plan, or replaces it as long as it is not sealed.
  public static let define = Route<DefinePlan, PlanView>(.metrics, "plan.define", .change)
  /// Seals the plan with its digest; from then on it can only be amended.
  public static let seal = Route<LaunchAction, PlanView>(.metrics, "plan.seal", .change)
  /// Amends a sealed plan, with a reason; from then on the verdicts under both definitions are shown.
  public static let amend = Route<DefinePlan, PlanView>(.metrics, "plan.amend", .change)
  /// The plan, its seal and its amendments.
  public static let showPlan = Route<LaunchReference, PlanView>(.metrics, "plan.show", .read)
  /// One metric by day.
  public static let series = Route<SeriesRequest, SeriesView>(.metrics, "series", .read)
  /// Rebuilds a launch's figures from the log, which must give the same results.
  public static let rebuild = Route<LaunchAction, RebuildView>(.metrics, "projection.rebuild", .change)
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

/// A metric plan and its seal.
public struct PlanView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// Whether it is sealed and can only be amended.
  public var sealed: Bool
  /// The SHA-256 of the definition in canonical JSON (RFC 8785), lower-case hex; present even before sealing.
  public var digest: String?
  /// When it was first sealed; nil if it is not sealed.
  public var sealedAt: Timestamp?
  /// Who sealed it: `dana`, or `dana (claimed by uid:1000)`; nil if it is not sealed.
  public var sealedBy: String?
  /// The definition that the digest covers, including defaults; nil without a plan.
  public var definition: JSONValue?
  /// The changes made after sealing, oldest first.
  public var amendments: [Amendment]
  /// The version: the number of definitions, seals and amendments; 0 without a plan.
  public var version: Int
  /// The version of the metric defaults that supplied the values omitted from the metric file; 1 is built in. Nil
  /// without a plan, or if the plan is older than versioned defaults. The definition contains the values, so that later
  /// versions do not change the plan.
  public var defaultsVersion: Int?

  public init(
    launch: LaunchID, sealed: Bool, digest: String? = nil, sealedAt: Timestamp? = nil, sealedBy: String? = nil,
    definition: JSONValue? = nil, amendments: [Amendment] = [], version: Int = 0, defaultsVersion: Int? = nil
  ) {
    self.launch = launch
    self.version = version
    self.defaultsVersion = defaultsVersion
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
    /// Whether customers already had the launch at that time.
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

/// One metric's figures by day.
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

/// One day of a series: for adoption, the window from exposure to n × 24 h; for other kinds, the n-th period of 24 h.
public struct SeriesPoint: Codable, Sendable, Hashable {
  /// The day, starting at 1, in periods of 24 h from exposure.
  public var day: Int
  /// The count: adopted accounts, tickets, views, helpful votes or satisfied answers.
  public var numerator: Int
  /// The total that the count relates to; nil if the kind has none.
  public var denominator: Int?
  /// The figure; nil without data or if the denominator is 0, and while the metric's verdict is `unknown`, on days
  /// without an event of its type.
  public var value: Double?

  public init(day: Int, numerator: Int, denominator: Int? = nil, value: Double? = nil) {
    self.day = day
    self.numerator = numerator
    self.denominator = denominator
    self.value = value
  }
}

/// The progress of rebuilding a launch's figures from the log.
public struct RebuildView: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The first offset to read.
  public var from: Int64
  /// The last offset to read.
  public var to: Int64

  public init(launch: LaunchID, from: Int64, to: Int64) {
    self.launch = launch
    self.from = from
    self.to = to
  }
}
