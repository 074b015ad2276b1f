import ArgumentParser
import Contract

struct ItemBlock: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "block", abstract: "Mark items as blocked.",
    examples: [
      "gonogo item block smart-routing load-test --reason 'no test environment'",
      "gonogo item block smart-routing kb-article/de kb-article/fr --reason late",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var explanation: RequiredReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.block, in: session) { $0.reason = explanation.reason }
  }
}
