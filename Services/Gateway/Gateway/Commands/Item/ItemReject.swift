import ArgumentParser
import Contract

struct ItemReject: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "reject", abstract: "Reject items for a group that you belong to.",
    discussion: "A rejected item stays blocked until it changes, or until you withdraw the rejection.",
    examples: [
      "gonogo item reject smart-routing launch-copy --reason 'price is missing'",
      "gonogo item reject smart-routing launch-copy --group legal --reason unproven",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var group: GroupOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.reject, in: session) {
      $0.reason = explanation.reason
      $0.group = group.group
    }
  }
}
