import ArgumentParser
import Contract
import LaunchModel

/// `gonogo roster …`
struct RosterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roster", abstract: "Who is who, and who may do what.",
    subcommands: [RosterShow.self, RosterAdopt.self])
}

struct RosterShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the adopted roster.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.showRoster, NoParameters())
  }
}

struct RosterAdopt: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Adopt a roster; every service checks rights by it from then on.")

  @Argument(help: "The roster, as people.yaml; - for standard input.") var file: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let document = try DocumentFile(file)
    try await document.explaining {
      try await session.show(ChecklistRoutes.adoptRoster, AdoptRoster(document: document.value))
    }
  }
}
