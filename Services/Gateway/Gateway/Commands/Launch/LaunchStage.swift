import ArgumentParser
import Contract
import LaunchModel

struct LaunchStage: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage", abstract: "Record what percentage of the audience is exposed.",
    discussion: """
      0 is a rollback, like gonogo launch rollback, and needs a reason. A higher percentage without a GO in force: \
      warns and asks first, like gonogo launch ship.
      """,
    examples: [
      "gonogo launch stage smart-routing 25",
      "gonogo launch stage smart-routing 100 --at 2027-03-09T15:00:00Z",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "Percentage, 0 to 100.") var percentage: Double
  @OptionGroup var occurrence: OccurrenceOption
  @OptionGroup var preview: DryRunOption
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var change: ChangeOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (0...100).contains(percentage) else {
      throw ValidationError("\(percentage.digits(2)) is not a percentage from 0 to 100")
    }
  }

  func run(in session: Session) async throws {
    let request = ExposureRequest(
      launch: launch.id, at: occurrence.at, percentage: percentage, reason: change.reason)
    guard percentage == 0, !preview.dryRun else {
      return try await change.expose(ChecklistRoutes.stage, request, preview, confirmation, in: session)
    }
    // A rollback must never be delayed, so the command does not ask.
    try session.print(
      try await session.call(ChecklistRoutes.stage, request, expectedVersion: change.expectedVersion))
  }
}
