import ArgumentParser
import LaunchModel

/// The launch that a command applies to.
struct LaunchArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing.", valueName: "launch")) var id: LaunchID
}

/// The launch attempt that a command applies to. A launch that was rolled back and shipped again has several.
struct AttemptOption: ParsableArguments {
  @Option(help: ArgumentHelp("Launch attempt, counted from 1; default: the current one.", valueName: "number"))
  var attempt: Int?
}

/// The earlier moment whose state is shown.
struct AsOfOption: ParsableArguments {
  @Option(help: ArgumentHelp("Show the state as it was known at TIME, e.g. 2027-03-02T14:00:00Z.", valueName: "time"))
  var asOf: Timestamp?
}

/// The reason for a change; the service decides whether one is required.
struct ReasonOption: ParsableArguments {
  @Option(help: ArgumentHelp("Why; recorded in the audit trail.", valueName: "text")) var reason: String?
}

/// The reason for a change that requires one.
struct RequiredReasonOption: ParsableArguments {
  @Option(help: ArgumentHelp("Why; recorded in the audit trail.", valueName: "text")) var reason: String
}

/// The person who will own something.
struct OwnerOption: ParsableArguments {
  @Option(help: ArgumentHelp("Owner.", valueName: "person")) var owner: PersonID?
}

/// The person who hands over all open items, and the person who takes them over.
struct HandoverOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Move all open work of this person.", valueName: "person")) var from: PersonID?
  @Option(help: ArgumentHelp("The person to move it to.", valueName: "person")) var to: PersonID?
}

/// The moment of an exposure.
struct OccurrenceOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("When it happened; default: now. An earlier time is marked as backdated.", valueName: "time"))
  var at: Timestamp?
}

/// The version of a launch that the caller saw.
struct ExpectedVersionOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only apply if the launch is still at VERSION (see `launch show`); otherwise exit 76 and show what changed.",
      valueName: "version"))
  var expectedVersion: Int?
}

extension ReasonOption {
  /// Throws if an irreversible or alarming change has no reason, before anything is asked or changed.
  ///
  /// - Parameter what: the change, such as `cancelling a launch`.
  func require(for what: String) throws(GatewayError) {
    guard reason?.contains(where: { !$0.isWhitespace }) != true else { return }
    throw GatewayError(.usage, "\(what) needs a reason: pass --reason TEXT. Nothing was changed.")
  }
}

/// Whether to skip the question for a change whose consequences are shown first.
struct ConfirmationOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Apply the change without asking.") var yes = false
}

extension ConfirmationOption {
  /// Whether to ask a person about a change that can be undone. A script makes such a change without asking, even
  /// without `--yes`.
  func asks(in session: Session) -> Bool { !yes && session.console.canAsk }

  /// Shows the consequences of a change and, unless `--yes` was given, asks whether to make it.
  ///
  /// - Throws: `GatewayError` of kind no if the answer is no, or of kind usage if standard input is not a terminal.
  func ask(_ question: String, showing consequences: some Displayable, in session: Session) throws(GatewayError) {
    guard !yes else { return }
    session.console.diagnostics.write(session.text(of: consequences))
    guard try session.console.confirm(question) else {
      session.console.note("nothing was changed")
      throw GatewayError(.no)
    }
  }
}

/// Whether a change is only previewed.
struct DryRunOption: ParsableArguments {
  @Flag(help: "Show what would change; change nothing.") var dryRun = false
}
