import ArgumentParser
import LaunchModel

/// What every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: "How results are printed: table, json or yaml.")
  var output: OutputFormat = .table

  @Option(help: ArgumentHelp("The folder of the services' sockets; else $GONOGO_RUN.", valueName: "folder"))
  var runDir: String?

  @Option(help: ArgumentHelp("The folder of the keys for TCP; else $GONOGO_KEYS.", valueName: "folder"))
  var keys: String?

  @Option(help: ArgumentHelp("The person this is done for, by principals that are granted it.", valueName: "person"))
  var onBehalfOf: PersonID?

  @Option(help: ArgumentHelp("How long to wait for an answer.", valueName: "seconds"))
  var timeout: Double = 5

  @Flag(name: .shortAndLong, help: "No remarks on stderr, only errors.")
  var quiet = false

  @Flag(help: "No colours; $NO_COLOR says the same.")
  var noColor = false

  func validate() throws {
    guard timeout > 0, timeout <= 3_600 else {
      throw ValidationError("--timeout is a number of seconds above 0 and at most 3600, not \(timeout)")
    }
  }
}

extension GlobalOptions {
  /// Where output goes, as the options and the environment ask for it.
  func console(environment: ProcessEnvironment) -> Console {
    Console(
      output: Terminal(descriptor: 1, allowsColour: !noColor, environment: environment),
      diagnostics: Terminal(descriptor: 2, allowsColour: !noColor, environment: environment), isQuiet: quiet)
  }
}
