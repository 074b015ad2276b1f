import ArgumentParser
import Contract
import LaunchModel

struct LaunchPostpone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "postpone", abstract: "Postpone a launch without a new date.",
    discussion: """
      Shows the consequences, then asks; --yes postpones without asking. The reason is required. gonogo launch reschedule \
      gives the launch a date again.
      """,
    examples: [
      "gonogo launch postpone smart-routing --dry-run",
      "gonogo launch postpone smart-routing --reason 'waiting for pricing' --yes",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await change.stop(
      launch.id, as: .postponed, by: TieringRoutes.postpone, "postponing a launch", asking: "Postpone \(launch.id)?",
      preview, confirmation, in: session)
  }
}
