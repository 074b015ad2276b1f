import ArgumentParser
import Contract
import LaunchModel

struct LaunchCancel: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Cancel a launch. This cannot be undone.",
    examples: [
      "gonogo launch cancel smart-routing --reason 'superseded by auto-routing'",
      "gonogo launch cancel smart-routing --reason 'dropped' --expected-version 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch.id, reason: change.reason)
    try await change.applyBeforeShipping(TieringRoutes.cancel, action, to: launch.id, in: session)
  }
}
