import LaunchModel

extension Evaluation {
  /// Accounts with at least one use of the feature, of the accounts with any activity (product.md, section 4).
  func adoption(_ metric: Metric, _ target: Target, in window: MeasurementWindow) -> Figure {
    let projection = projection(of: metric)
    let figures = AdoptionFigures(
      rows: projection.activities, window: window, accounts: evidence.accounts, asOf: now)
    let value = figures.active == 0 ? nil : Double(figures.adopted) / Double(figures.active)
    return Figure(
      value: value, numerator: figures.adopted, denominator: figures.active, n: figures.active,
      watermark: projection.watermark.map { min($0, window.effectiveEnd) }, isRestated: figures.isRestated,
      notes: (value == nil ? ["no account was active in the window"] : []) + projection.notes, curve: figures.curve,
      judgement: target.verdict(on: value))
  }
}

extension Projection {
  /// What must be said of every figure that is read from it.
  var notes: [String] {
    prunedBefore.map { ["the log was pruned: events before offset \($0) are not in this figure"] } ?? []
  }
}
