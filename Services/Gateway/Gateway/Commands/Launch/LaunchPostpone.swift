import ArgumentParser
import Contract
import LaunchModel

struct LaunchPostpone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "postpone", abstract: "Postpone a launch without a new date.",
    discussion: "gonogo launch reschedule gives it a date again.",
    examples: [
      "gonogo launch postpone smart-routing --reason 'waiting for the new pricing'",
      "gonogo launch postpone smart-routing --reason 'on hold' --expected-version 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch.id, reason: change.reason)
    try await change.applyBeforeShipping(TieringRoutes.postpone, action, to: launch.id, in: session)
  }
}
