import ArgumentParser
import Contract
import JSON
import LaunchModel

struct LaunchSet: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change fields of a launch.",
    discussion: """
      Name a field as in the launch file, and a fact as facts.NAME; write its value in YAML. An empty value clears the \
      field. The id and the date cannot be set; see gonogo launch reschedule.
      """,
    examples: [
      "gonogo launch set smart-routing owner=ibrahim 'locales=[en, de]'",
      "gonogo launch set smart-routing facts.audience=most --reason 'pilot went well'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(
    help: ArgumentHelp("Fields to change.", valueName: "field=value"), transform: FieldAssignment.field)
  var assignments: [FieldAssignment]
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let fields = try FieldAssignment.object(of: assignments)
    let set = SetLaunch(launch: launch.id, set: fields, reason: change.reason)
    try await change.apply(TieringRoutes.set, set, to: launch.id, in: session)
  }
}
