import ArgumentParser
import Contract
import LaunchModel

struct ItemAssign: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "assign", abstract: "Give items to a person.")

  @OptionGroup var items: ItemArguments
  @Option(help: ArgumentHelp("Whom to give them to.", valueName: "person")) var to: PersonID
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.assign, in: session) { $0.to = to }
  }
}

struct ItemAttach: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "attach", abstract: "Attach evidence to items.")

  @OptionGroup var items: ItemArguments
  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let attachment = try evidence.evidence() else {
      throw GatewayError(.usage, "nothing to attach: give --link, --file or --evidence")
    }
    try await items.change(by: ChecklistRoutes.attach, in: session) { $0.evidence = attachment }
  }
}

struct ItemComment: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "comment", abstract: "Say something about items.")

  @OptionGroup var items: ItemArguments
  @Option(name: .shortAndLong, help: "The comment.") var message: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.comment, in: session) { $0.text = message }
  }
}
