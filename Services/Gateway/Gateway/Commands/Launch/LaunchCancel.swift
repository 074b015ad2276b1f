import ArgumentParser
import Contract
import LaunchModel

struct LaunchCancel: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel", abstract: "Cancel a launch. This cannot be undone.",
    discussion: "Shows the consequences, then asks; --yes cancels without asking. The reason is required.",
    examples: [
      "gonogo launch cancel smart-routing --dry-run",
      "gonogo launch cancel smart-routing --reason 'superseded by auto-routing' --yes",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await change.stop(
      launch.id, as: .cancelled, by: TieringRoutes.cancel, "cancelling a launch",
      asking: "Cancel \(launch.id)? This cannot be undone.", preview, confirmation, in: session)
  }
}
