import ArgumentParser
import Contract

struct PolicyProposals: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "proposals", abstract: "List the proposed policies.",
    examples: [
      "gonogo policy proposals",
      "gonogo policy proposals --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.policyProposals, NoParameters())
  }
}
