import ArgumentParser
import Contract

struct ItemNotApplicable: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "na", abstract: "Mark items as not applicable (N/A) to this launch.",
    examples: [
      "gonogo item na smart-routing battle-card --reason 'not sold separately'",
      "gonogo item na smart-routing segment-email --all-instances --reason unused",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.markNotApplicable, in: session) { $0.reason = explanation.reason }
  }
}
