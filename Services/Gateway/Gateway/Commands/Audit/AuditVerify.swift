import ArgumentParser
import Contract
import LaunchModel
import Messaging

struct AuditVerify: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify audit chains, and compare them with the bus and the stores.",
    discussion: """
      Checks every link of every chain, that the bus has every announced link, that no link cited by a decision is \
      missing, and that every store matches its chains: items, approvals, votes, decisions, exposure, tier, date, \
      roster, plans, reviews.

      Exit status: 0 if all chains are intact; 1 if one is broken, cut off or rewritten, if an announcement is \
      missing, or if a store was changed outside gonogo (the output names the first difference); 69 if something could \
      not be checked.
      """,
    examples: [
      "gonogo audit verify",
      "gonogo audit verify smart-routing",
    ])

  @Argument(help: "Launch id; default: all launches.") var launch: LaunchID?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    let report = try await ChainVerification(session: session, launch: launch).report()
    if let launch, report.unreachable.isEmpty, report.services.allSatisfy(\.chains.isEmpty) {
      throw GatewayError(.badInput, "no service has a record of \(launch)")
    }
    try session.print(report)
    if report.isBroken { throw GatewayError(.no) }
    guard report.unreachable.isEmpty else { throw GatewayError(.unavailable, report.unchecked) }
  }
}

/// The result of verifying every service's audit chains.
struct AuditReport: Codable, Sendable, Hashable {
  /// The launch that was verified; nil for all.
  var launch: LaunchID?
  /// The services that answered, each with its chains.
  var services: [AuditVerification] = []
  /// The services that did not answer. If the bus is among them, the ends of chains were not compared.
  var unreachable: [ServiceName] = []
  /// The offset of the first event that chains were compared with; nil if they were not compared.
  var comparedFrom: Int64?

  /// Whether at least one chain is broken.
  var isBroken: Bool { !services.allSatisfy(\.intact) }

  /// Whether everything was checked and is intact.
  var intact: Bool { !isBroken && unreachable.isEmpty }

  /// What could not be checked: one sentence for each service that did not answer.
  var unchecked: [String] {
    unreachable.map { service in
      service == .bus
        ? "bus unreachable: the ends of the chains were not compared, so links may have been cut off"
        : "\(service.rawValue) unreachable: its chains were not checked"
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

extension AuditReport {
  /// Returns the result of the body; nil if the service does not answer, which is recorded.
  mutating func reaching<R>(_ service: ServiceName, _ body: () async throws -> R) async throws -> R? {
    do {
      return try await body()
    } catch {
      let failure: CallError
      switch error {
      case let error as CallError: failure = error
      case let problem as Problem: failure = CallError(service: service, problem: problem)
      default: throw error
      }
      guard [.unavailable, .timedOut].contains(GatewayError(failure).status) else { throw failure }
      if !unreachable.contains(service) { unreachable.append(service) }
      return nil
    }
  }
}

extension AuditReport: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.left("service"), .left("launch"), .right("links"), .left("head"), .flexible("chain")],
      whenEmpty: "nothing is recorded yet")
    table.rows = services.flatMap { verification in
      verification.chains.map { chain in
        [
          Text(verification.service.rawValue), Text(chain.launch), Text(chain.head.length),
          Text(chain.head.hash.shortDigest, .faint),
          chain.broken.map {
            Text("\($0.key == nil ? "broken" : "contradicted") at link \($0.length): \($0.detail)", .bad)
          } ?? Text("intact", .good),
        ]
      }
    }
    page.table(table)
    if let comparedFrom, comparedFrom > 1 {
      let remark = "the bus's log starts at offset \(comparedFrom): earlier announcements were not compared"
      page.paragraph(Text(remark, .faint))
    }
  }
}
