import ArgumentParser
import Contract
import LaunchModel

struct AuditShow: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "List all recorded changes to a launch, grouped by service.",
    examples: [
      "gonogo audit show smart-routing",
      "gonogo audit show smart-routing --service checklist --output json",
    ])

  @OptionGroup var launch: LaunchArgument
  @Option(help: ArgumentHelp("Show only this service's chain.", valueName: "service")) var service: ServiceName?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var record = AuditRecord(launch: launch.id, services: [])
    for service in service.map({ [$0] }) ?? AuditCommand.services {
      let trail = try await session.call(
        ServiceRoutes.auditShow(service), AuditShowParameters(launch: launch.id.rawValue))
      record.services.append(trail.value)
    }
    guard record.services.contains(where: { !$0.links.isEmpty }) else {
      throw GatewayError(.badInput, "no service has a record of \(launch.id)")
    }
    try session.print(record)
  }
}

/// Every service's chain for a launch.
struct AuditRecord: Codable, Sendable, Hashable {
  /// The launch.
  var launch: LaunchID
  /// The chain of each service.
  var services: [AuditTrail]
}

extension AuditRecord: Displayable {
  func display(on page: inout Page) {
    for trail in services where !trail.links.isEmpty {
      page.heading("\(trail.service.rawValue), \(counted(trail.links.count, "link"))")
      var table = Table(columns: [
        .right("link"), .left("when"), .left("who"), .flexible("what"), .left("hash"),
      ])
      table.rows = trail.links.map { link in
        [
          Text(link.length), Text(link.at.short), Text(link.by), Text(link.action), Text(link.hash.shortDigest, .faint),
        ]
      }
      page.table(table)
    }
  }
}
