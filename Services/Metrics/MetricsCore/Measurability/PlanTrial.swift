public import Contract
import JSON
public import LaunchModel

/// Tries a plan on the last 30 days, to find out whether its metrics can be measured (product.md, section 4).
///
/// Each metric's trial window ends now and is as long as the planned one, but at most 30 days. If the planned
/// window is longer, numbers of events are scaled to its length. Numbers of accounts and distinct values are not
/// scaled, because the same ones occur again.
public struct PlanTrial: Sendable {
  /// The number of days on which plans are tried.
  public static let days = 30
  /// The number of windows simulated to find out how soon a spike would raise the alarm.
  static let simulatedWindows = 300
  /// The simulated multiples of the forecast.
  static let multiples = [1.5, 2]

  /// The launch that the plan belongs to.
  public let launch: LaunchID
  /// The plan.
  public let plan: MetricPlan
  /// The end of the days on which the plan is tried.
  public let now: Timestamp

  public init(launch: LaunchID, plan: MetricPlan, now: Timestamp) {
    self.launch = launch
    self.plan = plan
    self.now = now
  }

  /// The days on which the plan is tried.
  public var span: Range<Timestamp> { now.adding(days: -Self.days)..<now }

  /// The event types that the plan depends on.
  public var types: Set<String> { Set(plan.metrics.flatMap { $0.feedTypes { _ in true } }) }

  /// The projections that the metrics need. For adoption, with the windows, keyed by their length in days.
  public var specs: [ProjectionSpec: [Int: MeasurementWindow]] {
    plan.metrics.reduce(into: [:]) { specs, metric in
      let trial = MetricTrial(metric, of: self)
      guard let spec = ProjectionSpec.needed(for: trial.metric, of: trial.plan, attempt: trial.attempt) else { return }
      specs[spec, default: [:]].merge(trial.plan.adoptionWindows(of: trial.attempt)) { first, _ in first }
    }
  }

  /// What the trial shows about one metric.
  public struct Finding: Sendable, Hashable {
    /// The metric.
    public var metric: Metric
    /// The feeds that the metric depends on.
    public var feeds: [Measurability.Feed]
    /// The number of accounts, votes, scores, tickets or events expected in the window.
    public var expected = 0
    /// The number of other features' scores expected in the window; nil for kinds other than `csat`.
    public var others: Int?
    /// The figure before the launch; nil if unknown.
    public var baseline: Double?
    /// Whether the metric can be measured.
    public var measurability = Measurability()
    /// How soon a spike would raise the alarm; empty for kinds other than `tickets`.
    public var alarms: [Alarm] = []
  }

  /// The probability that a spike has raised the alarm by the end of a day.
  public struct Alarm: Sendable, Hashable {
    /// The true number of tickets divided by the forecast.
    public var multiple: Double
    /// The day, from 1.
    public var day: Int
    /// The probability.
    public var probability: Double
  }

  /// What the trial shows about each metric, in the plan's order.
  ///
  /// - Parameters:
  ///   - evidence: the data of the last 30 days, with the projections of `specs`.
  ///   - outlook: the feeds that have ever delivered.
  ///   - use: what the feeds delivered in the last 30 days.
  public func findings(_ evidence: MetricEvidence, _ outlook: FeedOutlook, _ use: FeedUse) -> [Finding] {
    plan.metrics.map { metric in
      let feeds = feeds(of: metric, outlook, use)
      var finding = MetricTrial(metric, of: self).finding(evidence, feeds)
      finding.measurability = finding.measurability.adding(feeds)
      if let days = use.daysLeft { finding.measurability.problems.insert(.pruned(days: days), at: 0) }
      return finding
    }
  }

  /// The feeds of a metric; includes retired ones only if no other feed delivers their type.
  private func feeds(of metric: Metric, _ outlook: FeedOutlook, _ use: FeedUse) -> [Measurability.Feed] {
    let days = now.adding(days: -metric.days)..<now
    return metric.feedTypes { outlook.isEstablished($0, in: days, at: now) }.flatMap { type -> [Measurability.Feed] in
      let known = outlook.conditions.filter { $0.name.type == type && $0.firstSeen != nil }
      guard !known.isEmpty else { return [Measurability.Feed(name: type, status: .neverDelivered, events: 0)] }
      let current = known.filter { $0.status != .retired }
      let isOptional = !metric.requiredTypes.contains(type)
      let isMissing = outlook.isMissing(type, isOptional: isOptional, in: span, at: now)
      return (current.isEmpty ? known : current).map { condition in
        var feed = use.feed(condition, for: metric)
        if isMissing, feed.status == .alive { feed.status = .silent(.init(since: span.lowerBound, probability: nil)) }
        return feed
      }
    }
  }
}

/// The deliveries of feeds in the last 30 days, as far as a plan's trial needs them.
public struct FeedUse: Sendable {
  /// The numbers of events of one feed.
  private struct Delivery {
    var events = 0
    var malformed = 0
    /// The events that match the conditions of each custom metric, by the metric's key.
    var matching: [String: Int] = [:]
    /// The matching events with a usable value, by the metric's key.
    var usable: [String: Int] = [:]
  }

  /// The number of whole days left in a pruned log; nil if nothing was pruned.
  public var daysLeft: Int?

  private let span: Range<Timestamp>
  private let custom: [(key: String, measure: CustomMeasure)]
  private var deliveries: [FeedName: Delivery] = [:]

  public init(_ trial: PlanTrial) {
    span = trial.span
    custom = trial.plan.metrics.compactMap { metric -> (key: String, measure: CustomMeasure)? in
      guard case .custom(let measure) = metric.measure else { return nil }
      return (metric.key, measure)
    }
  }

  /// Adds an event, with its document if a custom metric uses its type.
  public mutating func add(_ event: MetricEvent, from feed: FeedName) {
    guard span.contains(event.at) else { return }
    var delivery = deliveries[feed] ?? Delivery()
    delivery.events += 1
    if let document = event.document {
      for (key, measure) in custom where measure.type == feed.type {
        let (isMatch, isUsable) = measure.match(document)
        if isMatch { delivery.matching[key, default: 0] += 1 }
        if isUsable { delivery.usable[key, default: 0] += 1 }
      }
    }
    deliveries[feed] = delivery
  }

  /// Adds a quarantined event.
  public mutating func addMalformed(_ feed: FeedName, storedAt moment: Timestamp) {
    guard span.contains(moment) else { return }
    deliveries[feed, default: Delivery()].events += 1
    deliveries[feed, default: Delivery()].malformed += 1
  }

  /// The feed, with the quality of its events for a metric.
  func feed(_ condition: FeedOutlook.Condition, for metric: Metric) -> Measurability.Feed {
    let delivery = deliveries[condition.name] ?? Delivery()
    var feed = Measurability.Feed(
      name: "\(condition.name.type) from \(condition.name.source)", status: condition.status, events: delivery.events,
      malformed: delivery.malformed)
    if case .custom(let measure) = metric.measure {
      feed.matching = delivery.matching[metric.key] ?? 0
      if let field = measure.field { feed.fitting["\(field)"] = delivery.usable[metric.key] ?? 0 }
    }
    return feed
  }
}
