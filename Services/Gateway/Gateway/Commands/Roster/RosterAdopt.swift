import ArgumentParser
import Contract

struct RosterAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a roster; all services then enforce it.",
    examples: [
      "gonogo roster adopt people.yaml",
      "gonogo roster adopt - < people.yaml",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file)
    try await document.explaining {
      try await session.show(ChecklistRoutes.adoptRoster, AdoptRoster(document: document.value))
    }
  }
}
