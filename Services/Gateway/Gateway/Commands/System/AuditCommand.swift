import ArgumentParser
import Contract
import LaunchModel

/// `gonogo audit …`
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "The record of what changed a launch, and proof that it is whole.",
    subcommands: [AuditShow.self, AuditVerify.self])

  /// The services that keep an audit chain for each launch.
  static let keepers: [ServiceName] = [.tiering, .checklist, .metrics, .review]
}

struct AuditShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List the links of every service's chain for a launch.")

  @Argument(help: "The launch's id: a-z, 0-9 and -.") var launch: LaunchID
  @Option(help: "Only one service's chain.") var service: ServiceName?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var record = AuditRecord(launch: launch, services: [])
    for keeper in service.map({ [$0] }) ?? AuditCommand.keepers {
      let trail = try await session.call(
        ServiceRoutes.auditShow(keeper), AuditShowParameters(launch: launch.rawValue))
      record.services.append(trail.value)
    }
    guard record.services.contains(where: { !$0.links.isEmpty }) else {
      throw GatewayError(.badInput, "no service has anything on record about \(launch)")
    }
    try session.print(record)
  }
}
