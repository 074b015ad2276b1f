import ArgumentParser
import Contract
import LaunchModel

struct LaunchReconfirm: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconfirm", abstract: "Confirm that a launch's date still holds.",
    discussion: """
      The policy says how often: by default every 14 days in the last 6 weeks, in tiers 0 and 1. An unconfirmed date \
      is a risk, and in the last 5 business days a reason against GO. Proposing or rescheduling a launch confirms its \
      date, too. Confirming does not change the launch's version, so a GO does not become stale.
      """,
    examples: [
      "gonogo launch reconfirm smart-routing",
      "gonogo launch reconfirm smart-routing --reason 'checked with Marketing'",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = LaunchAction(launch: launch.id, reason: explanation.reason)
    try await session.show(TieringRoutes.reconfirm, action)
  }
}
