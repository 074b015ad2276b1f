import ArgumentParser
import Contract
import LaunchModel

struct ReviewAgenda: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "agenda", abstract: "Show a review's agenda, built from the launch's data.",
    discussion: """
      The id of each point is in brackets; record its outcome with gonogo review note. For customers to call, add \
      actions with gonogo review action outreach.
      """,
    examples: [
      "gonogo review agenda smart-routing",
      "gonogo review agenda smart-routing --output json",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.agenda, ReviewReference(launch: launch.id, attempt: attempt.attempt))
  }
}
