import ArgumentParser
import Contract
import LaunchModel

struct ActionAdd: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add an action to a launch's review.",
    discussion: "With --point, the action is the outcome of that agenda point. For a customer to call, it counts only "
      + "with an --owner.",
    examples: [
      "gonogo review action add smart-routing 'Move the switch' --owner ibrahim",
      "gonogo review action add smart-routing 'Call Acme' --point customer/acme",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "What to do.") var text: String
  @OptionGroup var owner: OwnerOption
  @OptionGroup var due: DueOption
  @Option(help: ArgumentHelp("Agenda point that the action resolves.", valueName: "id")) var point: String?
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let action = AddAction(
      launch: launch.id, text: text, owner: owner.owner, due: due.due, point: point, attempt: attempt.attempt)
    try await session.show(ReviewRoutes.addAction, action)
  }
}
