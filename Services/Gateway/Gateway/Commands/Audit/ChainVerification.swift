import Contract
import LaunchModel
import Messaging

/// Verifies the chains of all services: link by link, against the announcements on the bus, against the heads that
/// decisions cite, and against the stores.
struct ChainVerification {
  let session: Session
  /// The launch to verify; nil for all.
  let launch: LaunchID?

  /// Verifies everything that is reachable.
  ///
  /// - Throws: the error of a service, except if it is unreachable.
  func report() async throws -> AuditReport {
    var report = AuditReport(launch: launch)
    // Heads are read before the bus, and the bus before the chains, so that links announced in the meantime are never
    // considered missing.
    var chains: [ServiceName: [String: VerifiedChain]] = [:]
    for service in AuditCommand.services {
      chains[service] = try await report.reaching(service) {
        try await verified(by: service, [AuditVerifyParameters(launch: launch?.rawValue)])
      }
    }
    let bus = BusClient(client: try session.connections.client(of: .bus))
    var announced = try await report.reaching(.bus) {
      try await AnnouncedChains(of: launch, on: bus, timeout: session.timeout)
    }
    report.comparedFrom = announced?.first
    let cited = Self.cited(by: chains[.checklist] ?? [:])
    for service in AuditCommand.services {
      guard var known = chains[service] else { continue }
      let heads = known.mapValues(\.head.length)
      let questions = (announced ?? AnnouncedChains([])).questions(
        to: service, counting: announced == nil ? [:] : heads, citing: cited[service] ?? [:])
      let answers = try await report.reaching(service) { try await verified(by: service, questions) }
      known.merge(answers ?? [:]) { Self.isBroken($0) ? $0 : $1 }
      if known.values.contains(where: { $0.missing != nil }) {
        // Announcements that have left an outbox since the bus was read are now on the bus.
        try await announced?.readOn(on: bus, timeout: session.timeout)
      }
      for (name, chain) in known { known[name]?.broken = chain.broken ?? announced?.missing(of: chain, from: service) }
      report.services.append(
        AuditVerification(service: service, chains: known.values.sorted { $0.launch < $1.launch }))
    }
    return report
  }

  /// Whether the chain itself is broken, which is more serious than a difference between it and the store.
  private static func isBroken(_ chain: VerifiedChain) -> Bool { chain.broken != nil && chain.broken?.key == nil }

  /// Combines the answers by chain; if several are about the same chain, the first with a finding counts.
  private func verified(
    by service: ServiceName, _ questions: [AuditVerifyParameters]
  ) async throws -> [String: VerifiedChain] {
    var chains: [String: VerifiedChain] = [:]
    for question in questions {
      for chain in try await session.call(ServiceRoutes.auditVerify(service), question).value.chains {
        let earlier = chains[chain.launch]
        if let earlier, Self.isBroken(earlier) { continue }
        chains[chain.launch] = chain
        if let missing = earlier?.missing { chains[chain.launch]?.missing = missing + (chain.missing ?? []) }
      }
    }
    return chains
  }

  /// Returns the heads that decisions cite, by service and launch.
  private static func cited(by chains: [String: VerifiedChain]) -> [ServiceName: [String: [ChainHead]]] {
    var cited: [ServiceName: [String: [ChainHead]]] = [:]
    for (launch, chain) in chains {
      for (name, heads) in chain.cites ?? [:] {
        guard let service = ServiceName(rawValue: name) else { continue }
        cited[service, default: [:]][launch] = heads
      }
    }
    return cited
  }
}
