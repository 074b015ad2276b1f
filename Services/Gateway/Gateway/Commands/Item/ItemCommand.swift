import ArgumentParser
import Contract
import LaunchModel

/// `gonogo item …`
struct ItemCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "item", abstract: "Work on the readiness items of a launch.",
    discussion: """
      An item is named by its key, as qa, or by key and instance where there is one for each locale, segment or deal \
      stage, as kb-article/de. Verbs that take several items change each on its own: what fails is said, and the rest \
      is done.
      """,
    subcommands: [
      ItemListCommand.self, ItemShow.self, ItemStart.self, ItemDone.self, ItemReopen.self, ItemBlock.self,
      ItemUnblock.self, ItemSubmit.self, ItemApprove.self, ItemReject.self, ItemWithdraw.self, ItemWaive.self,
      ItemNotApplicable.self, ItemAssign.self, ItemAttach.self, ItemComment.self,
    ])
}

struct ItemListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the items of a launch.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: "Only those of a function.") var function: LaunchFunction?
  @Option(help: ArgumentHelp("Only those of an owner.", valueName: "person")) var owner: PersonID?
  @Flag(help: "Only those that are not done, waived or void.") var open = false
  @Option(help: ArgumentHelp("As it was at a time.", valueName: "time")) var asOf: Timestamp?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reply = try await session.call(ChecklistRoutes.items, LaunchReference(launch: launch, asOf: asOf))
    guard function != nil || owner != nil || open else { return try session.print(reply) }
    var list = reply.value
    list.items.removeAll { !includes($0) }
    try session.print(list)
  }

  private func includes(_ item: ItemView) -> Bool {
    (function == nil || item.function == function) && (owner == nil || item.owner == owner)
      && (!open || [.open, .inProgress, .blocked, .inReview].contains(item.state))
  }
}

struct ItemShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show an item with its history.")

  @OptionGroup var items: ItemArguments

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws { try await items.show(in: session) }
}
