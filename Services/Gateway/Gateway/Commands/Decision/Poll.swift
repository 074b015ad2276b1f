import ArgumentParser
import Contract
import LaunchModel

struct Poll: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "poll", abstract: "Show a launch's poll, or answer it for your function.",
    discussion: """
      Before a decision the lead of each function answers go or no-go. A function that has not answered is a reason \
      against GO.
      """,
    examples: [
      "gonogo poll smart-routing",
      "gonogo poll smart-routing go --on-behalf-of ibrahim",
      "gonogo poll smart-routing no-go --note 'no support cover' --on-behalf-of grace",
    ])

  @OptionGroup var launch: LaunchArgument
  @Argument(help: "go or no-go; omit it to show the poll.") var answer: PollAnswer.Answer?
  @Option(help: "Function to answer for, if you lead several.") var function: LaunchFunction?
  @Option(help: ArgumentHelp("Comment on the answer.", valueName: "text")) var note: String?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    guard let answer else {
      try await session.show(ChecklistRoutes.showPoll, LaunchReference(launch: launch.id))
      return
    }
    try await session.show(
      ChecklistRoutes.answerPoll, PollAnswer(launch: launch.id, answer: answer, function: function, note: note))
  }
}
