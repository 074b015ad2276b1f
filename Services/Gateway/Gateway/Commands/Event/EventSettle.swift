import ArgumentParser
import Contract

struct EventSettle: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "Wait until every service has processed the whole log.",
    discussion: "For scripts and tests. Gives up after --timeout.",
    examples: [
      "gonogo event settle",
      "gonogo event settle --timeout 60",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(BusRoutes.settle, NoParameters())
  }
}
