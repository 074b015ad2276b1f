import ArgumentParser
import Contract
import JSON

struct TemplateExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print a version of the template as YAML to edit.",
    examples: [
      "gonogo template export > template.yaml",
      "gonogo template export --version 1 --output json",
    ])

  @OptionGroup var document: VersionOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reply = try await session.call(ChecklistRoutes.showTemplate, VersionReference(version: document.version))
    switch session.renderer.format {
    case .json: try session.print(reply)
    case .table, .yaml: session.console.write(try YAMLText.of(try JSONValue(parsing: reply.json)))
    }
  }
}
