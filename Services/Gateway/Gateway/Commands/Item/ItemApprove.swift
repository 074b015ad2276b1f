import ArgumentParser
import Contract

struct ItemApprove: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve items for a group that you belong to.",
    examples: [
      "gonogo item approve smart-routing announcement-email",
      "gonogo item approve smart-routing launch-copy --group legal",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var group: GroupOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.approve, in: session) { $0.group = group.group }
  }
}
