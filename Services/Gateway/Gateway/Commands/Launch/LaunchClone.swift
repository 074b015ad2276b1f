import ArgumentParser
import JSON
import Contract
import LaunchModel

struct LaunchClone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone", abstract: "Propose a launch with what another one's launch file says.",
    discussion: "Its All-Hands is not taken over, for it was the one before the other launch.")

  @Argument(help: "The launch to take from.") var launch: LaunchID
  @Option(name: .customLong("as"), help: ArgumentHelp("The new launch's id: a-z, 0-9 and -.", valueName: "id"))
  var id: LaunchID
  @Option(help: "The new launch's date, as 2027-06-01.") var date: LocalDate
  @Option(help: "The new launch's name; else the other's.") var name: String?
  @Option(help: ArgumentHelp("Who answers for it; else the other's owner.", valueName: "person")) var owner: PersonID?

  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var plan = try await session.call(TieringRoutes.show, LaunchReference(launch: launch)).value.plan
    // A feature of its own where the other had none but its id.
    if plan.feature == launch.rawValue { plan.feature = id.rawValue }
    plan.launch = id
    plan.date = date
    plan.allHands = nil
    if let name { plan.name = name }
    if let owner { plan.owner = owner }
    try await session.show(TieringRoutes.propose, ProposeLaunch(document: try JSONCoding.value(plan)))
  }
}
