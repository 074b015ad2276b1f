import ArgumentParser
import Contract

struct ItemReopen: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "reopen", abstract: "Reopen items: mark them as not done.",
    examples: [
      "gonogo item reopen smart-routing qa --reason 'regression in rule import'",
      "gonogo item reopen smart-routing kb-article --all-instances --reason stale",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.reopen, in: session) { $0.reason = explanation.reason }
  }
}
