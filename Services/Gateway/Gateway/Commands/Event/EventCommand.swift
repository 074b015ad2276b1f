import ArgumentParser

/// `gonogo event …`
struct EventCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "event", abstract: "Publish events to the bus, and inspect its log.",
    subcommands: [
      EventPublish.self, EventTail.self, EventShow.self, EventSettle.self, EventConsumers.self, EventForget.self,
      QuarantineCommand.self,
    ])
}
