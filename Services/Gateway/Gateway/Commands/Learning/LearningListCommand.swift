import ArgumentParser
import Contract

struct LearningListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List all learnings.",
    examples: [
      "gonogo review learning list",
      "gonogo review learning list --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ReviewRoutes.listLearnings, NoParameters())
  }
}
