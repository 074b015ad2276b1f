import ArgumentParser
import LaunchModel

/// `gonogo launch …`
struct LaunchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "launch", abstract: "Propose and change launches; record their exposure.",
    subcommands: [
      LaunchPropose.self, LaunchImport.self, LaunchClone.self, LaunchClassify.self, LaunchListCommand.self,
      LaunchShow.self, LaunchHistoryCommand.self, LaunchSet.self, LaunchRetier.self, LaunchOverride.self,
      LaunchReschedule.self, LaunchReconfirm.self, LaunchWaive.self, LaunchPostpone.self,
      LaunchCancel.self, LaunchShip.self, LaunchStage.self, LaunchRollback.self,
    ])
}

/// The format of a launch file, for help pages.
enum LaunchFileHelp {
  static let text = """
    A launch file, in YAML or JSON:

      launch: smart-routing
      name: Smart routing
      owner: dana
      date: 2027-03-02
      timeZone: America/New_York        # default: UTC
      calendar: US                      # default: Monday to Friday
      facts: {kinds: [new-surface], audience: subset, addsServerCompute: unknown}

    kinds: \(ChangeKind.allCases.map(\.rawValue).joined(separator: ", ")).
    audience: \(Audience.allCases.map(\.rawValue).joined(separator: ", ")).
    true, false or unknown: \(LaunchModel.Flag.allCases.map(\.rawValue).joined(separator: ", ")).
    gonogo init --sample writes a complete example.
    """
}
