import ArgumentParser
import Contract
import LaunchModel

struct RosterHoldings: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "holdings", abstract: "Show people's items, approvals and votes on running launches.",
    discussion: """
      Lists open items, approvals that are still asked of their groups, approvals that count, and poll answers, of \
      PERSON or of everybody who has left the roster. To move the items, use gonogo item assign --from PERSON.
      """,
    examples: [
      "gonogo roster holdings lena",
      "gonogo roster holdings --output json",
    ])

  @Argument(help: ArgumentHelp("Person; default: everybody who left the roster.", valueName: "person"))
  var person: PersonID?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await session.show(ChecklistRoutes.holdings, HoldingsReference(person: person))
  }
}

extension HoldingsReport: Displayable {
  func display(on page: inout Page) {
    page.holdings(people, whenEmpty: "everybody with items, approvals or votes is on the roster")
  }
}

extension Page {
  /// Adds what people hold, one row for each kind on each launch.
  mutating func holdings(_ people: [PersonHoldings], whenEmpty: String) {
    var table = Table(
      columns: [.left("person"), .left("launch"), .left("holds"), .flexible("what")], whenEmpty: whenEmpty)
    for person in people {
      guard !person.launches.isEmpty else {
        table.rows.append([Text(person.person), Text("-"), Text("nothing"), Text("")])
        continue
      }
      for launch in person.launches {
        table.rows += launch.rows.map { [Text(person.person), Text(launch.launch), Text($0.kind), Text($0.what)] }
      }
    }
    self.table(table)
    let movable = people.filter { $0.launches.contains { !$0.items.isEmpty } }.map(\.person)
    bullets(movable.map { Text("move the items: gonogo item assign --from \($0) --to PERSON", .faint) })
  }
}

extension LaunchHoldings {
  /// What is held, by kind; empty kinds are left out.
  fileprivate var rows: [(kind: String, what: String)] {
    let kinds = [
      ("the launch", owns ? "gonogo launch set \(launch) owner=PERSON" : ""),
      ("open items", items.joined(separator: ", ")), ("approvals asked for", asked.joined(separator: ", ")),
      ("approvals that count", approvals.joined(separator: ", ")),
      ("answers to the poll", votes.map(\.title).joined(separator: ", ")),
    ]
    return kinds.filter { !$0.1.isEmpty }.map { (kind: $0.0, what: $0.1) }
  }
}
