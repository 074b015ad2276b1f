import ArgumentParser
import Contract
import LaunchModel

struct LearningAdd: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a learning to a launch's review.",
    examples: [
      "gonogo review learning add smart-routing 'Show admins the settings first'",
      "gonogo review learning add smart-routing 'Test the macro' --on-behalf-of grace",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "What the launch taught.") var text: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.addLearning, AddLearning(launch: launch.id, text: text))
  }
}
