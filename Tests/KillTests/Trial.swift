import JSON
import Contract
import LaunchModel
import Messaging
import TestSupport

/// The launch that is measured while processes are killed.
struct Trial: Sendable {
  /// The time on the processes' clock at their start.
  static let start = Timestamp(microseconds: 1_801_472_400_000_000)
  /// The time of shipping; all events have times in the following day.
  static let shippedAt = start.adding(days: -2)
  static let feature = "smart-routing"

  let system: RunningSystem
  let launch: LaunchID

  init(_ system: RunningSystem) throws {
    self.system = system
    launch = try Self.launch(named: "smart-routing")
  }

  /// The content of a launch file.
  static func document(_ launch: LaunchID, feature: String) -> JSONValue {
    [
      "launch": .string(launch.rawValue), "name": .string(launch.rawValue), "owner": "dana", "date": "2027-03-02",
      "feature": .string(feature), "facts": ["kinds": ["new-feature"]],
    ]
  }

  static func launch(named name: String) throws -> LaunchID {
    guard let launch = LaunchID(name) else { throw Problem.invalid("id", pointer: "", name) }
    return launch
  }

  /// Proposes the launch, seals its metrics, and records it as shipped in the past.
  func begin() async throws {
    _ = try await system.client(.tiering).call(
      TieringRoutes.propose, ProposeLaunch(document: Self.document(launch, feature: Self.feature)))
    let known = CallMeta(after: try await untilAnswered { try await system.bus().head().head })
    let metrics = try system.client(.metrics)
    _ = try await metrics.call(MetricsRoutes.define, DefinePlan(launch: launch, document: Self.plan), meta: known)
    _ = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
    _ = try await system.client(.checklist).call(
      ChecklistRoutes.ship, ExposureRequest(launch: launch, at: Self.shippedAt), meta: known)
  }

  /// One metric counts accounts, which repeated events do not change, and one counts each event.
  private static let plan: JSONValue = [
    "metrics": [
      ["key": "adoption", "kind": "adoption", "target": ">= 30%", "days": 30],
      [
        "key": "uses", "kind": "custom", "type": .string(SignalType.featureUsed.rawValue), "aggregate": "count",
        "where": ["/data/feature": .string(feature)], "target": ">= 1", "days": 30,
      ],
    ]
  ]
}
