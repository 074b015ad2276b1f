public import LaunchModel

extension MetricsRoutes {
  /// The gap between a metric's figure and its target, forecast or baseline, split into parts.
  public static let gap = Route<GapRequest, GapView>(.metrics, "gap.explain", .read)
}

/// Selects the gap of one metric.
public struct GapRequest: Codable, Sendable, Hashable {
  /// The launch.
  public var launch: LaunchID
  /// The metric's key in the metric file, for example `adoption`.
  public var key: String
  /// The attempt at launching, starting at 1; nil means the latest.
  public var attempt: Int?
  /// The moment to answer for: only what was stored by then counts; nil means now.
  public var asOf: Timestamp?

  public init(launch: LaunchID, key: String, attempt: Int? = nil, asOf: Timestamp? = nil) {
    self.launch = launch
    self.key = key
    self.attempt = attempt
    self.asOf = asOf
  }
}

/// The gap between a metric's figure and the number it is compared with, split into parts (product.md, section 4).
public struct GapView: Codable, Sendable, Hashable {
  /// What a metric's figure is compared with.
  public enum Comparison: String, Codable, Sendable, Hashable, CaseIterable {
    /// The target of the metric file.
    case target
    /// The number of tickets that the forecast expects by now.
    case forecast
    /// The satisfied share of all other interactions, weighted to the feature's mix of channels.
    case others
  }

  /// The unit of the figure, the gap and the contributions.
  public enum Unit: String, Codable, Sendable, Hashable, CaseIterable {
    /// A share from 0 to 1.
    case share
    /// A count, sum or mean.
    case number
  }

  /// The launch.
  public var launch: LaunchID
  /// The attempt that is measured; nil before the first exposure.
  public var attempt: Int?
  /// The metric's key in the metric file.
  public var key: String
  /// `adoption`, `tickets`, `csat`, `articles` or `custom`.
  public var kind: String
  /// The moment that the figure is as of; it includes only what was stored by then.
  public var asOf: Timestamp
  /// The verdict on the metric, from this comparison.
  public var verdict: Verdict
  /// The unit of the figure, the gap and the contributions.
  public var unit: Unit
  /// The figure; nil without data, if the denominator is 0, or if the verdict is `unknown`.
  public var value: Double?
  /// What the figure is compared with.
  public var comparedWith: Comparison
  /// The number it is compared with; nil if nothing can be compared yet.
  public var reference: Double?
  /// The figure minus `reference`; nil if either is missing.
  public var gap: Double?
  /// The figure before the launch, if the metric file states it as a number; nil otherwise.
  public var baseline: Double?
  /// The figure minus the baseline; nil if either is missing.
  public var sinceBaseline: Double?
  /// Ways to split the gap, each complete in itself; empty without a gap. Only those for which the events have the
  /// data.
  public var dimensions: [Dimension]

  public init(
    launch: LaunchID, attempt: Int?, key: String, kind: String, asOf: Timestamp, verdict: Verdict, unit: Unit,
    value: Double?, comparedWith: Comparison, reference: Double?, dimensions: [Dimension] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.key = key
    self.kind = kind
    self.asOf = asOf
    self.verdict = verdict
    self.unit = unit
    self.value = value
    self.comparedWith = comparedWith
    self.reference = reference
    self.dimensions = dimensions
    if let value, let reference { gap = value - reference }
  }

  /// One way to split the gap: parts that together make up the whole figure.
  public struct Dimension: Codable, Sendable, Hashable {
    /// What the parts of a dimension are.
    public enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
      /// The customer segments that `account.changed` names.
      case segment
      /// The locales of articles.
      case locale
      /// The channels of tickets and scores.
      case channel
      /// The articles.
      case article
      /// The periods of 24 h from exposure.
      case day
      /// The periods of 7 × 24 h from exposure; the last one may be shorter.
      case week
      /// The changes to a final figure: late events and amendments.
      case steps
    }

    /// What the parts are.
    public var kind: Kind
    /// The parts, largest contribution first: at most 8, and `other` for all the rest.
    public var parts: [Part]

    public init(kind: Kind, parts: [Part]) {
      self.kind = kind
      self.parts = parts
    }
  }

  /// One part of a dimension.
  public struct Part: Codable, Sendable, Hashable {
    /// The part, for example `enterprise`, `de` or `week 2`; `-` for events that do not name one.
    public var label: String
    /// Its contribution to the gap; a dimension's contributions add up to it. Nil if there is no expectation for single
    /// parts, so that only their counts are known.
    public var contribution: Double?
    /// What was counted in it, for example accounts that adopted, tickets or satisfied answers; nil for steps.
    public var count: Double?
    /// The total that the count relates to, for example active accounts or all answers; nil if there is none.
    public var total: Double?

    public init(label: String, contribution: Double?, count: Double? = nil, total: Double? = nil) {
      self.label = label
      self.contribution = contribution
      self.count = count
      self.total = total
    }
  }

  /// The label of the part for events that do not name one.
  public static let notGiven = "-"
  /// The label of the part that sums up all parts not shown.
  public static let other = "other"
  /// The label of the first step: the gap when the figure became final.
  public static let atWindowEnd = "at the window's end"
}
