public import Contract
import JSON
public import LaunchModel

/// A plan that is tried on the last 30 days, to see whether its metrics can be measured (product.md, section 4).
///
/// Each metric is tried in a window that ends now and is as long as its own, but at most 30 days. For a longer one, numbers of
/// events are scaled to its length; numbers of accounts and of distinct values are not, because the same ones return.
public struct PlanTrial: Sendable {
  /// The days that plans are tried on.
  public static let days = 30
  /// The simulated windows that show how soon a spike would be found.
  static let simulatedWindows = 300
  /// The multiples of the forecast that are simulated.
  static let multiples = [1.5, 2]

  /// The launch that the plan belongs to.
  public let launch: LaunchID
  /// The plan.
  public let plan: MetricPlan
  /// The moment at which the days end.
  public let now: Timestamp

  public init(launch: LaunchID, plan: MetricPlan, now: Timestamp) {
    self.launch = launch
    self.plan = plan
    self.now = now
  }

  /// The days that the plan is tried on.
  public var span: Range<Timestamp> { now.adding(days: -Self.days)..<now }

  /// The types of events that it rests on.
  public var types: Set<String> { Set(plan.metrics.flatMap { $0.feedTypes { _ in true } }) }

  /// The projections that its metrics are read from, with the windows of those that count adoption, by their length in days.
  public var specs: [ProjectionSpec: [Int: MeasurementWindow]] {
    plan.metrics.reduce(into: [:]) { specs, metric in
      let trial = MetricTrial(metric, of: self)
      guard let spec = ProjectionSpec.needed(for: trial.metric, of: trial.plan, attempt: trial.attempt) else { return }
      specs[spec, default: [:]].merge(trial.plan.adoptionWindows(of: trial.attempt)) { first, _ in first }
    }
  }

  /// What was found out about one metric.
  public struct Finding: Sendable, Hashable {
    /// The metric.
    public var metric: Metric
    /// The feeds that it rests on.
    public var feeds: [Measurability.Feed]
    /// The accounts, votes, scores, tickets or events that are expected in the window.
    public var expected = 0
    /// The scores of other features that are expected in the window; nil for other kinds than `csat`.
    public var others: Int?
    /// The figure before the launch; nil if it is not known.
    public var baseline: Double?
    /// Whether it can be measured.
    public var measurability = Measurability()
    /// How soon a spike would be found; empty for other kinds than `tickets`.
    public var alarms: [Alarm] = []
  }

  /// The probability that a spike has raised the alarm by the end of a day.
  public struct Alarm: Sendable, Hashable {
    /// The tickets that come, divided by the forecast.
    public var multiple: Double
    /// The day, from 1.
    public var day: Int
    /// The probability.
    public var probability: Double
  }

  /// What was found out about each metric, in the plan's order.
  ///
  /// - Parameters:
  ///   - evidence: what was counted in the last 30 days, with the projections of `specs`.
  ///   - outlook: the feeds that have ever delivered.
  ///   - use: what they delivered in the last 30 days.
  public func findings(_ evidence: MetricEvidence, _ outlook: FeedOutlook, _ use: FeedUse) -> [Finding] {
    plan.metrics.map { metric in
      let feeds = feeds(of: metric, outlook, use)
      var finding = MetricTrial(metric, of: self).finding(evidence, feeds)
      finding.measurability = finding.measurability.adding(feeds)
      if let days = use.daysLeft { finding.measurability.problems.insert(.pruned(days: days), at: 0) }
      return finding
    }
  }

  /// The feeds of a metric; those that were retired only if no other one delivers their type.
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

/// What feeds delivered in the last 30 days, as far as a plan needs to know it.
public struct FeedUse: Sendable {
  /// The events of one feed.
  private struct Delivery {
    var events = 0
    var malformed = 0
    /// Those that match the conditions of a custom metric, by its key.
    var matching: [String: Int] = [:]
    /// Those of them with a usable value, by the metric's key.
    var usable: [String: Int] = [:]
  }

  /// The whole days that a pruned log still has; nil if it has all of them.
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

  /// Adds an event, with its document if a custom metric asks for its type.
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

  /// Adds an event that is in quarantine.
  public mutating func addMalformed(_ feed: FeedName, storedAt moment: Timestamp) {
    guard span.contains(moment) else { return }
    deliveries[feed, default: Delivery()].events += 1
    deliveries[feed, default: Delivery()].malformed += 1
  }

  /// The feed as a metric needs it.
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
