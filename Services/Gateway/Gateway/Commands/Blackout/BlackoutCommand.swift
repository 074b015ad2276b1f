import ArgumentParser
import LaunchModel

/// `gonogo calendar blackout …`
struct BlackoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blackout", abstract: "Manage blackouts: days on which nothing may launch.",
    subcommands: [BlackoutListCommand.self, BlackoutSet.self, BlackoutExcept.self, BlackoutRemove.self])
}

/// The blackout that a command applies to.
struct BlackoutArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Blackout key: a-z, 0-9 and -.", valueName: "blackout")) var key: LaunchID
}
