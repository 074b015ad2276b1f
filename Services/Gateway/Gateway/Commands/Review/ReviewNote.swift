import ArgumentParser
import Contract
import LaunchModel

struct ReviewNote: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "note", abstract: "Record the outcome of an agenda point.",
    discussion: """
      gonogo review agenda shows the id of each point in brackets. If a customer needs a call, add an action instead: \
      gonogo review action outreach.
      """,
    examples: [
      "gonogo review note smart-routing escalation/T-17 'fixed in 4.3'",
      "gonogo review note smart-routing article/routing-intro/en 'rewritten'",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "Id of the agenda point.") var point: String
  @Argument(help: "The outcome.") var text: String
  @OptionGroup var attempt: AttemptOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let note = NoteOutcome(launch: launch.id, point: point, text: text, attempt: attempt.attempt)
    try await session.show(ReviewRoutes.note, note)
  }
}
