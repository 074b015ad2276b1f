import ArgumentParser
import Contract
import LaunchModel

struct HypercareCheckCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Record the finding of a day's hypercare check.",
    discussion: """
      One check is due on each of 14 days, starting with the day of the first exposure. Checking a day again replaces \
      its finding. Only for members of Support and people with a shift.
      """,
    examples: [
      "gonogo hypercare check smart-routing --finding '12 tickets, 1 escalated'",
      "gonogo hypercare check smart-routing --day 3 \\\n    --finding 'replies took an hour' --outcome problem",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(help: ArgumentHelp("Day of hypercare, from 1 to 14; default: today.", valueName: "number")) var day: Int?
  @Option(help: ArgumentHelp("What the check found.", valueName: "text")) var finding: String
  @Option(help: "ok or problem; default: ok.") var outcome: HypercareOutcome?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let request = CheckHypercare(launch: launch.id, day: day, finding: finding, outcome: outcome)
    try await session.show(ChecklistRoutes.checkHypercare, request)
  }
}
