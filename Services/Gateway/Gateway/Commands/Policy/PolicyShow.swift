import ArgumentParser
import Contract

struct PolicyShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a policy version, and how often its rules were overridden.",
    examples: [
      "gonogo policy show",
      "gonogo policy show --version 1",
    ])

  @OptionGroup var document: VersionOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.showPolicy, VersionReference(version: document.version))
  }
}
