import ArgumentParser
import Contract

struct LearningPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a template change that follows from a learning.",
    examples: [
      "gonogo review learning propose smart-routing-l1 learning.yaml",
      "gonogo review learning propose smart-routing-l1 - < learning.yaml",
    ])

  @Argument(help: "Learning id, e.g. smart-routing-l1.") var learning: String
  @OptionGroup var document: DocumentArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file)
    try await document.explaining {
      try await session.show(
        ReviewRoutes.proposeLearning, ProposeLearning(learning: learning, change: document.value))
    }
  }
}
