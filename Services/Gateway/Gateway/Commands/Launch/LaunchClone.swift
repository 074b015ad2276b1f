import ArgumentParser
import Contract
import JSON
import LaunchModel

struct LaunchClone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone", abstract: "Propose a copy of a launch under another id and date.",
    discussion: """
      allHands is not copied: it belonged to the original launch's date. Name and owner are the original's unless you \
      pass others.
      """,
    examples: [
      "gonogo launch clone smart-routing --as smart-routing-eu --date 2027-06-01",
      "gonogo launch clone smart-routing --as routing-2 --date 2027-06-03",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(name: .customLong("as"), help: ArgumentHelp("Id of the copy: a-z, 0-9 and -.", valueName: "id"))
  var id: LaunchID
  @Option(help: "Date of the copy, e.g. 2027-06-01.") var date: LocalDate
  @Option(help: "Name of the copy.") var name: String?
  @OptionGroup var owner: OwnerOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var plan = try await session.call(TieringRoutes.show, LaunchReference(launch: launch.id)).value.plan
    // A feature key that defaulted to the original's id becomes the copy's id.
    if plan.feature == launch.id.rawValue { plan.feature = id.rawValue }
    plan.launch = id
    plan.date = date
    plan.allHands = nil
    if let name { plan.name = name }
    if let owner = owner.owner { plan.owner = owner }
    try await session.show(TieringRoutes.propose, ProposeLaunch(document: try JSONCoding.value(plan)))
  }
}
