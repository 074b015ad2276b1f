public import Contract
public import JSON
public import LaunchModel

/// The counts of all events that a spec covers.
public struct Projection: Sendable, Hashable {
  /// For adoption, the figures of each window, keyed by its length in days.
  public var adoption: [Int: AdoptionFigures]
  /// The tallies by day, account, subject and locale; empty for adoption.
  public var tallies: [TallyKey: Tally]
  /// The latest occurrence time of the counted events; nil if there are none. For adoption, the latest use or activity
  /// since the start, at most the end.
  public var watermark: Timestamp?
  /// The first offset still in the log when the projection was built, if earlier events may be missing; otherwise nil.
  public var prunedBefore: Int64?

  public init(
    adoption: [Int: AdoptionFigures] = [:], tallies: [TallyKey: Tally] = [:], watermark: Timestamp? = nil,
    prunedBefore: Int64? = nil
  ) {
    self.adoption = adoption
    self.tallies = tallies
    self.watermark = watermark
    self.prunedBefore = prunedBefore
  }

  /// Counts one event. Must be called only once per event.
  public mutating func apply(_ event: MetricEvent, of spec: ProjectionSpec) {
    guard let contribution = spec.contribution(of: event) else { return }
    watermark = max(watermark ?? event.at, event.at)
    tallies[contribution.key] = tallies[contribution.key].map { $0.adding(contribution.tally) } ?? contribution.tally
  }
}

/// The definition of a projection: what to count from a high-volume stream in one window.
///
/// A projection is a pure function of the log and its spec. A changed spec defines another
/// projection, which is built from the log.
public enum ProjectionSpec: Sendable, Hashable {
  /// The first active day and the first day of use of each account.
  case adoption(feature: String, AdoptionSpan)
  /// The views of each article and locale per day.
  case views(TallySpan)
  /// The contributions to a custom metric per day.
  case custom(CustomMeasure, TallySpan)

  /// The inclusive start of counting.
  public var start: Timestamp {
    switch self {
    case .adoption(_, let span): span.start
    case .views(let span), .custom(_, let span): span.start
    }
  }

  /// The exclusive end of counting.
  public var end: Timestamp {
    switch self {
    case .adoption(_, let span): span.end
    case .views(let span), .custom(_, let span): span.end
    }
  }

  /// The event types it counts.
  public var types: [String] {
    switch self {
    case .adoption: Self.usageTypes
    case .views: [SignalType.articleViewed.rawValue]
    case .custom(let measure, _): [measure.type]
    }
  }

  /// The event types that adoption depends on.
  public static let usageTypes = [SignalType.featureUsed.rawValue, SignalType.accountActive.rawValue]

  /// The kind of projection: `adoption`, `views` or `custom`.
  public var kind: String {
    switch self {
    case .adoption: Self.adoptionKind
    case .views: "views"
    case .custom: "custom"
    }
  }

  /// The kind of projections that have day columns.
  public static let adoptionKind = "adoption"

  /// Whether it needs whole events rather than only decoded signals.
  public var readsDocuments: Bool {
    if case .custom = self { true } else { false }
  }

  /// The contribution of one event to the tallies.
  public struct Contribution: Sendable, Hashable {
    /// The key of the tally to add to.
    public var key: TallyKey
    /// The counts to add.
    public var tally: Tally
  }

  /// The contribution of one event to the tallies; nil for adoption, and for events
  /// that are irrelevant or outside the window.
  public func contribution(of event: MetricEvent) -> Contribution? {
    switch self {
    case .adoption: return nil
    case .views(let span):
      guard let day = span.day(of: event.at), case .articleViewed(let view)? = event.signal else { return nil }
      return Contribution(
        key: TallyKey(day: day, account: view.account ?? "", subject: view.article, locale: view.locale ?? ""),
        tally: span.tally(hits: 1, total: 1, storedAt: event.storedAt))
    case .custom(let measure, let span):
      guard let day = span.day(of: event.at), event.type == measure.type, let document = event.document,
        let part = measure.contribution(of: document)
      else { return nil }
      let account = document["data"]?["account"].flatMap { ExternalKey.text($0) } ?? ""
      // The data of custom types has no declared form; an event whose keys are too
      // long for the store's index is not counted.
      guard ExternalKey.fits(account), ExternalKey.fits(part.subject) else { return nil }
      return Contribution(
        key: TallyKey(day: day, account: account, subject: part.subject),
        tally: span.tally(hits: part.hits, total: part.total, storedAt: event.storedAt))
    }
  }

  var document: JSONValue {
    var members: [String: JSONValue] = ["start": .integer(start.microseconds), "end": .integer(end.microseconds)]
    members["kind"] = .string(kind)
    switch self {
    case .adoption(let feature, let span):
      members["feature"] = .string(feature)
      members["known"] = .integer(span.knownSince.microseconds)
    case .views(let span):
      members["final"] = .integer(span.finalAt.microseconds)
    case .custom(let measure, let span):
      members["measure"] = .object(measure.definition)
      members["final"] = .integer(span.finalAt.microseconds)
    }
    return .object(members)
  }
}

/// The span of time in which events are tallied by day, with the moment at which its figure becomes final.
public struct TallySpan: Sendable, Hashable {
  /// The inclusive start of counting.
  public let start: Timestamp
  /// The exclusive end of counting.
  public let end: Timestamp
  /// When its figure becomes final: at its end or, if later, when its exposure becomes known.
  public let finalAt: Timestamp

  /// Creates the span of a window, which a rollback may have shortened.
  public init(_ window: MeasurementWindow) {
    start = window.start
    end = window.effectiveEnd
    finalAt = window.finalAt
  }

  /// The day that contains a moment, in periods of 24 hours from 1; nil outside the span.
  func day(of moment: Timestamp) -> Int? {
    guard start <= moment, moment < end else { return nil }
    return Int((moment.microseconds - start.microseconds) / 86_400_000_000) + 1
  }

  func tally(hits: Int, total: Int, storedAt: Timestamp) -> Tally {
    let isLate = storedAt >= finalAt
    return Tally(hits: hits, total: total, lateHits: isLate ? hits : 0, lateTotal: isLate ? total : 0)
  }
}

extension ProjectionSpec {
  /// The projections needed to evaluate plans for one attempt.
  public static func needed(for plans: some Sequence<MetricPlan>, attempt: Attempt) -> Set<ProjectionSpec> {
    Set(plans.flatMap { plan in plan.metrics.compactMap { needed(for: $0, of: plan, attempt: attempt) } })
  }

  /// The projection from which a metric's figure is computed; nil if it needs none.
  ///
  /// A plan's adoption windows start together, so one projection of the longest window serves all of them. A rollback
  /// shortens the windows and therefore requires another projection.
  public static func needed(for metric: Metric, of plan: MetricPlan, attempt: Attempt) -> ProjectionSpec? {
    let window = attempt.window(days: metric.days)
    switch metric.measure {
    case .adoption:
      let longest = attempt.window(days: plan.days(of: .adoption) ?? metric.days)
      return .adoption(
        feature: plan.feature,
        AdoptionSpan(start: longest.start, end: longest.effectiveEnd, knownSince: longest.knownSince))
    case .articles: return .views(TallySpan(window))
    case .custom(var measure):
      measure.target = Target.none
      return .custom(measure, TallySpan(window))
    case .tickets, .csat: return nil
    }
  }

  /// A text that uniquely identifies the spec.
  public var key: String { String(decoding: document.canonical(), as: UTF8.self) }
}

/// An event of the log, with the parts that metrics use.
public struct MetricEvent: Sendable, Hashable {
  /// Its offset in the log.
  public var offset: Int64
  /// When the bus stored it, which decides whether `asOf` queries include it.
  public var storedAt: Timestamp
  /// When it happened.
  public var at: Timestamp
  /// The event's type, such as `dev.gonogo.signal.feature.used.v1`.
  public var type: String
  /// Its `source` and `id`, which together are unique.
  public var reference: String
  /// The signal; nil if the event is not a signal.
  public var signal: Signal?
  /// The complete event as its producer wrote it; nil if no metric needs more than the signal.
  public var document: JSONValue?

  public init(
    offset: Int64, storedAt: Timestamp, at: Timestamp, type: String, reference: String, signal: Signal?,
    document: JSONValue? = nil
  ) {
    self.offset = offset
    self.storedAt = storedAt
    self.at = at
    self.type = type
    self.reference = reference
    self.signal = signal
    self.document = document
  }
}
