import ArgumentParser
import Contract

struct ItemWithdraw: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Withdraw your approval or rejection of items.",
    examples: [
      "gonogo item withdraw smart-routing announcement-email",
      "gonogo item withdraw smart-routing launch-copy --group legal",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var group: GroupOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.withdraw, in: session) { $0.group = group.group }
  }
}
