import ArgumentParser
import LaunchModel

/// The document that a command sends to a service.
struct DocumentArgument: ParsableArguments {
  @Argument(help: "YAML or JSON file; - for standard input.") var file: String
}

/// A document passed as an option, for commands whose argument can be something else.
struct FileOption: ParsableArguments {
  @Option(help: ArgumentHelp("A complete document, YAML or JSON; - for standard input.", valueName: "path"))
  var file: String?
}

/// Whether existing files are overwritten.
struct OverwriteOption: ParsableArguments {
  @Flag(help: "Overwrite existing files.") var force = false
}

/// A proposed version of a document.
struct ProposalOption: ParsableArguments {
  @Option(help: ArgumentHelp("Id of a proposal, e.g. policy-2.", valueName: "id")) var proposal: String?
}

/// A version of the template or the policy, as an argument or as `--version`.
struct VersionOption: ParsableArguments {
  @Argument(help: ArgumentHelp("Version of the document; default: the adopted one.", valueName: "version"))
  var position: Int?

  @Option(
    name: .customLong("version"), help: ArgumentHelp("Version N; the same as the argument.", valueName: "version"))
  var named: Int?

  /// The requested version; nil for the adopted one.
  var version: Int? { named ?? position }

  func validate() throws {
    guard position == nil || named == nil else {
      throw ValidationError("two versions: pass \(position ?? 0) or --version \(named ?? 0), not both")
    }
  }
}
