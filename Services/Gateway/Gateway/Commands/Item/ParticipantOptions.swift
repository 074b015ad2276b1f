import ArgumentParser
import Contract

/// The people whom an item names besides those who work on it.
struct ParticipantOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Who attended.", valueName: "person,…")) var attended: CommaSeparated?

  @Option(
    help: ArgumentHelp("Who presented, by default you; does not count as attending.", valueName: "person"))
  var presenter: String?

  @Option(help: ArgumentHelp("The person that the item must name, e.g. who executes a rollback.", valueName: "person"))
  var person: String?

  /// Adds the people to the parameters of a call.
  func add(to action: inout ItemAction) {
    action.attended = attended?.values
    action.presenter = presenter
    action.person = person
  }
}
