import ArgumentParser
import Contract

struct TemplatePropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a change to the template.",
    examples: [
      "gonogo template propose learning.yaml",
      "gonogo template propose learning.yaml --reason 'learned from smart-routing'",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      try await session.show(
        ChecklistRoutes.proposeTemplate,
        TemplateProposal(change: document.value, reason: explanation.reason))
    }
  }
}
