import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls that add learnings and propose them as changes of the template, the tier policy or the metric defaults.
enum LearningHandlers {
  static func register(on router: inout ServiceRouter) {
    router.change(ReviewRoutes.addLearning) { try add($0, $1, $2) }
    router.read(ReviewRoutes.listLearnings) { _, call in
      LearningList(learnings: try await call.environment.database.read { try LearningRepository(db: $0).all() })
    }
    router.change(
      ReviewRoutes.proposeLearning, prepare: { try await check($0, $1) }, apply: { try propose($0, $2, $3) })
  }

  private static func add(
    _ parameters: AddLearning, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LearningView {
    let text = try ReviewHandlers.required(parameters.text, "/text", "describe what was learned")
    let launch = try LaunchRepository(db: tx.db).required(parameters.launch)
    try ReviewRights.requireParticipant(call.actor, in: launch)
    let learning = try LearningRepository(db: tx.db).add(
      to: parameters.launch, text: text, by: call.actor.description, at: call.now)
    try tx.record(launch: parameters.launch.rawValue, action: "learning.add", detail: learning)
    return learning
  }

  private static func propose(
    _ parameters: ProposeLearning, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LearningView {
    let learnings = LearningRepository(db: tx.db)
    let learning = try learnings.required(parameters.learning)
    try ReviewRights.requireParticipant(call.actor, in: try LaunchRepository(db: tx.db).required(learning.launch))
    guard learning.proposedAt == nil else {
      throw Problem.conflict(
        "learning-proposed", title: "already proposed",
        "\(learning.id) already has a proposal; add another learning for another change")
    }
    let target = parameters.target ?? .template
    var proposed = LearningProposed(
      learning: learning.id, target: target.rawValue, text: learning.text, launches: [learning.launch])
    switch target {
    case .template: proposed.change = try templateChange(parameters.change, learnings)
    case .policy, .metricDefaults: proposed.document = parameters.change
    }
    try learnings.propose(learning.id, parameters.change, to: target, at: call.now)
    try tx.announce(Announcements.learningProposed, launch: learning.launch.rawValue, version: 1, proposed)
    return try learnings.required(learning.id)
  }

  /// Asks the service that owns the document whether the change could be adopted,
  /// so that only valid changes are proposed.
  ///
  /// - Throws: the errors of the document; `unavailable` if the service does not answer.
  private static func check(_ parameters: ProposeLearning, _ call: CallContext) async throws {
    switch parameters.target ?? .template {
    case .template: return
    case .policy:
      let report = try await call.environment.clients(for: .tiering)
        .call(TieringRoutes.lintPolicy, LintPolicy(document: parameters.change))
      let errors = report.findings.filter { $0.severity == .error }
      guard errors.isEmpty else {
        throw Problem.invalid(
          "invalid-policy", title: "the tier policy is invalid",
          errors: errors.map { FieldError(pointer: $0.pointer, detail: $0.detail) })
      }
    case .metricDefaults:
      _ = try await call.environment.clients(for: .metrics)
        .call(MetricsRoutes.checkDefaults, CheckMetricDefaults(document: parameters.change))
    }
  }

  private static func templateChange(
    _ document: JSONValue, _ learnings: LearningRepository
  ) throws -> TemplateChange {
    let change = try TemplateChange(reading: document)
    if let current = try learnings.templateVersion(), change.baseVersion > current {
      throw Problem.invalid(
        "unknown-template-version", pointer: "/baseVersion",
        "no template version \(change.baseVersion) yet; the current version is \(current)")
    }
    return change
  }
}
