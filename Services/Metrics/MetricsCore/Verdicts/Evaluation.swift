public import Contract
public import LaunchModel

/// Evaluates the metrics of a plan for one attempt to launch.
public struct Evaluation: Sendable {
  /// The launch that the plan belongs to.
  public var launch: LaunchID
  /// The plan, with every default filled in.
  public var plan: MetricPlan
  /// The attempt; nil before the first exposure.
  public var attempt: Attempt?
  /// The evidence known at `now`.
  public var evidence: MetricEvidence
  /// The moment for which the metrics are evaluated.
  public var now: Timestamp
  /// The rule for which tickets are about the feature, from the evaluated plan.
  let attribution: TicketAttribution

  public init(launch: LaunchID, plan: MetricPlan, attempt: Attempt?, evidence: MetricEvidence, now: Timestamp) {
    self.launch = launch
    self.plan = plan
    self.attempt = attempt
    self.evidence = evidence
    self.now = now
    attribution = plan.attribution
  }

  /// The figure and verdict of every metric, in the plan's order.
  public func views() -> [MetricView] { plan.metrics.map(view(of:)) }

  func view(of metric: Metric) -> MetricView {
    var view = MetricView(
      key: metric.key, kind: metric.measure.kind.rawValue, verdict: .pending, target: metric.target?.description)
    view.expectation = metric.expectation
    view.baseline = metric.baseline
    guard let attempt else {
      view.notes = ["not exposed yet; the window starts with the first real exposure"]
      return view
    }
    let window = attempt.window(days: metric.days)
    let figure = judgedFigure(of: metric, in: window)
    view.verdict = verdict(figure, in: window)
    // While the window is open, no value is shown, not even 0, for a figure that would be unknown at its end.
    let isWithoutData = view.verdict == .pending && figure.judgement == .unknown
    view.value = isWithoutData ? nil : figure.value
    view.numerator = figure.numerator
    view.denominator = figure.denominator
    view.n = figure.n
    view.low = figure.interval?.low
    view.high = figure.interval?.high
    view.windowStart = window.start
    view.windowEnd = window.end
    view.watermark = figure.watermark
    view.restated = figure.isRestated
    view.notes = figure.notes + notes(on: window)
    view.curve = figure.curve
    view.spike = figure.spike
    view.satisfaction = figure.satisfaction
    view.projection = view.verdict == .pending && !isWithoutData ? figure.projection : nil
    if case .articles(let measure) = metric.measure {
      view.articles = articleFigures(metric, measure, in: window)
    }
    return view
  }

  private func verdict(_ figure: Figure, in window: MeasurementWindow) -> Verdict {
    if let cut = window.cutAt, cut <= now { return .inconclusive }
    if figure.isSilent || figure.isPruned { return .unknown }
    return now < window.end ? .pending : figure.judgement
  }

  /// Whether a metric's figure is unknown, or would be unknown if its window ended now.
  func isUnknown(_ metric: Metric, in window: MeasurementWindow) -> Bool {
    let figure = judgedFigure(of: metric, in: window)
    return figure.isSilent || figure.judgement == .unknown
  }

  private func judgedFigure(of metric: Metric, in window: MeasurementWindow) -> Figure {
    judged(figure(of: metric, in: window), of: metric, in: window)
  }

  private func notes(on window: MeasurementWindow) -> [String] {
    window.cutAt.map { ["rolled back at \($0), before the end of the window"] } ?? []
  }

  private func figure(of metric: Metric, in window: MeasurementWindow) -> Figure {
    switch metric.measure {
    case .adoption(let target): return adoption(metric, target, in: window)
    case .custom(let measure): return restatable(in: window) { $0.custom(metric, measure, in: window) }
    case .articles(let measure) where measure.target.unit == .views:
      return restatable(in: window) { $0.views(metric, measure, in: window) }
    case .articles(let measure): return restatable(in: window) { $0.helpfulRate(measure, in: window) }
    case .tickets(let forecast): return restatable(in: window) { $0.tickets(forecast, in: window) }
    case .csat(let margin): return restatable(in: window) { $0.satisfaction(margin, in: window) }
    }
  }

  /// Computes a figure. After the window's end, marks it as restated if it differs from its value when it became final.
  private func restatable(in window: MeasurementWindow, _ compute: (Evaluation) -> Figure) -> Figure {
    var figure = compute(self)
    guard window.effectiveEnd <= now, evidence.hasAny(storedFrom: window.finalAt) else { return figure }
    var before = self
    before.evidence = evidence.stored(before: window.finalAt)
    figure.isRestated = !compute(before).agrees(with: figure)
    return figure
  }

  func projection(of metric: Metric) -> Projection {
    guard let attempt, let spec = ProjectionSpec.needed(for: metric, of: plan, attempt: attempt) else {
      return Projection()
    }
    return evidence.projections[spec] ?? Projection()
  }

  /// Whether an account counts, by its state at the window's end or now. Events without an account count.
  func counts(_ account: String?, in window: MeasurementWindow) -> Bool {
    guard let account, !account.isEmpty else { return true }
    return evidence.accounts.counted(account, before: window.statesBefore(asOf: now)) != nil
  }
}

/// A metric's figure, computed in the same way whether its window is over or not.
struct Figure: Sendable, Hashable {
  /// The value; nil if there is no data or the denominator is 0.
  var value: Double?
  var numerator: Int?
  var denominator: Int?
  var n = 0
  var interval: ConfidenceInterval?
  var watermark: Timestamp?
  var isRestated = false
  var notes: [String] = []
  var curve: [CurvePoint]?
  /// The comparison of tickets with their forecast; nil for other kinds.
  var spike: SpikeView?
  /// The comparison with other features; nil for other kinds, or if nothing can be compared.
  var satisfaction: SatisfactionView?
  /// The projected adoption of the last day; nil for other kinds, or before the first day is complete.
  var projection: ProjectionView?
  /// Whether a feed left out so many events of the window that the figure is unknown.
  var isSilent = false
  /// Whether events were pruned from the log before they were counted, so that the figure is unknown.
  var isPruned = false
  /// The verdict if the window ended now.
  var judgement: Verdict

  /// Whether both figures have the same value, numerator, denominator, comparison with other features, and verdict.
  func agrees(with other: Figure) -> Bool {
    value == other.value && numerator == other.numerator && denominator == other.denominator
      && satisfaction == other.satisfaction && judgement == other.judgement
  }
}

extension Target {
  /// The verdict on a value; `unknown` if it is nil.
  func verdict(on value: Double?) -> Verdict {
    guard let value else { return .unknown }
    return isMet(by: value) ? .met : .missed
  }

  /// The verdict on an interval; `inconclusive` unless it lies entirely on one side of the target.
  func verdict(on interval: ConfidenceInterval) -> Verdict {
    switch (isMet(by: interval.low), isMet(by: interval.high)) {
    case (true, true): .met
    case (false, false): .missed
    default: .inconclusive
    }
  }
}

extension Evaluation {
  /// The share of accounts with any activity that used the feature at least once (product.md, section 4).
  func adoption(_ metric: Metric, _ target: Target, in window: MeasurementWindow) -> Figure {
    let projection = projection(of: metric)
    let figures = projection.adoption[metric.days] ?? AdoptionFigures(window: window, asOf: now)
    let value = figures.active == 0 ? nil : Double(figures.adopted) / Double(figures.active)
    return Figure(
      value: value, numerator: figures.adopted, denominator: figures.active, n: figures.active,
      watermark: projection.watermark.map { min($0, window.effectiveEnd) }, isRestated: figures.isRestated,
      notes: (value == nil ? ["no account was active in the window"] : []) + projection.notes, curve: figures.curve,
      projection: lastDay(of: metric, target, figures.curve, in: window), isPruned: projection.isPruned,
      judgement: projection.verdict(on: value, target))
  }

  /// Projects the window's last day from the last complete day.
  private func lastDay(
    of metric: Metric, _ target: Target, _ points: [CurvePoint], in window: MeasurementWindow
  ) -> ProjectionView? {
    guard let attempt, let day = points.last?.day else { return nil }
    let curve = AdoptionCurve(
      launch: launch, attempt: attempt.number, metric: metric.key, tier: evidence.tier, window: window, target: target,
      points: points)
    return curve.projection(from: day, by: evidence.earlierCurves, at: now)
  }
}

extension Projection {
  /// Whether events that belong to the projection had been pruned from the log when it was built.
  var isPruned: Bool { prunedBefore != nil }

  /// The verdict on a value computed from the projection; `unknown` if it is nil or events are missing.
  func verdict(on value: Double?, _ target: Target) -> Verdict { isPruned ? .unknown : target.verdict(on: value) }

  /// The notes for every figure computed from the projection.
  var notes: [String] {
    prunedBefore.map { ["the log was pruned: events before offset \($0) are missing from this figure"] } ?? []
  }
}
