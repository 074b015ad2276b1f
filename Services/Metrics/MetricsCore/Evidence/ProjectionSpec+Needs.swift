import JSON
import LaunchModel

extension ProjectionSpec {
  /// What must be kept to judge these plans for one attempt at launching.
  public static func needed(for plans: some Sequence<MetricPlan>, attempt: Attempt) -> Set<ProjectionSpec> {
    Set(plans.flatMap { plan in plan.metrics.compactMap { needed(for: $0, of: plan, attempt: attempt) } })
  }

  /// The projection that a metric's figure is read from; nil where it needs none.
  ///
  /// Adoption windows of one plan nest, so that the longest serves all; and as rows keep first moments, a rollback only
  /// cuts them on reading. Counts are cut here, since a day cannot be cut afterwards.
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

  /// A text that is the same for the same spec, and for no other.
  public var key: String { String(decoding: document.canonical(), as: UTF8.self) }
}
