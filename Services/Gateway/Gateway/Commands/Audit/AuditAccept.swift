import ArgumentParser
import Contract
import LaunchModel

struct AuditAccept: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Accept a store's data although they contradict its audit chain.",
    discussion: """
      For Product Ops, if a store was repaired by hand and no backup can be restored. Adds a link with the reason and \
      the accepted keys to the chain. A chain with broken links cannot be accepted.
      """,
    examples: [
      "gonogo audit accept smart-routing --service checklist --reason 'row repaired'",
      "gonogo audit accept roster --service metrics --reason 'from a backup'",
    ])

  @Argument(help: "Launch id, or a subject such as roster.") var subject: String
  @Option(help: ArgumentHelp("The service whose store contradicts its chain.", valueName: "service"))
  var service: ServiceName
  @Option(help: ArgumentHelp("Why the store is right.", valueName: "text")) var reason: String
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let accepted = try await session.call(
      ServiceRoutes.auditAccept(service), AuditAcceptParameters(launch: subject, reason: reason))
    try session.print(accepted.value)
  }
}

extension AuditAccepted: Displayable {
  func display(on page: inout Page) {
    page.fields([
      Page.Field(name: "accepted", value: Text(keys.joined(separator: ", "))),
      Page.Field(name: "link", value: Text("\(head.length)")),
    ])
  }
}
