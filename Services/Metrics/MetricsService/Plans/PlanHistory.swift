import JSON
import LaunchModel
import MetricsCore

/// What became of a launch's metric plan: definitions, the seal, amendments.
struct PlanHistory {
  /// One step, numbered from 1.
  struct Entry {
    enum Action: String {
      case define, seal, amend
    }

    var version: Int
    var action: Action
    var at: Timestamp
    var by: String
    /// As it was written.
    var document: JSONValue
    /// What is sealed; nil for a definition, whose feature may still change.
    var definition: JSONValue?
    var digest: String?
    var reason: String?
    var isRetroactive: Bool

    /// The plan, of the launch's feature where it is not sealed.
    func plan(feature: String) throws -> MetricPlan {
      guard let definition else { return try MetricPlan(reading: document, feature: feature) }
      return try MetricPlan(definition: definition)
    }
  }

  /// By version.
  var entries: [Entry]

  /// The plan in force.
  var current: Entry? { entries.last }

  var seal: Entry? { entries.last { $0.action == .seal } }

  var amendments: [Entry] { entries.filter { $0.action == .amend } }

  /// Counts every step; 0 while there is no plan.
  var version: Int { current?.version ?? 0 }

  var isSealed: Bool { seal != nil }

  /// The plans that are judged: the one in force, and the sealed one where it has been amended since.
  func plans(feature: String) throws -> [MetricPlan] {
    guard let current else { return [] }
    var plans = [try current.plan(feature: feature)]
    if let seal, current.action == .amend { plans.append(try seal.plan(feature: feature)) }
    return plans
  }

  /// The plan as calls answer it.
  func view(of launch: LaunchID, feature: String) throws -> PlanView {
    let definition = try current?.plan(feature: feature).definition
    return PlanView(
      launch: launch, sealed: isSealed, digest: definition.map(PlanDigest.hex), sealedAt: seal?.at, sealedBy: seal?.by,
      definition: definition,
      amendments: amendments.map { entry in
        PlanView.Amendment(
          digest: entry.digest ?? "", reason: entry.reason ?? "", by: entry.by, at: entry.at,
          retroactive: entry.isRetroactive)
      }, version: version)
  }
}
