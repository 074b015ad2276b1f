import ArgumentParser

/// `gonogo roster …`
struct RosterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roster", abstract: "Show, adopt or check the roster: who is who, and may do what.",
    subcommands: [RosterShow.self, RosterAdopt.self, RosterCheck.self, RosterHoldings.self])
}
