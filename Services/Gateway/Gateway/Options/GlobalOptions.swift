import ArgumentParser
import LaunchModel
import StandardStreams

/// The options of every command; they may be given before or after the command's name.
struct GlobalOptions: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Output format.", valueName: "format"))
  var output: OutputFormat = .table

  @Option(help: ArgumentHelp("Folder of the sockets; overrides $GONOGO_RUN.", valueName: "folder"))
  var runDir: String?

  @Option(help: ArgumentHelp("Folder of the CURVE keys for TCP; overrides $GONOGO_KEYS.", valueName: "folder"))
  var keys: String?

  @Option(help: ArgumentHelp("Act on behalf of PERSON; the roster must grant you this.", valueName: "person"))
  var onBehalfOf: PersonID?

  @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "seconds"))
  var timeout: Double = 5

  @Flag(name: .shortAndLong, help: "Suppress warnings and notes; print only errors.")
  var quiet = false

  @Flag(help: "Disable colours, like $NO_COLOR.")
  var noColor = false

  func validate() throws {
    guard timeout > 0, timeout <= 3_600 else {
      throw ValidationError("--timeout \(timeout) is out of range: pass seconds above 0, at most 3600")
    }
  }
}

extension GlobalOptions {
  /// Returns the console that the options and the environment specify.
  func console(environment: ProcessEnvironment) -> Console {
    Console(
      output: Terminal(.output, allowsColour: !noColor, environment: environment),
      diagnostics: Terminal(.diagnostics, allowsColour: !noColor, environment: environment), isQuiet: quiet)
  }

  /// The options in the form in which ArgumentParser lists them in a usage line.
  static var synopsis: String {
    let usage = usageString()
    return String(usage[(usage.firstIndex(of: "[") ?? usage.endIndex)...])
  }
}
