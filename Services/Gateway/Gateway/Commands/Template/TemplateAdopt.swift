import ArgumentParser
import Contract

struct TemplateAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt an open proposal, or a complete template file.",
    examples: [
      "gonogo template adopt proposal-1",
      "gonogo template adopt --file template.yaml",
    ])

  @Argument(help: "Proposal id; see gonogo template list.") var proposal: String?
  @OptionGroup var replacement: FileOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (proposal == nil) != (replacement.file == nil) else {
      throw ValidationError("pass either a proposal's id or --file PATH")
    }
  }

  func run(in session: Session) async throws {
    guard let file = replacement.file else {
      try await session.show(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: proposal))
      return
    }
    let document = try DocumentFile(file, for: .change)
    try await document.explaining {
      let adopted = try await session.show(ChecklistRoutes.adoptTemplate, AdoptTemplate(document: document.value))
      document.warnOfRevertedChanges("template", adoptedAs: adopted.templateVersion, in: session)
    }
  }
}
