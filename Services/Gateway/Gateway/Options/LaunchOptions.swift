import ArgumentParser
import LaunchModel

/// The launch that a command is about.
struct LaunchArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing.", valueName: "launch")) var id: LaunchID
}

/// An earlier moment whose state is shown.
struct AsOfOption: ParsableArguments {
  @Option(help: ArgumentHelp("Show the state as it was known at TIME, e.g. 2027-03-02T14:00:00Z.", valueName: "time"))
  var asOf: Timestamp?
}

/// Why something is changed that needs a reason.
struct RequiredReasonOption: ParsableArguments {
  @Option(help: ArgumentHelp("Why; recorded in the audit trail.", valueName: "text")) var reason: String
}
