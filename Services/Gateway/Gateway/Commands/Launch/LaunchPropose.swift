import ArgumentParser
import Contract
import LaunchModel

struct LaunchPropose: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "propose", abstract: "Propose a launch; it gets a tier and a checklist.",
    discussion: LaunchFileHelp.text,
    examples: [
      "gonogo launch propose smart-routing.yaml",
      "gonogo launch propose - --output json < smart-routing.yaml",
    ])

  @OptionGroup var document: DocumentArgument
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(document.file, for: .change)
    try await document.explaining {
      try await session.show(TieringRoutes.propose, ProposeLaunch(document: document.value))
    }
  }
}
