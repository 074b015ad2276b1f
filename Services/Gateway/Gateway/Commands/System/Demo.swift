import ArgumentParser

struct Demo: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "demo", abstract: "Play a launch.")
  @OptionGroup var global: GlobalOptions
  func run(in session: Session) async throws {}
}
