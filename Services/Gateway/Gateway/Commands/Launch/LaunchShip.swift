import ArgumentParser
import Contract
import LaunchModel

struct LaunchShip: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "ship", abstract: "Record the first exposure, day 0 of the metrics.",
    discussion: """
      With a gradual rollout the exposure begins at the first stage; see gonogo launch stage. Without a GO in force, \
      warns and asks first; --yes with a --reason records the violation without asking.
      """,
    examples: [
      "gonogo launch ship smart-routing --at 2027-03-02T15:00:00Z",
      "gonogo launch ship smart-routing --yes --reason 'the flag was on already'",
    ])

  @OptionGroup var launch: LaunchArgument
  @OptionGroup var occurrence: OccurrenceOption
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = ExposureRequest(launch: launch.id, at: occurrence.at, reason: change.reason)
    try await change.expose(ChecklistRoutes.ship, request, preview, confirmation, in: session)
  }
}
