import ArgumentParser
import Contract

struct ItemComment: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "comment", abstract: "Add a comment to items.",
    discussion: "Notifies the people on the roster whom the comment mentions by their keys, such as @priya.",
    examples: [
      "gonogo item comment smart-routing qa -m 'run 4711 is still going'",
      "gonogo item comment smart-routing kb-article --all-instances -m 'looks fine'",
    ])

  @OptionGroup var items: ItemArguments
  @Option(name: .shortAndLong, help: "The comment.") var message: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.comment, in: session) { $0.text = message }
  }
}
