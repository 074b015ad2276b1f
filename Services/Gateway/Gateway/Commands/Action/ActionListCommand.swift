import ArgumentParser
import Contract
import LaunchModel

struct ActionListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List actions by due date.",
    examples: [
      "gonogo review action list",
      "gonogo review action list --launch smart-routing --owner ibrahim",
    ])

  @OptionGroup var launch: LaunchOption
  @OptionGroup var owner: OwnerFilter
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let filter = ActionFilter(launch: launch.launch, owner: owner.owner)
    let reply: Reply<ActionList> = try await session.call(ReviewRoutes.listActions, filter)
    try await session.requireKnown(owner: owner.owner, ofEmptyList: reply.value.actions.isEmpty)
    try session.print(reply)
  }
}
