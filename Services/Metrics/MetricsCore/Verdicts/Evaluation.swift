public import LaunchModel

/// Judges the metrics of a plan for one attempt at launching.
public struct Evaluation: Sendable {
  /// The launch whose metrics they are.
  public var launch: LaunchID
  /// The definitions that are judged by, with every default filled in.
  public var plan: MetricPlan
  /// Nil before the first exposure.
  public var attempt: Attempt?
  /// What is known of customers, as of the moment that is asked for.
  public var evidence: MetricEvidence
  /// The moment asked about.
  public var now: Timestamp

  public init(launch: LaunchID, plan: MetricPlan, attempt: Attempt?, evidence: MetricEvidence, now: Timestamp) {
    self.launch = launch
    self.plan = plan
    self.attempt = attempt
    self.evidence = evidence
    self.now = now
  }

  /// Every metric in the plan's order.
  public func views() -> [MetricView] { plan.metrics.map(view(of:)) }

  private func view(of metric: Metric) -> MetricView {
    var view = MetricView(
      key: metric.key, kind: metric.measure.kind.rawValue, verdict: .pending, target: metric.target?.description)
    guard let attempt else {
      view.notes = ["not exposed yet: the window begins with the first real exposure"]
      return view
    }
    let window = attempt.window(days: metric.days)
    let figure = figure(of: metric, in: window)
    view.verdict = verdict(figure, in: window)
    view.value = figure.value
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
    return view
  }

  private func verdict(_ figure: Figure, in window: MeasurementWindow) -> Verdict {
    if let cut = window.cutAt, cut <= now { return .inconclusive }
    return now < window.end ? .pending : figure.judgement
  }

  private func notes(on window: MeasurementWindow) -> [String] {
    window.cutAt.map { ["rolled back at \($0), before the window's end"] } ?? []
  }

  private func figure(of metric: Metric, in window: MeasurementWindow) -> Figure {
    switch metric.measure {
    case .adoption(let target): return adoption(metric, target, in: window)
    case .custom(let measure): return custom(metric, measure, in: window)
    case .articles(let measure) where measure.target.unit == .views: return views(metric, measure, in: window)
    case .articles(let measure): return restatable(in: window) { $0.helpfulRate(measure, in: window) }
    case .tickets(let forecast): return restatable(in: window) { $0.tickets(forecast, in: window) }
    case .csat(let margin): return restatable(in: window) { $0.satisfaction(margin, in: window) }
    }
  }

  /// The figure, restated where it would be another without what was stored after it had been final.
  private func restatable(in window: MeasurementWindow, _ compute: (Evaluation) -> Figure) -> Figure {
    var figure = compute(self)
    var before = self
    before.evidence = evidence.stored(before: max(window.effectiveEnd, window.knownSince))
    figure.isRestated = !compute(before).agrees(with: figure)
    return figure
  }

  func projection(of metric: Metric) -> Projection {
    guard let attempt, let spec = ProjectionSpec.needed(for: metric, of: plan, attempt: attempt) else {
      return Projection()
    }
    return evidence.projections[spec] ?? Projection()
  }

  /// Whether an account counts, by its state at the window's end; nobody's does.
  func counts(_ account: String?, in window: MeasurementWindow) -> Bool {
    guard let account, !account.isEmpty else { return true }
    return evidence.accounts.counted(account, at: window.statesAt(asOf: now)) != nil
  }
}
