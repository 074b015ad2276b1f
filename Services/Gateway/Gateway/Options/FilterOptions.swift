import ArgumentParser
import Contract
import LaunchModel

/// A launch that a list is limited to.
struct LaunchOption: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by launch.", valueName: "launch")) var launch: LaunchID?
}

/// An owner that a list is limited to.
struct OwnerFilter: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by owner.", valueName: "person")) var owner: PersonID?
}

extension Session {
  /// Refuses a person whom a list was limited to, if nothing is theirs and they are not on the roster: a misspelt name must
  /// not look like somebody without work.
  ///
  /// People who left the roster are found as long as something is theirs, so that it can be given to others.
  ///
  /// - Throws: `GatewayError` with the nearest name.
  func requireKnown(owner: PersonID?, ofEmptyList isEmpty: Bool) async throws {
    guard isEmpty, let owner else { return }
    let roster = try await call(ChecklistRoutes.showRoster, NoParameters()).value.document
    guard !roster.isEmpty, roster.people[owner] == nil else { return }
    throw GatewayError(.badInput, "--owner: \(roster.absence(of: owner)); see gonogo roster show")
  }
}

/// What a list of launches is limited to. In one group, because each further one costs the start of the command half a
/// millisecond.
struct LaunchFilterOptions: ParsableArguments {
  @Option(help: "Filter by tier.") var tier: Tier?
  @Option(help: ArgumentHelp("Filter by owner.", valueName: "person")) var owner: PersonID?
  @Option(help: ArgumentHelp("First date, e.g. 2027-03-01.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Last date, inclusive.", valueName: "date")) var to: LocalDate?
}

/// A span of dates, either end of which may be open.
struct DateRangeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("First date, e.g. 2027-03-01.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Last date, inclusive.", valueName: "date")) var to: LocalDate?
}

/// The consumer whose quarantined events a command is about.
struct ConsumerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Only entries of this consumer; bus for events that the bus rejected.", valueName: "service"))
  var consumer: ServiceName?
}
