import ArgumentParser

/// `gonogo hypercare …`
struct HypercareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hypercare", abstract: "Plan and check support coverage after a launch.",
    subcommands: [HypercareShow.self, HypercareRosterCommand.self, HypercareCheckCommand.self])
}
