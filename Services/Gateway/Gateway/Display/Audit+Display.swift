import LaunchModel

/// Every service's chain for a launch.
struct AuditRecord: Codable, Sendable, Hashable {
  var launch: LaunchID
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

/// Whether every service's chains hold.
struct AuditReport: Codable, Sendable, Hashable {
  var intact: Bool
  var services: [AuditVerification]
}

extension AuditReport: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.left("service"), .left("launch"), .right("links"), .left("head"), .flexible("chain")],
      whenEmpty: "nothing is on record yet")
    table.rows = services.flatMap { verification in
      verification.chains.map { chain in
        [
          Text(verification.service.rawValue), Text(chain.launch), Text(chain.head.length),
          Text(chain.head.hash.shortDigest, .faint),
          chain.broken.map { Text("broken at link \($0.length): \($0.detail)", .bad) } ?? Text("whole", .good),
        ]
      }
    }
    page.table(table)
  }
}
