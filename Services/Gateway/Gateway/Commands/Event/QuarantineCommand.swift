import ArgumentParser
import Contract
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

  private var selection: QuarantineSelection {
    QuarantineSelection(ids: ids.isEmpty ? nil : ids, consumer: consumer?.rawValue)
  }

  /// Lets the bus do something with the entries, and says of each what became of it.
  ///
  /// - Throws: `GatewayError` where one of the ids is not there; then nothing is done.
  func change<Output>(
    by route: Route<QuarantineSelection, Output>, in session: Session,
    _ outcome: (QuarantineEntry, Output) -> String
  ) async throws {
    let chosen = try await entries(in: session)
    let absent = ids.filter { id in !chosen.contains { $0.id == id } }
    guard absent.isEmpty else {
      let names = absent.map(String.init).joined(separator: ", ")
      throw GatewayError(.badInput, "nothing in quarantine has the id \(names); nothing was changed")
    }
    let reply = try await session.call(route, selection)
    let outcomes = chosen.map { QuarantineOutcome.Line(entry: $0, outcome: outcome($0, reply.value)) }
    try session.print(Reply(value: QuarantineOutcome(lines: outcomes), json: reply.json, parts: reply.parts))
  }

  /// Those that are meant, page by page.
  private func entries(in session: Session) async throws -> [QuarantineEntry] {
    var chosen: [QuarantineEntry] = []
    var after: Int64?
    while true {
      let filter = QuarantineListParameters(consumer: consumer?.rawValue, after: after, max: 1_000)
      let page = try await session.call(BusRoutes.quarantineList, filter).value.entries
      chosen += page.filter { ids.isEmpty || ids.contains($0.id) }
      guard let last = page.last else { return chosen }
      after = last.id
    }
  }
}

struct QuarantineRetry: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry",
    abstract: "Publish again what was refused, and let services try again what they could not process."
  )

  @OptionGroup var entries: QuarantineArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await entries.change(by: BusRoutes.quarantineRetry, in: session) { entry, list in
      guard entry.consumer == ServiceName.bus.rawValue else { return "\(entry.consumer) tries it again" }
      let again = list.entries.first { $0.id == entry.id }
      return again.map { "refused again: \($0.detail)" } ?? "published, and stored"
    }
  }
}

struct QuarantineDiscard: GatewayCommand {
  static let configuration = CommandConfiguration(commandName: "discard", abstract: "Give events up for good.")

  @OptionGroup var entries: QuarantineArguments
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await entries.change(by: BusRoutes.quarantineDiscard, in: session) { _, _ in "discarded" }
  }
}
