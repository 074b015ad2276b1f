import ArgumentParser
import Contract

struct ItemAttach: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach", abstract: "Attach evidence to items.",
    examples: [
      "gonogo item attach smart-routing qa --link https://ci.example/4712",
      "gonogo item attach smart-routing rollback-procedure --evidence 'flag to 0%'",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let attachment = try evidence.evidence() else {
      throw GatewayError(.usage, "nothing to attach; pass --link, --file or --evidence")
    }
    try await items.change(by: ChecklistRoutes.attach, in: session) { $0.evidence = attachment }
  }
}
