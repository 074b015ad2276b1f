import ArgumentParser
import Contract
import JSON
import LaunchModel

struct LaunchClone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "clone", abstract: "Propose a copy of a launch under another id and date.",
    discussion: """
      allHands is not copied: it belonged to the original launch's date. The rollout's flag is not copied either, \
      because it would expose both launches at once: pass another with --flag. Name and owner are copied unless you \
      pass others.
      """,
    examples: [
      "gonogo launch clone smart-routing --as smart-routing-eu --date 2027-06-01",
      "gonogo launch clone smart-routing --as routing-2 --date 2027-06-03 --flag r2",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(name: .customLong("as"), help: ArgumentHelp("Id of the copy: a-z, 0-9 and -.", valueName: "id"))
  var id: LaunchID
  @Option(help: "Date of the copy, e.g. 2027-06-01.") var date: LocalDate
  @Option(help: "Name of the copy.") var name: String?
  @Option(help: ArgumentHelp("Feature flag of the copy's rollout.", valueName: "key")) var flag: String?
  @OptionGroup var owner: OwnerOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let original = try await session.call(TieringRoutes.show, LaunchReference(launch: launch.id)).value.plan
    let copy = try plan(copying: original)
    try await session.show(TieringRoutes.propose, ProposeLaunch(document: try JSONCoding.value(copy)))
    guard let left = original.rollout?.flag, copy.rollout?.flag == nil else { return }
    session.console.note(
      "the flag \(left) stays that of \(launch.id); name the copy's: gonogo launch set \(id) rollout.flag=KEY")
  }

  /// Returns the plan of the copy.
  ///
  /// - Throws: `GatewayError` if a flag is given and the copy has no rollout.
  func plan(copying original: LaunchPlan) throws(GatewayError) -> LaunchPlan {
    var plan = original
    // A feature key that defaulted to the original's id becomes the copy's id.
    if plan.feature == original.launch.rawValue { plan.feature = id.rawValue }
    plan.launch = id
    plan.date = date
    plan.allHands = nil
    guard flag == nil || plan.rollout != nil else {
      throw GatewayError(
        .badInput, "\(original.launch) has no rollout, so the copy has no flag; omit --flag, and set rollout afterwards"
      )
    }
    // A flag named after the original becomes one named after the copy.
    let isNamedAfter = plan.rollout?.flag == original.launch.rawValue
    plan.rollout?.flag = flag ?? (isNamedAfter ? id.rawValue : nil)
    if let name { plan.name = name }
    if let owner = owner.owner { plan.owner = owner }
    return plan
  }
}
