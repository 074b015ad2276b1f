import ArgumentParser

/// The command `gonogo`.
struct Gonogo: AsyncParsableCommand {
  /// The index of the only subcommand to include when parsing; nil for all.
  @TaskLocal private static var only: Int?

  static var configuration: CommandConfiguration {
    guard let only else { return complete }
    return CommandConfiguration(
      commandName: complete.commandName, abstract: complete.abstract, subcommands: [complete.subcommands[only]])
  }

  /// Parses the arguments with a command tree that contains only the subcommand named by the first argument: building
  /// the tree of all commands takes longer than the rest of the parsing.
  ///
  /// - Throws: the same errors as `parseAsRoot`.
  static func command(of arguments: [String]) throws -> any ParsableCommand {
    guard let first = arguments.first,
      let place = complete.subcommands.firstIndex(where: { $0._commandName == first })
    else { return try parseAsRoot(arguments) }
    return try $only.withValue(place) { try parseAsRoot(arguments) }
  }

  private static let complete = CommandConfiguration(
    commandName: "gonogo", abstract: "Run a company's product launches, from tier to verdict.",
    discussion: """
      Exit status: 0 success; 1 the answer is no; 64 usage; 65 bad input; 69 a service is unavailable, so the result \
      is unknown; 74 the output cannot be written; 75 timed out; 76 conflict; 77 forbidden.

      gonogo --version prints the version. gonogo demo plays a whole launch in under a minute.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "System",
        subcommands: [
          Init.self, Up.self, Down.self, Ps.self, Ping.self, Doctor.self, KeysCommand.self, Migrate.self,
          Demo.self,
        ]),
      CommandGroup(
        name: "Launch",
        subcommands: [
          LaunchCommand.self, ItemCommand.self, Ready.self, Board.self, Poll.self, Decide.self, Gate.self,
          HypercareCommand.self,
          HaltCommand.self,
          VerifyCommand.self,
        ]),
      CommandGroup(name: "Outcome", subcommands: [MetricCommand.self, ReviewCommand.self, ReportCommand.self]),
      CommandGroup(
        name: "Document",
        subcommands: [TemplateCommand.self, RosterCommand.self, PolicyCommand.self, CalendarCommand.self]),
      CommandGroup(name: "Record", subcommands: [EventCommand.self, AuditCommand.self]),
    ])

  @OptionGroup(title: "Global options") var global: GlobalOptions
}
