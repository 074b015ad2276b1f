import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls about learnings, and their proposal as changes of the checklist template.
enum LearningHandlers {
  static func register(on router: inout ServiceRouter) {
    router.change(ReviewRoutes.addLearning) { try add($0, $1, $2) }
    router.read(ReviewRoutes.listLearnings) { _, call in
      LearningList(learnings: try await call.environment.database.read { try LearningRepository(db: $0).all() })
    }
    router.change(ReviewRoutes.proposeLearning) { try propose($0, $1, $2) }
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
        "\(learning.id) was proposed already; add another learning for another change")
    }
    let change = try TemplateChange(reading: parameters.change)
    if let current = try learnings.templateVersion(), change.baseVersion > current {
      throw Problem.invalid(
        "unknown-template-version", pointer: "/baseVersion",
        "no template version \(change.baseVersion) yet; the current version is \(current)")
    }
    try learnings.propose(learning.id, change, at: call.now)
    try tx.announce(
      Announcements.learningProposed, launch: learning.launch.rawValue, version: 1,
      LearningProposed(
        learning: learning.id, target: "template", text: learning.text, launches: [learning.launch], change: change))
    return try learnings.required(learning.id)
  }
}
