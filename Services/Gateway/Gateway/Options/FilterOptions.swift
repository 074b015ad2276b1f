import ArgumentParser
import Contract
import LaunchModel

/// The launch to which a list is limited.
struct LaunchOption: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by launch.", valueName: "launch")) var launch: LaunchID?
}

/// The owner to which a list is limited.
struct OwnerFilter: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by owner.", valueName: "person")) var owner: PersonID?
}

extension Session {
  /// Throws if a list for one owner is empty and the owner is not on the roster, because a misspelt name must not look
  /// like a person without work.
  ///
  /// A person who left the roster is accepted as long as they still own something, so that it can be reassigned.
  ///
  /// - Throws: `GatewayError` with the nearest name.
  func requireKnown(owner: PersonID?, ofEmptyList isEmpty: Bool) async throws {
    guard isEmpty, let owner else { return }
    let roster = try await call(ChecklistRoutes.showRoster, NoParameters()).value.document
    guard !roster.isEmpty, roster.people[owner] == nil else { return }
    throw GatewayError(.badInput, "--owner: \(roster.absence(of: owner)); see gonogo roster show")
  }
}

/// The filters of a list of launches. They are in one group because each additional group adds half a millisecond to
/// the start of the command.
struct LaunchFilterOptions: ParsableArguments {
  @Option(help: "Filter by tier.") var tier: Tier?
  @Option(help: ArgumentHelp("Filter by owner.", valueName: "person")) var owner: PersonID?
  @Option(help: ArgumentHelp("First date, e.g. 2027-03-01.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Last date, inclusive.", valueName: "date")) var to: LocalDate?
}

/// A range of dates, open at either end or both.
struct DateRangeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("First date, e.g. 2027-03-01.", valueName: "date")) var from: LocalDate?
  @Option(help: ArgumentHelp("Last date, inclusive.", valueName: "date")) var to: LocalDate?
}

/// The consumer whose quarantined events a command applies to.
struct ConsumerOption: ParsableArguments {
  @Option(
    help: ArgumentHelp("Only entries of this consumer; bus for events that the bus rejected.", valueName: "service"))
  var consumer: ServiceName?
}
