import ArgumentParser
import Contract

struct RosterShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the adopted roster.",
    examples: [
      "gonogo roster show",
      "gonogo roster show --output yaml",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.showRoster, NoParameters())
  }
}
