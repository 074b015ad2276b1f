import ArgumentParser
import Contract
import LaunchModel

struct LaunchRollback: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Record that a launch was rolled back, which ends its GO.",
    discussion: "The reason is required. Another attempt needs a GO of its own.",
    examples: [
      "gonogo launch rollback smart-routing --reason 'errors in rule import'",
      "gonogo launch rollback smart-routing --at 2027-03-03T08:30:00Z --reason outage",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var occurrence: OccurrenceOption
  @OptionGroup var explanation: ReasonOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = ExposureRequest(launch: launch.id, at: occurrence.at, reason: explanation.reason)
    try await session.show(ChecklistRoutes.rollback, request)
  }
}
