import ArgumentParser
import LaunchModel

/// The launch that a command is about.
struct LaunchArgument: ParsableArguments {
  @Argument(help: ArgumentHelp("Launch id, e.g. smart-routing.", valueName: "launch")) var id: LaunchID
}

/// The attempt at launching that a command is about; a launch that is rolled back and shipped again has several.
struct AttemptOption: ParsableArguments {
  @Option(help: ArgumentHelp("Launch attempt, counted from 1; default: the current one.", valueName: "number"))
  var attempt: Int?
}

/// An earlier moment whose state is shown.
struct AsOfOption: ParsableArguments {
  @Option(help: ArgumentHelp("Show the state as it was known at TIME, e.g. 2027-03-02T14:00:00Z.", valueName: "time"))
  var asOf: Timestamp?
}

/// Why something is changed; the service decides whether it needs a reason.
struct ReasonOption: ParsableArguments {
  @Option(help: ArgumentHelp("Why; recorded in the audit trail.", valueName: "text")) var reason: String?
}

/// Why something is changed that needs a reason.
struct RequiredReasonOption: ParsableArguments {
  @Option(help: ArgumentHelp("Why; recorded in the audit trail.", valueName: "text")) var reason: String
}

/// The person who is to own something.
struct OwnerOption: ParsableArguments {
  @Option(help: ArgumentHelp("Owner.", valueName: "person")) var owner: PersonID?
}

/// Who hands over everything open to whom.
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
  /// Refuses an irreversible or alarming change without a reason, before anything is asked or changed.
  ///
  /// - Parameter what: the change, such as `cancelling a launch`.
  func require(for what: String) throws(GatewayError) {
    guard reason?.contains(where: { !$0.isWhitespace }) != true else { return }
    throw GatewayError(.usage, "\(what) needs a reason: pass --reason TEXT. Nothing was changed.")
  }
}

/// Whether a change whose consequences are shown first is made without asking.
struct ConfirmationOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Apply the change without asking.") var yes = false
}

extension ConfirmationOption {
  /// Whether a person can be asked, about a change that another one undoes: a script makes it without `--yes`.
  func asks(in session: Session) -> Bool { !yes && session.console.canAsk }

  /// Shows the consequences of a change and asks whether to make it, unless `--yes` was given.
  ///
  /// - Throws: `GatewayError` of kind no if the answer is no, and of kind usage if standard input is not a terminal.
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
