import ArgumentParser
import Contract
import LaunchModel

struct LaunchShip: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ship", abstract: "Record the first exposure, day 0 of the metrics.",
    discussion: "With a gradual rollout the exposure begins at the first stage; see gonogo launch stage.",
    examples: [
      "gonogo launch ship smart-routing",
      "gonogo launch ship smart-routing --at 2027-03-02T15:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var occurrence: OccurrenceOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = ExposureRequest(launch: launch.id, at: occurrence.at, reason: change.reason)
    try session.print(
      try await session.call(ChecklistRoutes.ship, request, expectedVersion: change.expectedVersion))
  }
}
