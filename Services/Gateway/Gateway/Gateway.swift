import ArgumentParser
import StandardStreams

/// The command `gonogo`, from its arguments to its exit status.
public enum Gateway {
  /// Runs the command in the process's arguments, and prints its outcome.
  ///
  /// - Returns: the exit status.
  public static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Int32 {
    TextStream.occupyMissingDescriptors()
    return await outcome(of: arguments).report()
  }

  static func outcome(of arguments: [String]) async -> CommandOutcome {
    do {
      if let version = try CommandLineWords.version(arguments) { return CommandOutcome(output: version) }
      try CommandLineWords.checkHelpTopic(arguments)
      var command = try Gonogo.command(of: arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return .success
    } catch {
      return CommandOutcome(error)
    }
  }
}
