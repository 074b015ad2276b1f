import ArgumentParser
import Contract

struct TemplateListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the template's versions and open proposals.",
    examples: [
      "gonogo template list",
      "gonogo template list --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.listTemplates, NoParameters())
  }
}
