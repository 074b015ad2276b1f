import ArgumentParser
import Contract
import LaunchModel

struct Ready: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ready", abstract: "Show a launch's readiness, and what blocks a GO.",
    examples: [
      "gonogo ready smart-routing",
      "gonogo ready smart-routing --as-of 2027-02-01T09:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.readiness, LaunchReference(launch: launch.id, asOf: moment.asOf))
  }
}
