import ArgumentParser
import Contract
import LaunchModel

struct ActionAdd: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add an action to a launch's review.",
    examples: [
      "gonogo review action add smart-routing 'Move the switch' --owner ibrahim",
      "gonogo review action add smart-routing 'Call back' --due 2027-04-15",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "What to do.") var text: String
  @OptionGroup var owner: OwnerOption
  @OptionGroup var due: DueOption
  @Option(help: ArgumentHelp("Agenda point that it resolves.", valueName: "id")) var point: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = AddAction(launch: launch.id, text: text, owner: owner.owner, due: due.due, point: point)
    try await session.show(ReviewRoutes.addAction, action)
  }
}
