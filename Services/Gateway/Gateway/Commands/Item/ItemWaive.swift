import ArgumentParser
import Contract
import LaunchModel

struct ItemWaive: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "Waive items: accept them as not done, for good or until a date.",
    examples: [
      "gonogo item waive smart-routing load-test --reason 'traffic is below 1%'",
      "gonogo item waive smart-routing blog-post --reason late --until 2027-03-09",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var explanation: RequiredReasonOption
  @Option(help: ArgumentHelp("The day on which the waiver ends.", valueName: "date")) var until: LocalDate?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.waive, in: session) {
      $0.reason = explanation.reason
      $0.until = until
    }
  }
}
