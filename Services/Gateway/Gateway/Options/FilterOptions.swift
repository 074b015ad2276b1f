import ArgumentParser
import LaunchModel

/// An owner that a list is limited to.
struct OwnerFilter: ParsableArguments {
  @Option(help: ArgumentHelp("Filter by owner.", valueName: "person")) var owner: PersonID?
}
