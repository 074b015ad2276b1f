import ArgumentParser
import JSON
import Contract
import LaunchModel

struct LaunchRetier: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "retier", abstract: "Tier a launch anew, with facts changed: shows what would change, then asks.",
    discussion: """
      A fact is given a value in YAML: audience=all, addsServerCompute=unknown; an empty value takes it back. \
      Without facts the launch is tiered as it is by the adopted policy.
      """)

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Argument(help: ArgumentHelp("The facts to change.", valueName: "fact=value")) var facts: [FieldAssignment] = []
  @Flag(help: "Only show what would change.") var dryRun = false
  @Flag(name: .shortAndLong, help: "Make the change without asking.") var yes = false
  @OptionGroup var options: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let stated = try FieldAssignment.object(of: facts.map(\.withoutPrefix))
    let set: JSONValue = facts.isEmpty ? .object([:]) : ["facts": stated]
    let preview = try await session.call(
      TieringRoutes.preview, PreviewLaunch(launch: launch, set: set), expectedVersion: options.expectedVersion)
    // What would be is shown by itself only where that is all that is asked for, or to the person who is then asked.
    if dryRun { return try session.print(preview) }
    if !yes {
      session.console.diagnostics.write(session.text(of: preview.value))
      guard !preview.value.changed.isEmpty else { return session.console.note("there is nothing to change") }
      guard try Confirmation.ask("Make this change?", on: session.console) else {
        session.console.note("nothing was changed")
        throw ExitCode(ExitStatus.no.rawValue)
      }
    }
    let retier = RetierLaunch(launch: launch, facts: facts.isEmpty ? nil : stated, reason: options.reason)
    try session.print(
      try await session.call(
        TieringRoutes.retier, retier, expectedVersion: preview.value.version))
  }
}

extension FieldAssignment {
  /// Without the leading `facts.`, which may be there or not.
  fileprivate var withoutPrefix: FieldAssignment {
    var assignment = self
    if path.count > 1, path.first == "facts" { assignment.path.removeFirst() }
    return assignment
  }
}
