import ArgumentParser
import JSON
import Contract
import LaunchModel

/// `gonogo template …`
struct TemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "The checklist that new launches start from.",
    subcommands: [
      TemplateListCommand.self, TemplateShow.self, TemplateExport.self, TemplatePropose.self,
      TemplateAdopt.self,
    ])
}

struct TemplateListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the template's versions and open proposals.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.listTemplates, NoParameters())
  }
}

struct TemplateShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a version of the template.")

  @Argument(help: "The version; default the adopted one.") var version: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.showTemplate, VersionReference(version: version))
  }
}

struct TemplateExport: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Print a version of the template as a file to edit, in YAML.")

  @Argument(help: "The version; default the adopted one.") var version: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reply = try await session.call(ChecklistRoutes.showTemplate, VersionReference(version: version))
    switch session.renderer.format {
    case .json: try session.print(reply)
    case .table, .yaml: session.console.write(try YAMLText.of(try JSONValue(parsing: reply.json)))
    }
  }
}

struct TemplatePropose: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "propose", abstract: "Propose a change of the template.")

  @Argument(help: "The change, YAML or JSON; - for standard input.") var file: String
  @Option(help: "Why.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(
        ChecklistRoutes.proposeTemplate, TemplateProposal(change: document.value, reason: reason))
    }
  }
}

struct TemplateAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt an open proposal, or a whole template file.")

  @Argument(help: "The proposal's id.") var proposal: String?
  @Option(help: "A whole template, YAML or JSON; - for standard input.") var file: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (proposal == nil) != (file == nil) else { throw ValidationError("give either a proposal or --file") }
  }

  func run(in session: Session) async throws {
    guard let file else {
      try await session.show(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: proposal))
      return
    }
    let document = try DocumentFile(file)
    try await document.explaining {
      let adopted = try await session.show(ChecklistRoutes.adoptTemplate, AdoptTemplate(document: document.value))
      document.warnOfTakingBack("template", adoptedAs: adopted.templateVersion, in: session)
    }
  }
}
