import ArgumentParser
import Contract
import LaunchModel

struct ActionListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List actions of all launches, overdue ones first.",
    examples: [
      "gonogo review action list --overdue",
      "gonogo review action list --launch smart-routing --owner ibrahim",
    ])

  @OptionGroup var launch: LaunchOption
  @OptionGroup var owner: OwnerFilter
  @Flag(help: "List only overdue actions.") var overdue = false
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let filter = ActionFilter(launch: launch.launch, owner: owner.owner, overdue: overdue ? true : nil)
    let reply: Reply<ActionList> = try await session.call(ReviewRoutes.listActions, filter)
    try await session.requireKnown(owner: owner.owner, ofEmptyList: reply.value.actions.isEmpty)
    try session.print(reply)
  }
}
