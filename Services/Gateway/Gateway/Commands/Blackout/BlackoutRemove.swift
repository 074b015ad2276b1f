import ArgumentParser
import Contract

struct BlackoutRemove: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a blackout.",
    examples: [
      "gonogo calendar blackout remove freeze --reason 'freeze is over'",
      "gonogo calendar blackout remove freeze --reason 'audit moved to April'",
    ])

  @OptionGroup var blackout: BlackoutArgument
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let removed = try await session.call(
      TieringRoutes.setBlackout, SetBlackout(key: blackout.key, reason: explanation.reason, remove: true))
    session.console.note("blackout \(blackout.key) removed")
    try session.print(removed)
  }
}
