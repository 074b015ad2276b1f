import ArgumentParser
import Contract
import LaunchModel

struct ItemWaive: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive", abstract: "Waive items: accept them as not done, until a date.",
    discussion: """
      Without --until, a waiver ends with the launch date, and moving the launch does not extend it. Product Ops may \
      waive any item, and a function's lead its advisory items. If an item's owner or another member of its function \
      runs this, it is a request: whoever may waive the item grants it with the same command, or declines it with \
      --decline.
      """,
    examples: [
      "gonogo item waive smart-routing load-test --reason 'traffic is below 1%'",
      "gonogo item waive smart-routing blog-post --request --reason 'no designer'",
    ])

  @OptionGroup var items: ItemArguments
  @OptionGroup var explanation: RequiredReasonOption
  @Option(
    help: ArgumentHelp(
      "The day on which the waiver ends; default: the day after the launch date.", valueName: "date"))
  var until: LocalDate?
  @Flag(help: "Only request a waiver, even if you may waive the items.") var request = false
  @Flag(help: "Decline the request, or withdraw your own.") var decline = false
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard !request || !decline else { throw ValidationError("pass --request or --decline, not both") }
    guard !decline || until == nil else { throw ValidationError("--until does not apply to --decline") }
  }

  func run(in session: Session) async throws {
    try await items.change(by: ChecklistRoutes.waive, in: session) {
      $0.reason = explanation.reason
      $0.until = until
      $0.waiver = decline ? .decline : request ? .request : nil
    }
  }
}
