import ArgumentParser
import Contract
import LaunchModel

struct ItemAssign: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Assign items to a person.",
    examples: [
      "gonogo item assign smart-routing qa --to lena",
      "gonogo item assign smart-routing kb-article --all-instances --to grace",
    ])

  @OptionGroup var items: ItemArguments
  @Option(help: ArgumentHelp("Person to assign them to.", valueName: "person")) var to: PersonID
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.assign, in: session) { $0.to = to }
  }
}
