import ArgumentParser
import Contract

struct ReviewListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List all reviews.",
    examples: [
      "gonogo review list",
      "gonogo review list --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.list, NoParameters())
  }
}
