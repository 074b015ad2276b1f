import ArgumentParser
import Contract
import LaunchModel

struct BlackoutExcept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "except", abstract: "Exempt a launch from a blackout, or revoke the exemption.",
    examples: [
      "gonogo calendar blackout except freeze smart-routing --reason 'flag only'",
      "gonogo calendar blackout except freeze smart-routing --remove --reason risky",
    ])

  @OptionGroup var blackout: BlackoutArgument
  @OptionGroup var launch: LaunchArgument
  @Flag(help: "Revoke the exemption.") var remove = false
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let except = ExceptBlackout(
      blackout: blackout.key, launch: launch.id, reason: explanation.reason, remove: remove ? true : nil)
    try await session.show(TieringRoutes.exceptBlackout, except)
  }
}
