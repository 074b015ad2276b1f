import ArgumentParser
import Contract
import LaunchModel

struct ReviewAttend: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "attend", abstract: "Record who attended a review.",
    examples: [
      "gonogo review attend smart-routing dana ibrahim priya",
      "gonogo review attend smart-routing marco jonas grace --attempt 1",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: ArgumentHelp("Who attended.", valueName: "person")) var people: [PersonID]
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let attendance = Attendance(launch: launch.id, people: people, attempt: attempt.attempt)
    try await session.show(ReviewRoutes.attend, attendance)
  }
}
