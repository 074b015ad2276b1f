import ArgumentParser
import Contract

struct BlackoutListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List blackouts, with exemptions and stopped launches.",
    examples: [
      "gonogo calendar blackout list",
      "gonogo calendar blackout list --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws { try await session.show(TieringRoutes.blackouts, NoParameters()) }
}
