import Contract
import JSON
import LaunchModel
import Messaging

/// Four launches from before the demo's launch, from which its adoption is projected.
enum DemoHistory {
  /// A launch, described by how many of 400 accounts used its feature in the end, and how early they started.
  private struct EarlierLaunch {
    var name: String
    var feature: String
    var adopters: Int
    /// The day by which half of the adopters have started.
    var halfway: Int
  }

  private static let launches = [
    EarlierLaunch(name: "Saved views", feature: "saved-views", adopters: 118, halfway: 8),
    EarlierLaunch(name: "Bulk edit", feature: "bulk-edit", adopters: 96, halfway: 7),
    EarlierLaunch(name: "Audit log", feature: "audit-log", adopters: 131, halfway: 9),
    EarlierLaunch(name: "Shared inbox", feature: "shared-inbox", adopters: 109, halfway: 6),
  ]

  /// The number of earlier launches.
  static var count: Int { launches.count }

  /// Proposes, measures and ships each of them.
  static func ship(_ part: DemoPart) async throws {
    for launch in launches {
      let id = try id(of: launch)
      _ = try await part.session.call(
        TieringRoutes.propose,
        ProposeLaunch(document: [
          "launch": .string(launch.feature), "name": .string(launch.name), "owner": "dana",
          "feature": .string(launch.feature), "date": "2026-12-01",
          "facts": ["kinds": ["new-surface"], "audience": "subset", "changesWorkflow": true],
        ]))
      let plan: JSONValue = [
        "metrics": [["key": "adoption", "kind": "adoption", "target": ">= 25%", "baseline": 0]]
      ]
      _ = try await part.session.call(MetricsRoutes.define, DefinePlan(launch: id, document: plan))
      _ = try await part.session.call(
        MetricsRoutes.seal, LaunchAction(launch: id, reason: "the first launches to be measured"))
      _ = try await part.session.call(ChecklistRoutes.ship, ExposureRequest(launch: id))
    }
  }

  /// Publishes what customers did during the thirty days and the five days after them, and closes the reviews.
  static func conclude(_ part: DemoPart) async throws {
    for launch in launches {
      let reference = ReviewReference(launch: try id(of: launch))
      let view = try await part.wait(
        for: "the exposure", MetricsRoutes.verdicts, VerdictRequest(launch: reference.launch)
      ) { $0.metrics.contains { $0.windowStart != nil } }
      guard let start = view.metrics.compactMap(\.windowStart).first else { continue }
      let events = DemoEvents(launch: launch.feature, exposure: start)
      let name = "\(launch.feature).ndjson"
      let isFirst = launch.feature == launches.first?.feature
      try part.write(
        events.use(by: launch.adopters, halfOfThemBy: launch.halfway, of: 35, withActivity: isFirst), to: name)
      try await part.story.run("event", "publish", part.path(name), silently: true)
    }
    for launch in launches { try await close(ReviewReference(launch: try id(of: launch)), part) }
  }

  private static func close(_ reference: ReviewReference, _ part: DemoPart) async throws {
    _ = try await part.wait(for: "the review to open", ReviewRoutes.show, reference) { $0.state == .open }
    let agenda = try await part.session.call(ReviewRoutes.agenda, reference).value
    for point in agenda.metrics where point.metric.verdict != .met {
      _ = try await part.session.call(
        ReviewRoutes.explain,
        ExplainMetric(launch: reference.launch, metric: point.metric.key, text: "it was announced late"))
    }
    for point in agenda.openPoints {
      _ = try await part.session.call(
        ReviewRoutes.note, NoteOutcome(launch: reference.launch, point: point, text: "talked through"))
    }
    _ = try await part.session.call(ReviewRoutes.close, CloseReview(launch: reference.launch))
  }

  private static func id(of launch: EarlierLaunch) throws(GatewayError) -> LaunchID {
    guard let id = LaunchID(launch.feature) else { throw GatewayError(.no, "\(launch.feature) is not a launch id") }
    return id
  }
}
