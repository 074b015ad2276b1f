import ArgumentParser
import Contract
import LaunchModel

struct ActionAssign: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Change the owner or the due date of an action.",
    discussion: """
      With --from and --to, moves all open actions of one person to another. Exits 77 if you may not change some of \
      them; those are not moved.
      """,
    examples: [
      "gonogo review action assign smart-routing-a1 --owner lena",
      "gonogo review action assign --from lena --to ibrahim",
    ])

  @Argument(help: ArgumentHelp("Action id, e.g. smart-routing-a1.", valueName: "action")) var id: String?
  @OptionGroup var owner: OwnerOption
  @OptionGroup var due: DueOption
  @OptionGroup var people: HandoverOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    let changesOne = owner.owner != nil || due.due != nil
    guard people.from != nil || people.to != nil else {
      guard id != nil else { throw ValidationError("name an action, or pass --from and --to") }
      guard changesOne else { throw ValidationError("pass --owner, --due or both") }
      return
    }
    guard people.from != nil, people.to != nil, id == nil, !changesOne else {
      throw ValidationError("--from needs --to, and excludes an action, --owner and --due")
    }
  }

  func run(in session: Session) async throws {
    if let from = people.from, let to = people.to {
      let moved = try await session.show(ReviewRoutes.reassignActions, ReassignActions(from: from, to: to))
      guard moved.refused.isEmpty else {
        throw GatewayError(.forbidden, moved.refused.map { "\($0) was not moved: you may not change it" })
      }
    } else if let id {
      try await session.show(ReviewRoutes.assignAction, AssignAction(action: id, owner: owner.owner, due: due.due))
    }
  }
}
