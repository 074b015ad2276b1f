import ArgumentParser
import Contract
import LaunchModel
import Messaging

struct AuditVerify: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check every link of the chains, and their ends against the bus.",
    discussion: """
      Exit status: 0 where all is whole, 1 where a chain is broken, cut off or rewritten, naming its first such link, \
      and 69 where something could not be checked.
      """)

  @Argument(help: "The launch's id; default all launches.") var launch: LaunchID?
  @OptionGroup var global: GlobalOptions

  func run(in session: Session) async throws {
    var report = AuditReport(launch: launch)
    // Read before the chains are, so that a change in between makes these longer and never shorter.
    let announced = try await report.reaching(.bus) {
      try await AnnouncedChains(
        of: launch, on: BusClient(client: session.connections.client(of: .bus)), timeout: session.timeout)
    }
    report.comparedFrom = announced?.first
    for keeper in AuditCommand.keepers {
      let verification = try await report.reaching(keeper) { try await verify(keeper, announced, in: session) }
      if let verification { report.services.append(verification) }
    }
    if let launch, report.unreachable.isEmpty, report.services.allSatisfy(\.chains.isEmpty) {
      throw GatewayError(.badInput, "no service has anything on record about \(launch)")
    }
    try session.print(report)
    if report.isBroken { throw ExitCode(ExitStatus.no.rawValue) }
    guard report.unreachable.isEmpty else { throw GatewayError(.unavailable, report.unchecked) }
  }

  /// A service's chains, held against themselves and against what was announced of them.
  private func verify(
    _ keeper: ServiceName, _ announced: AnnouncedChains?, in session: Session
  ) async throws -> AuditVerification {
    let route = ServiceRoutes.auditVerify(keeper)
    var chains: [String: VerifiedChain] = [:]
    for question in [AuditVerifyParameters(launch: launch?.rawValue)] + (announced?.questions(to: keeper) ?? []) {
      for chain in try await session.call(route, question).value.chains where chains[chain.launch]?.broken == nil {
        chains[chain.launch] = chain
      }
    }
    return AuditVerification(service: keeper, chains: chains.values.sorted { $0.launch < $1.launch })
  }
}

extension AuditReport {
  /// What the body gives; nil, with the service noted, where it does not answer.
  fileprivate mutating func reaching<R>(_ service: ServiceName, _ body: () async throws -> R) async throws -> R? {
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
      unreachable.append(service)
      return nil
    }
  }
}
