import ArgumentParser
import Contract
import LaunchModel

struct HypercareShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a launch's shifts, their gaps and the daily checks.",
    examples: [
      "gonogo hypercare show smart-routing",
      "gonogo hypercare show smart-routing --as-of 2027-03-05T09:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.showHypercare, LaunchReference(launch: launch.id, asOf: moment.asOf))
  }
}
