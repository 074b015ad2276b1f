import ArgumentParser
import Contract

struct ItemStart: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Mark items as in progress.",
    examples: [
      "gonogo item start smart-routing qa",
      "gonogo item start smart-routing kb-article/de support-macro",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws { try await items.change(by: ChecklistRoutes.start, in: session) }
}
