import JSON
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// One attempt of a launch with its plan and all evidence, as one snapshot of the store.
struct MeasuredLaunch: Sendable {
  var launch: LaunchID
  var attempt: Attempt?
  /// The plan in force; nil where there is none.
  var plan: MetricPlan?
  /// The sealed plan, where it has been amended since.
  var sealedPlan: MetricPlan?
  var isSealed: Bool
  var evidence: MetricEvidence
  /// The launch's feature as it now is, where another one is sealed.
  var renamedFeature: String?
  /// The last event that is in it.
  var offset: Int64
  /// The moment asked about.
  var now: Timestamp

  /// The answer to `verdict.show`.
  func view() -> MetricsView {
    MetricsView(
      launch: launch, sealed: isSealed, digest: plan.map { PlanDigest.hex($0.definition) }, asOf: now, offset: offset,
      metrics: views(of: plan) ?? [], attempt: attempt?.number, beforeAmendment: views(of: sealedPlan))
  }

  /// The answer to `series`; nil where the plan has no metric of that key.
  func series(_ key: String) -> SeriesView? {
    guard let evaluation = plan.map(evaluation), let points = evaluation.series(key),
      let metric = evaluation.plan.metrics.first(where: { $0.key == key })
    else { return nil }
    return SeriesView(launch: launch, key: key, kind: metric.measure.kind.rawValue, points: points)
  }

  private func evaluation(_ plan: MetricPlan) -> Evaluation {
    Evaluation(launch: launch, plan: plan, attempt: attempt, evidence: evidence, now: now)
  }

  private func views(of plan: MetricPlan?) -> [MetricView]? {
    guard let plan else { return nil }
    return evaluation(plan).views().map { view in
      guard let renamedFeature else { return view }
      var view = view
      view.notes.append("measured by the sealed feature \(plan.feature); the launch's feature is now \(renamedFeature)")
      return view
    }
  }
}
