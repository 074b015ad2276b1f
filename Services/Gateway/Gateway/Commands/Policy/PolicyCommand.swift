import ArgumentParser

/// `gonogo policy …`
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "Examine or change the policy that computes tiers.",
    subcommands: [
      PolicyShow.self, PolicyExport.self, PolicyLintCommand.self, PolicyTest.self, PolicyPropose.self,
      PolicyProposals.self, PolicyAdopt.self,
    ])
}
