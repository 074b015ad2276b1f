import ArgumentParser

/// `gonogo template …`
struct TemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Show or change the checklist template of new launches.",
    subcommands: [
      TemplateListCommand.self, TemplateShow.self, TemplateDiffCommand.self, TemplateExport.self,
      TemplateLintCommand.self, TemplateImport.self, TemplateRecordCommand.self, TemplateSuggest.self,
      TemplatePropose.self, TemplateReplayCommand.self, TemplateAdopt.self,
    ])
}
