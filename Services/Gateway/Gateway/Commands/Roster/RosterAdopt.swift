import ArgumentParser
import Contract

struct RosterAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a roster; all services then enforce it.",
    discussion: """
      At a terminal: if running launches depend on people whom the roster lacks, lists them, requires --reason and \
      asks. Scripts adopt the roster and print warnings.
      """,
    examples: [
      "gonogo roster adopt people.yaml --dry-run",
      "gonogo roster adopt people.yaml --yes --reason 'lena has left'",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    let adoption = AdoptRoster(document: document.value, reason: explanation.reason)
    if preview.dryRun || confirmation.asks(in: session) {
      let report = try await document.explaining { try await session.call(ChecklistRoutes.previewRoster, adoption) }
      if preview.dryRun { return try session.print(report) }
      if report.value.faults.contains(where: { $0.launch != nil }) {
        try explanation.require(for: "adopting a roster that running launches do not fit")
        try confirmation.ask("Adopt this roster?", showing: report.value, in: session)
      }
    }
    try await document.explaining { try await session.show(ChecklistRoutes.adoptRoster, adoption) }
  }
}
