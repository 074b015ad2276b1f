import ArgumentParser
import Contract
import LaunchModel

struct ActionOutreach: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "outreach", abstract: "Add an action to call each customer on the agenda.",
    discussion: """
      Adds one action for each listed customer that has none yet. Record how the call went with gonogo review action \
      done. If nobody will call, Product Ops drops the action with gonogo review action drop.
      """,
    examples: [
      "gonogo review action outreach smart-routing --owner priya",
      "gonogo review action outreach smart-routing --owner priya --due 2027-04-15",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var owner: OwnerOption
  @OptionGroup var due: DueOption
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let outreach = AddOutreach(launch: launch.id, owner: owner.owner, due: due.due, attempt: attempt.attempt)
    let reply = try await session.call(ReviewRoutes.addOutreach, outreach)
    if reply.value.actions.isEmpty { session.console.note("every customer on the agenda has an action already") }
    try session.print(reply)
  }
}
