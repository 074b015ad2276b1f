import ArgumentParser
import Contract

struct ActionDrop: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Drop an action: record that it will not be done.",
    discussion: "Only Product Ops may drop an action to call a customer; --outcome then becomes the outcome of that "
      + "agenda point.",
    examples: [
      "gonogo review action drop smart-routing-a1 --outcome 'no longer needed'",
      "gonogo review action drop smart-routing-a1 --outcome 'see a2' --output json",
    ])

  @OptionGroup var action: ActionArgument
  @OptionGroup var result: ActionOutcomeOption
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let reference = ActionReference(action: action.id, outcome: result.outcome)
    try await session.show(ReviewRoutes.dropAction, reference)
  }
}
