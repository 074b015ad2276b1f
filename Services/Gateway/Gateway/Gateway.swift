import ArgumentParser
import Contract

/// The command `gonogo`, from its arguments to its exit status.
public enum Gateway {
  /// Runs the command that the process's arguments name, and prints how it ended.
  ///
  /// - Returns: the exit status.
  public static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Int32 {
    await outcome(of: arguments).report()
  }

  private static func outcome(of arguments: [String]) async -> CommandOutcome {
    // ArgumentParser's own --version would apply to every subcommand, and hide the --version of those that have one.
    if arguments.first == "--version" { return CommandOutcome(output: ProductVersion.current + "\n") }
    do {
      var command = try Gonogo.parseAsRoot(arguments)
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
