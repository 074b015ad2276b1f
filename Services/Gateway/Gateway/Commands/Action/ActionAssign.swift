import ArgumentParser
import Contract
import LaunchModel

struct ActionAssign: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Change the owner or the due date of an action.",
    examples: [
      "gonogo review action assign smart-routing-a1 --owner lena",
      "gonogo review action assign smart-routing-a1 --due 2027-04-30",
    ])

  @OptionGroup var action: ActionArgument
  @OptionGroup var owner: OwnerOption
  @OptionGroup var due: DueOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard owner.owner != nil || due.due != nil else { throw ValidationError("pass --owner, --due or both") }
  }

  func run(in session: Session) async throws {
    let assignment = AssignAction(action: action.id, owner: owner.owner, due: due.due)
    try await session.show(ReviewRoutes.assignAction, assignment)
  }
}
