import ArgumentParser
import Contract
import LaunchModel

struct ReviewShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the review of a launch.",
    examples: [
      "gonogo review show smart-routing",
      "gonogo review show smart-routing --attempt 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.show, ReviewReference(launch: launch.id, attempt: attempt.attempt))
  }
}
