import ArgumentParser
import Contract
import LaunchModel

struct LaunchWaive: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "Accept a date that is earlier than lead times allow.",
    examples: [
      "gonogo launch waive smart-routing --reason 'announced at the conference'",
      "gonogo launch waive smart-routing --reason 'agreed' --expected-version 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch.id, reason: change.reason)
    try await change.apply(TieringRoutes.waiveShortfall, action, to: launch.id, in: session)
  }
}
