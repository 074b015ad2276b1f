import ArgumentParser
import Contract
import LaunchModel

struct BlackoutExcept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "except", abstract: "Exempt a launch from a blackout, or revoke the exemption.",
    discussion: """
      If --remove would stop the launch, shows whether that ends its GO, then asks; --yes revokes without asking. The \
      reason is required.
      """,
    examples: [
      "gonogo calendar blackout except freeze smart-routing --reason 'flag only'",
      "gonogo calendar blackout except freeze smart-routing --remove --dry-run",
    ])

  @OptionGroup var blackout: BlackoutArgument
  @OptionGroup var launch: LaunchArgument
  @Flag(help: "Revoke the exemption.") var remove = false
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let except = ExceptBlackout(
      blackout: blackout.key, launch: launch.id, reason: explanation.reason, remove: remove ? true : nil)
    guard remove || preview.dryRun else {
      try await session.show(TieringRoutes.exceptBlackout, except)
      return
    }
    let consequences = try await session.call(TieringRoutes.previewExemption, except)
    if preview.dryRun { return try session.print(consequences) }
    if !consequences.value.stops.isEmpty {
      try explanation.require(for: "revoking the exemption of a launch that would be stopped")
      try confirmation.ask(
        "Revoke the exemption of \(launch.id) from \(blackout.key)?", showing: consequences.value, in: session)
    }
    try session.print(
      try await session.call(TieringRoutes.exceptBlackout, except, expectedVersion: consequences.value.version))
  }
}
