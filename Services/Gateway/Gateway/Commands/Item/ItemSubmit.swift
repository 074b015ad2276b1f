import ArgumentParser
import Contract

struct ItemSubmit: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Submit items for approval.",
    examples: [
      "gonogo item submit smart-routing announcement-email --file draft.md",
      "gonogo item submit smart-routing launch-copy --link https://docs.example/4",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var participants: ParticipantOptions
  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let attachment = try evidence.evidence()
    try await items.change(by: ChecklistRoutes.submit, in: session) {
      participants.add(to: &$0)
      $0.evidence = attachment
    }
  }
}
