import ArgumentParser
import Contract

struct ActionDone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "done", abstract: "Mark an action as done.",
    examples: [
      "gonogo review action done smart-routing-a1 --outcome 'shipped in 4.3'",
      "gonogo review action done smart-routing-a1 --outcome 'see release notes'",
    ])

  @OptionGroup var action: ActionArgument
  @OptionGroup var result: ActionOutcomeOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reference = ActionReference(action: action.id, outcome: result.outcome)
    try await session.show(ReviewRoutes.finishAction, reference)
  }
}
