import ArgumentParser

struct ItemShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show items with their history.",
    examples: [
      "gonogo item show smart-routing qa",
      "gonogo item show smart-routing kb-article --all-instances",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws { try await items.show(in: session) }
}
