/// The success metrics of a launch, with every default filled in: what is sealed.
public struct MetricPlan: Sendable, Hashable {
  /// The key of the feature that is measured, as signals name it.
  public var feature: String
  /// In the plan's order; each key occurs once.
  public var metrics: [Metric]

  public init(feature: String, metrics: [Metric]) {
    self.feature = feature
    self.metrics = metrics
  }

  /// The longest window of a kind; nil where no metric is of it.
  public func days(of kind: Metric.Kind) -> Int? {
    metrics.filter { $0.measure.kind == kind }.map(\.days).max()
  }

  /// Every tag that the plan maps to its feature.
  public var tags: Set<String> {
    metrics.reduce(into: []) { tags, metric in
      if case .tickets(let forecast) = metric.measure { tags.formUnion(forecast.tags) }
    }
  }
}
