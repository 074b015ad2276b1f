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
  /// One metric by day.
  public static let series = Route<SeriesRequest, SeriesView>(.metrics, "series", .read)
  /// Rebuilds a launch's figures from the log; the results must be the same.
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
  /// The version of the metric defaults that gave what the metric file left out; 1 is built in. Nil without a plan, or if it
  /// was defined before there were versions. The definition has the values, so a later version changes no plan.
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
  /// The figure; nil without data or if the denominator is 0, and on a day without any event of the type while the metric's figure
  /// is not known.
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
