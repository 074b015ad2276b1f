import ArgumentParser
import Contract
import LaunchModel

/// `gonogo event quarantine …`
struct QuarantineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine", abstract: "List, retry or discard quarantined events.",
    discussion: "The quarantine holds events that the bus rejected and events that a service could not process.",
    subcommands: [QuarantineListCommand.self, QuarantineRetry.self, QuarantineDiscard.self])
}

/// The entries that a quarantine command applies to.
struct QuarantineArguments: ParsableArguments {
  @Argument(help: ArgumentHelp("Entry ids, from gonogo event quarantine list.", valueName: "id")) var ids: [Int64] = []
  @OptionGroup var filter: ConsumerOption

  func validate() throws {
    guard ids.isEmpty != (filter.consumer == nil) else { throw ValidationError("pass either ids or --consumer") }
  }

  /// The maximum number of entries that the bus changes in one call.
  private static let page = 1_000

  /// Changes the entries through the bus, and prints the outcome of each.
  ///
  /// - Throws: `GatewayError` if any of the ids does not exist; nothing is changed then.
  func change<Output>(
    by route: Route<QuarantineSelection, Output>, in session: Session,
    _ outcome: (QuarantineEntry, Output) -> String
  ) async throws {
    let chosen = try await entries(in: session)
    let absent = ids.filter { id in !chosen.contains { $0.id == id } }
    guard absent.isEmpty else {
      let names = absent.map(String.init).joined(separator: ", ")
      throw GatewayError(
        .badInput, "not in quarantine: \(names); nothing was changed (gonogo event quarantine list)")
    }
    for start in stride(from: 0, to: max(chosen.count, 1), by: Self.page) {
      let entries = chosen[start..<min(start + Self.page, chosen.count)]
      let reply = try await session.call(
        route, QuarantineSelection(ids: entries.map(\.id), consumer: filter.consumer?.rawValue))
      let outcomes = entries.map { QuarantineOutcome.Line(entry: $0, outcome: outcome($0, reply.value)) }
      try session.print(Reply(value: QuarantineOutcome(lines: outcomes), json: reply.json, parts: reply.parts))
    }
  }

  /// Returns the selected entries, fetched page by page.
  private func entries(in session: Session) async throws -> [QuarantineEntry] {
    var chosen: [QuarantineEntry] = []
    var after: Int64?
    while true {
      let filter = QuarantineListParameters(consumer: filter.consumer?.rawValue, after: after, max: Self.page)
      let page = try await session.call(BusRoutes.quarantineList, filter).value.entries
      chosen += page.filter { ids.isEmpty || ids.contains($0.id) }
      guard let last = page.last else { return chosen }
      after = last.id
    }
  }
}
