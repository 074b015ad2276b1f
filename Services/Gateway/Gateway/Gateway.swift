import ArgumentParser

/// The command `gonogo`, from its arguments to its exit status.
public enum Gateway {
  /// Runs the command that the process's arguments name.
  ///
  /// - Returns: the exit status.
  public static func run(_ arguments: [String] = Array(CommandLine.arguments.dropFirst())) async -> Int32 {
    do {
      var command = try Gonogo.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return ExitStatus.success.rawValue
    } catch {
      return CommandOutcome(error).report()
    }
  }
}
