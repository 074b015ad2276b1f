import ArgumentParser
import Contract

struct ItemUnblock: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "unblock", abstract: "Clear the block on items.",
    examples: [
      "gonogo item unblock smart-routing load-test",
      "gonogo item unblock smart-routing kb-article/de --reason 'now translated'",
    ])

  @OptionGroup var items: ItemArguments
  @Option(help: "What resolved the block.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.unblock, in: session) { $0.reason = reason }
  }
}
