import ArgumentParser
import LaunchModel

/// `gonogo policy …`
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "The rules that give launches their tiers.", subcommands: [PolicyShow.self])
}

struct PolicyShow: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a version of the tier policy.")

  @Argument(help: "The version; default the adopted one.") var version: Int?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(TieringRoutes.showPolicy, VersionReference(version: version))
  }
}
