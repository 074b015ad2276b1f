import ArgumentParser
import LaunchModel

/// `gonogo event quarantine …`
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "Events that were refused or that a service could not process.",
    subcommands: [QuarantineListCommand.self, QuarantineRetry.self, QuarantineDiscard.self])
}

struct QuarantineListCommand: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List what is in quarantine.")

  @Option(help: "Only what this service could not process; bus for what was refused.") var consumer: ServiceName?
  @Option(help: "At most so many, up to 1000.") var max: Int?
  @Option(help: ArgumentHelp("Only those after this id.", valueName: "id")) var after: Int64?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let filter = QuarantineListParameters(consumer: consumer?.rawValue, after: after, max: max)
    try await session.show(BusRoutes.quarantineList, filter)
  }
}

/// Which entries a quarantine command is about.
struct QuarantineArguments: ParsableArguments {
  @Argument(help: "The entries' ids.") var ids: [Int64] = []
  @Option(help: "All of a service's entries.") var consumer: ServiceName?

  func validate() throws {
    guard ids.isEmpty != (consumer == nil) else { throw ValidationError("give either ids or --consumer") }
  }

  var selection: QuarantineSelection {
    QuarantineSelection(ids: ids.isEmpty ? nil : ids, consumer: consumer?.rawValue)
  }
}

struct QuarantineRetry: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "retry", abstract: "Let events be tried again.")

  @OptionGroup var entries: QuarantineArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(BusRoutes.quarantineRetry, entries.selection)
  }
}

struct QuarantineDiscard: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "discard", abstract: "Give events up for good.")

  @OptionGroup var entries: QuarantineArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(BusRoutes.quarantineDiscard, entries.selection)
  }
}
