import ArgumentParser
import Contract

struct EventConsumers: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "consumers", abstract: "List the bus's consumers, and how far each is.",
    discussion: "The services are consumers, too. Pruning and gonogo event settle wait for every consumer.",
    examples: [
      "gonogo event consumers",
      "gonogo event consumers --output json",
    ])

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(BusRoutes.consumers, NoParameters())
  }
}
