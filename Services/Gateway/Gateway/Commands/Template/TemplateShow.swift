import ArgumentParser
import Contract

struct TemplateShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a version of the template.",
    examples: [
      "gonogo template show",
      "gonogo template show --version 1",
    ])

  @OptionGroup var document: VersionOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.showTemplate, VersionReference(version: document.version))
  }
}
