import ArgumentParser

/// `gonogo roster …`
struct RosterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roster", abstract: "Show, adopt or check the roster: people and their rights.",
    subcommands: [RosterShow.self, RosterAdopt.self, RosterCheck.self, RosterHoldings.self])
}
