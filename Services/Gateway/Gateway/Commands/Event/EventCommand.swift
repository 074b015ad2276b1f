import ArgumentParser
import Contract
import LaunchModel

/// `gonogo event …`
struct EventCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "Publish events to the bus, and look at what is on it.",
    subcommands: [EventPublish.self, EventTail.self, EventShow.self, EventSettle.self, QuarantineCommand.self])
}

struct EventSettle: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "Wait until every service has processed everything on the bus.",
    discussion: "For scripts and tests; give --timeout for more than 5 seconds.")

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(BusRoutes.settle, NoParameters())
  }
}
