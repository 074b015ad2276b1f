import ArgumentParser
import Contract
import LaunchModel

struct ItemListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the items of a launch.",
    examples: [
      "gonogo item list smart-routing --function support --open",
      "gonogo item list smart-routing --as-of 2027-02-01T09:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(help: "Filter by function.") var function: LaunchFunction?
  @OptionGroup var ownership: OwnerFilter
  @Flag(help: "Only items that are not done, waived, not applicable or void.") var open = false
  @OptionGroup var moment: AsOfOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reply = try await session.call(ChecklistRoutes.items, LaunchReference(launch: launch.id, asOf: moment.asOf))
    guard function != nil || ownership.owner != nil || open else { return try session.print(reply) }
    var list = reply.value
    list.items.removeAll { !includes($0) }
    try await session.requireKnown(owner: ownership.owner, ofEmptyList: list.items.isEmpty)
    try session.print(list)
  }

  private func includes(_ item: ItemView) -> Bool {
    (function == nil || item.function == function) && (ownership.owner == nil || item.owner == ownership.owner)
      && (!open || [.open, .inProgress, .blocked, .inReview].contains(item.state))
  }
}
