import ArgumentParser
import Contract
import LaunchModel

struct ReviewClose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "close", abstract: "Close a review; store its agenda with a digest.",
    discussion: """
      Every missed target needs an explanation, every agenda point an outcome and every action an owner first.
      """,
    examples: [
      "gonogo review close smart-routing",
      "gonogo review close smart-routing --attempt 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.close, ReviewReference(launch: launch.id, attempt: attempt.attempt))
  }
}
