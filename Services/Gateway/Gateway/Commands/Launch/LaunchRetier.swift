import ArgumentParser
import Contract
import JSON
import LaunchModel

struct LaunchRetier: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "retier", abstract: "Change facts and recompute the tier, after a preview.",
    discussion: """
      Write a fact's value in YAML; an empty value clears it. Without facts, the tier is recomputed by the adopted \
      policy. Shows what would change, then asks; --yes applies the change without asking.
      """,
    examples: [
      "gonogo launch retier smart-routing audience=all pricing=true --dry-run",
      "gonogo launch retier smart-routing audience=most --yes --reason 'wider pilot'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(
    help: ArgumentHelp("Facts to change.", valueName: "fact=value"), transform: FieldAssignment.fact)
  var facts: [FieldAssignment] = []
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let stated = try FieldAssignment.object(of: facts.map(\.withoutPrefix))
    let set: JSONValue = facts.isEmpty ? .object([:]) : ["facts": stated]
    let diff = try await session.call(
      TieringRoutes.preview, PreviewLaunch(launch: launch.id, set: set), expectedVersion: change.expectedVersion)
    // In a dry run, the preview is the result. Otherwise it is shown only to the person who is asked.
    if preview.dryRun { return try session.print(diff) }
    if !confirmation.yes, diff.value.changed.isEmpty {
      session.console.diagnostics.write(session.text(of: diff.value))
      return session.console.note("nothing to change")
    }
    try confirmation.ask("Make this change?", showing: diff.value, in: session)
    let retier = RetierLaunch(launch: launch.id, facts: facts.isEmpty ? nil : stated, reason: change.reason)
    try session.print(try await session.call(TieringRoutes.retier, retier, expectedVersion: diff.value.version))
  }
}

extension FieldAssignment {
  /// The assignment without the leading `facts.`, which is optional in this command.
  fileprivate var withoutPrefix: FieldAssignment {
    var assignment = self
    if path.count > 1, path.first == "facts" { assignment.path.removeFirst() }
    return assignment
  }
}
