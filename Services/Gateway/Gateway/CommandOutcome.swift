import ArgumentParser
import StandardStreams

/// How a command ended: its exit status, and what remains to be printed.
struct CommandOutcome: Sendable, Hashable {
  var status: Int32
  /// The text to print: an error for stderr, or requested output, such as a help page, for stdout.
  var text: String
  var printsToStdout = false

  /// The outcome of a command that has printed its result.
  static let success = CommandOutcome(output: "")

  /// The outcome of a command whose result is this text.
  init(output: String) {
    self.init(status: ExitStatus.success.rawValue, text: output, printsToStdout: true)
  }

  /// The outcome of a command that threw.
  init(_ error: any Error) {
    if let error = GatewayError(describing: error) {
      self.init(error)
    } else {
      // An error of ArgumentParser: a usage error, help, or a completion script.
      let status = Gonogo.exitCode(for: error).rawValue
      self.init(
        status: status,
        text: Self.shortened(CommandLineWords.explained(Gonogo.fullMessage(for: error))).printableLines + "\n",
        printsToStdout: status == 0)
    }
  }

  init(_ error: GatewayError) {
    let lines = error.faults + error.messages.map { "error: \($0)" }
    self.init(status: error.status.rawValue, text: lines.map { $0.printableLines + "\n" }.joined())
  }

  private init(status: Int32, text: String, printsToStdout: Bool = false) {
    self.status = status
    self.text = text
    self.printsToStdout = printsToStdout
  }

  /// Returns the help page with the global options, which every command has, named only once in its usage line.
  private static func shortened(_ page: String) -> String {
    page.replacing(" \(GlobalOptions.synopsis)", with: " [<global options>]")
  }

  /// Prints the text. Reports output that could not be written, unless only the reader of a pipe has gone.
  ///
  /// - Returns: the exit status. If the command failed, its own status takes precedence over that of lost output.
  func report() -> Int32 {
    (printsToStdout ? TextStream.output : .diagnostics).write(text)
    guard let reason = TextStream.output.unwrittenReason() else { return status }
    let lost = CommandOutcome(
      GatewayError(
        .outputFailed,
        "the output cannot be written: \(reason). It is incomplete, but changes that the command made are stored. Free "
          + "up space or redirect the output elsewhere, then show the result again"))
    TextStream.diagnostics.write(lost.text)
    return status == ExitStatus.success.rawValue ? lost.status : status
  }
}
