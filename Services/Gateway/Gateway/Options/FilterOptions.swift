import ArgumentParser
import LaunchModel

/// A launch that a list is limited to.
struct LaunchOption: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by launch.", valueName: "launch")) var launch: LaunchID?
}

/// An owner that a list is limited to.
struct OwnerFilter: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by owner.", valueName: "person")) var owner: PersonID?
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
