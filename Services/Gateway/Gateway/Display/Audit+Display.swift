import Contract
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
  /// The launch that was asked about; nil for all.
  var launch: LaunchID?
  /// Each that answered, with its chains.
  var services: [AuditVerification] = []
  /// Those that did not; without the bus the ends of chains were not compared.
  var unreachable: [ServiceName] = []
  /// The first event of the log that chains were compared with; nil where they were not.
  var comparedFrom: Int64?

  /// Whether a chain does not hold.
  var isBroken: Bool { !services.allSatisfy(\.intact) }

  /// Whether everything was checked and holds.
  var intact: Bool { !isBroken && unreachable.isEmpty }

  /// What could not be checked, a sentence for each service that did not answer.
  var unchecked: [String] {
    unreachable.map { service in
      service == .bus
        ? "the bus does not answer: whether links were cut off at the ends of chains was not compared"
        : "\(service.rawValue) does not answer: its chains were not checked"
    }
  }

  private enum CodingKeys: String, CodingKey { case launch, services, unreachable, comparedFrom, intact }

  init(launch: LaunchID? = nil, services: [AuditVerification] = []) {
    self.launch = launch
    self.services = services
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    launch = try container.decodeIfPresent(LaunchID.self, forKey: .launch)
    services = try container.decode([AuditVerification].self, forKey: .services)
    unreachable = try container.decode([ServiceName].self, forKey: .unreachable)
    comparedFrom = try container.decodeIfPresent(Int64.self, forKey: .comparedFrom)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(intact, forKey: .intact)
    try container.encode(launch, forKey: .launch)
    try container.encode(services, forKey: .services)
    try container.encode(unreachable, forKey: .unreachable)
    try container.encode(comparedFrom, forKey: .comparedFrom)
  }
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
    if let comparedFrom, comparedFrom > 1 {
      let remark = "the bus's log begins at \(comparedFrom): what was announced before was not compared"
      page.paragraph(Text(remark, .faint))
    }
  }
}
