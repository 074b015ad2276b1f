import ArgumentParser
import Contract
import LaunchModel

struct ItemDone: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "done", abstract: "Mark items as done, with evidence.",
    examples: [
      "gonogo item done smart-routing qa load-test --link https://ci.example/4712",
      "gonogo item done smart-routing internal-demo --attended jonas,grace",
    ])

  @OptionGroup var items: ItemArguments
  @Option(help: ArgumentHelp("The day it happened; default: today in the launch's time zone.", valueName: "date"))
  var on: LocalDate?
  @OptionGroup var participants: ParticipantOptions
  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let attachment = try evidence.evidence()
    try await items.change(by: ChecklistRoutes.done, in: session) {
      $0.on = on
      participants.add(to: &$0)
      $0.evidence = attachment
    }
  }
}
