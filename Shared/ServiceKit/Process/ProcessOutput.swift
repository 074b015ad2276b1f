public import ArgumentParser
import Foundation
import LaunchModel
import StandardStreams

extension ProcessSetup {
  /// Returns the command that the arguments name. If they ask for help or cannot be parsed, prints the answer and exits
  /// the process.
  ///
  /// - Parameter runsLater: whether the caller runs the command; other commands, such as `help`, run here.
  public static func command<Root: ParsableCommand>(
    _ root: Root.Type, runsLater: (any ParsableCommand) -> Bool
  ) -> any ParsableCommand {
    TextStream.occupyMissingDescriptors()
    do {
      var command = try Root.parseAsRoot()
      if !runsLater(command) {
        checkHelpTopic(Root.self)
        try command.run()
      }
      return command
    } catch {
      end(Root.self, with: error)
    }
  }

  /// Exits the process with a usage error if the arguments ask for help on a command that does not exist.
  private static func checkHelpTopic<Root: ParsableCommand>(_ root: Root.Type) {
    let words = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("-") }
    let names = root.configuration.subcommands.map { $0._commandName }
    guard words.first == "help", let topic = words.dropFirst().first, !names.contains(topic) else { return }
    let hint = Suggestion.text(for: topic, among: names)
    TextStream.diagnostics.writeLine("\(root._commandName): no command \"\(topic)\"\(hint)".printableLines)
    ProcessEnd.exit(with: 64)
  }

  /// Prints what ArgumentParser has thrown, a help page or a usage error, and exits the process.
  private static func end<Root: ParsableCommand>(_ root: Root.Type, with error: any Error) -> Never {
    let status = Root.exitCode(for: error).rawValue
    let text = Root.fullMessage(for: error)
    if !text.isEmpty { (status == 0 ? TextStream.output : .diagnostics).writeLine(text.printableLines) }
    exitAfterOutput(named: root._commandName, status: status)
  }

  /// Exits the process with the given status, or with that of an I/O failure if its output could not be written.
  public static func exitAfterOutput(named name: String, status: Int32 = 0) -> Never {
    guard status == 0, let reason = TextStream.output.unwrittenReason() else { ProcessEnd.exit(with: status) }
    fail(name, StartError(.ioFailure, "the output cannot be written: \(reason); it is incomplete"))
  }

  /// Prints why the process cannot do its work, and exits with the status of the error.
  public static func fail(_ name: String, _ failure: StartError) -> Never {
    TextStream.diagnostics.writeLine("\(name): \(failure.message)".printableLines)
    ProcessEnd.exit(with: failure.status.rawValue)
  }
}
