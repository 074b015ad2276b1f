import ArgumentParser
import Contract
import Documents
import JSON
import LaunchModel

struct TemplateExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print a version of the template as YAML to edit.",
    discussion: "--built-in prints the template that this version of gonogo ships with, with its comments.",
    examples: [
      "gonogo template export > template.yaml",
      "gonogo template export --built-in > template.yaml",
    ])

  @OptionGroup var document: VersionOption
  @Flag(help: "Print the template that ships with gonogo.") var builtIn = false
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if builtIn, document.version != nil { throw ValidationError("pass either --version N or --built-in") }
  }

  func run(in session: Session) async throws {
    guard !builtIn else {
      switch session.renderer.format {
      case .json: try session.print(try BuiltIn.checklistTemplate())
      case .table, .yaml: session.console.write(String(decoding: BuiltIn.template, as: UTF8.self))
      }
      return
    }
    let reply = try await session.call(ChecklistRoutes.showTemplate, VersionReference(version: document.version))
    switch session.renderer.format {
    case .json: try session.print(reply)
    case .table, .yaml: session.console.write(try YAMLText.of(try JSONValue(parsing: reply.json)))
    }
  }
}
