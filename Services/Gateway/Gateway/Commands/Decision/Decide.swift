import ArgumentParser
import Contract
import LaunchModel

struct Decide: GatewayCommand {
  /// What is decided, or that a GO given earlier is confirmed on the launch date.
  enum Step: String, ExpressibleByArgument, CaseIterable {
    case go
    case noGo = "no-go"
    case hold, confirm
  }

  static let configuration = CommandConfiguration(
    commandName: "decide", abstract: "Decide GO, NO-GO or HOLD; confirm or show a decision.",
    discussion: """
      A GO given before the launch date is provisional; confirm it on that date. no-go and hold need a --reason; a \
      decision against the recommendation needs --override and a --reason. A GO with --artifact opens the gate only for \
      that artifact.
      """,
    examples: [
      "gonogo decide smart-routing",
      "gonogo decide smart-routing go --reason 'everything is in place'",
      "gonogo decide smart-routing go --override --reason 'the risk is accepted'",
      "gonogo decide smart-routing confirm",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "go, no-go, hold or confirm; omit it to show the decision.") var step: Step?
  @OptionGroup var artifact: ArtifactOption
  @Flag(help: "Decide against the recommendation; needs --reason.") var override = false
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard artifact.artifact == nil || step == .go else {
      throw ValidationError("--artifact belongs to go: only a GO is for an artifact")
    }
  }

  func run(in session: Session) async throws {
    switch step {
    case .go?: try await decide(.go, in: session)
    case .noGo?: try await decide(.noGo, in: session)
    case .hold?: try await decide(.hold, in: session)
    case .confirm?:
      let action = LaunchAction(launch: launch.id, reason: explanation.reason)
      try await session.show(ChecklistRoutes.confirmDecision, action)
    case nil: try await session.show(ChecklistRoutes.showDecision, LaunchReference(launch: launch.id))
    }
  }

  private func decide(_ decision: DecisionKind, in session: Session) async throws {
    let request = DecisionRequest(
      launch: launch.id, decision: decision, reason: explanation.reason, override: override ? true : nil,
      artifact: artifact.artifact)
    try await session.show(ChecklistRoutes.makeDecision, request)
  }
}
