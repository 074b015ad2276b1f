import ArgumentParser
import Contract
import LaunchModel

struct LaunchHistoryCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List the changes to a launch, each with who made it.",
    discussion: """
      Covers the launch's own fields. For changes to items, decisions, exposure and metrics, see gonogo audit show.
      """,
    examples: [
      "gonogo launch history smart-routing",
      "gonogo launch history smart-routing --output json",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.history, LaunchReference(launch: launch.id))
  }
}
