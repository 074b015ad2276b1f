public import Contract
public import JSON
public import LaunchModel

/// The counts that a spec yields for the events applied to it.
public struct Projection: Sendable, Hashable {
  /// The activity of each raw account; merges are resolved on reading.
  public var activities: [String: AccountActivity]
  /// The tallies by day, account, subject and locale; empty for adoption.
  public var tallies: [TallyKey: Tally]
  /// The latest occurrence time of its events; nil if there are none.
  public var watermark: Timestamp?
  /// The first offset left in the log when it was built, if earlier events may be missing; otherwise nil.
  public var prunedBefore: Int64?

  public init(
    activities: [String: AccountActivity] = [:], tallies: [TallyKey: Tally] = [:], watermark: Timestamp? = nil,
    prunedBefore: Int64? = nil
  ) {
    self.activities = activities
    self.tallies = tallies
    self.watermark = watermark
    self.prunedBefore = prunedBefore
  }

  /// Adds one event, once.
  public mutating func apply(_ event: MetricEvent, of spec: ProjectionSpec) {
    guard let contribution = spec.contribution(of: event) else { return }
    add(contribution, at: event.at)
  }

  /// Adds what one event contributes, once.
  public mutating func add(_ contribution: ProjectionSpec.Contribution, at moment: Timestamp) {
    note(moment)
    switch contribution {
    case .activity(let account, let activity):
      activities[account] = activities[account].map { $0.merged(with: activity) } ?? activity
    case .tally(let key, let tally):
      tallies[key] = tallies[key].map { $0.adding(tally) } ?? tally
    }
  }

  /// Advances the watermark to the occurrence time of an event.
  public mutating func note(_ moment: Timestamp) { watermark = watermark.map { max($0, moment) } ?? moment }
}

/// The definition of a projection: what to count of a high-volume stream in one window.
///
/// A projection is a pure function of the log and its spec. Any change of the spec defines another projection, which is
/// built from the log.
public enum ProjectionSpec: Sendable, Hashable {
  /// The first activity and the first use of each account.
  case adoption(feature: String, start: Timestamp, end: Timestamp)
  /// The views of each article per day.
  case views(start: Timestamp, end: Timestamp)
  /// The contributions to a custom metric per day.
  case custom(CustomMeasure, start: Timestamp, end: Timestamp)

  /// When counting begins, inclusive.
  public var start: Timestamp {
    switch self {
    case .adoption(_, let start, _), .views(let start, _), .custom(_, let start, _): start
    }
  }

  /// When counting ends, exclusive.
  public var end: Timestamp {
    switch self {
    case .adoption(_, _, let end), .views(_, let end), .custom(_, _, let end): end
    }
  }

  /// The event types it counts.
  public var types: [String] {
    switch self {
    case .adoption: [SignalType.featureUsed.rawValue, SignalType.accountActive.rawValue]
    case .views: [SignalType.articleViewed.rawValue]
    case .custom(let measure, _, _): [measure.type]
    }
  }

  /// Whether it needs whole events rather than only decoded signals.
  public var readsDocuments: Bool {
    if case .custom = self { true } else { false }
  }

  /// The contribution of one event; nil if the event is outside the window or irrelevant.
  public func contribution(of event: MetricEvent) -> Contribution? {
    guard start <= event.at, event.at < end else { return nil }
    switch self {
    case .adoption(let feature, _, _): return activity(of: event, feature: feature)
    case .views:
      guard case .articleViewed(let view)? = event.signal else { return nil }
      return tally(
        event, account: view.account ?? "", subject: view.article, locale: view.locale ?? "", hits: 1, total: 1)
    case .custom(let measure, _, _):
      guard event.type == measure.type, let document = event.document,
        let part = measure.contribution(of: document)
      else { return nil }
      let account = document["data"]?["account"].flatMap { ExternalKey.text($0) } ?? ""
      // The data of other types have no declared form; an event whose keys the store cannot index is not counted.
      guard ExternalKey.fits(account), ExternalKey.fits(part.subject) else { return nil }
      return tally(event, account: account, subject: part.subject, hits: part.hits, total: part.total)
    }
  }

  /// The contribution of one event to a projection.
  public enum Contribution: Sendable, Hashable {
    case activity(account: String, AccountActivity)
    case tally(TallyKey, Tally)
  }

  var document: JSONValue {
    var members: [String: JSONValue] = ["start": .integer(start.microseconds), "end": .integer(end.microseconds)]
    switch self {
    case .adoption(let feature, _, _):
      members["kind"] = "adoption"
      members["feature"] = .string(feature)
    case .views: members["kind"] = "views"
    case .custom(let measure, _, _):
      members["kind"] = "custom"
      members["measure"] = .object(measure.definition)
    }
    return .object(members)
  }

  private func activity(of event: MetricEvent, feature: String) -> Contribution? {
    switch event.signal {
    case .featureUsed(let use)?:
      let activity = AccountActivity(at: event.at, storedAt: event.storedAt, usesFeature: use.feature == feature)
      return .activity(account: use.account, activity)
    case .accountActive(let active)?:
      let activity = AccountActivity(at: event.at, storedAt: event.storedAt, usesFeature: false)
      return .activity(account: active.account, activity)
    default: return nil
    }
  }

  private func tally(
    _ event: MetricEvent, account: String, subject: String, locale: String = "", hits: Int, total: Int
  ) -> Contribution {
    let day = Int((event.at.microseconds - start.microseconds) / 86_400_000_000) + 1
    return .tally(
      TallyKey(day: day, account: account, subject: subject, locale: locale),
      Tally(hits: hits, total: total, lastStored: event.storedAt))
  }
}

extension ProjectionSpec {
  /// The projections needed to evaluate plans for one attempt.
  public static func needed(for plans: some Sequence<MetricPlan>, attempt: Attempt) -> Set<ProjectionSpec> {
    Set(plans.flatMap { plan in plan.metrics.compactMap { needed(for: $0, of: plan, attempt: attempt) } })
  }

  /// The projection that a metric's figure is read from; nil if it needs none.
  ///
  /// The adoption windows of one plan nest, so one projection of the longest serves all of them. Its rows store the
  /// first moments, so a rollback is applied on reading. Tallies are counted per day, so their window is cut here
  /// instead.
  public static func needed(for metric: Metric, of plan: MetricPlan, attempt: Attempt) -> ProjectionSpec? {
    let window = attempt.window(days: metric.days)
    switch metric.measure {
    case .adoption:
      let longest = attempt.window(days: plan.days(of: .adoption) ?? metric.days)
      return .adoption(feature: plan.feature, start: longest.start, end: longest.end)
    case .articles(let articles):
      return articles.target.unit == .views ? .views(start: window.start, end: window.effectiveEnd) : nil
    case .custom(var measure):
      measure.target = Target.none
      return .custom(measure, start: window.start, end: window.effectiveEnd)
    case .tickets, .csat: return nil
    }
  }

  /// A text that uniquely identifies the spec.
  public var key: String { String(decoding: document.canonical(), as: UTF8.self) }
}

/// One event of the log as metrics see it.
public struct MetricEvent: Sendable, Hashable {
  /// Its place in the log.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// When it happened.
  public var at: Timestamp
  /// The event's type, such as `dev.gonogo.signal.feature.used.v1`.
  public var type: String
  /// Its `source` and `id`, which no other event has.
  public var reference: String
  /// The signal; nil if the event is not one.
  public var signal: Signal?
  /// The whole event, as its producer wrote it; nil if no metric asks for more than the signal.
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
