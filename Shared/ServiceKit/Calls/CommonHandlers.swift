import JSON
import Contract
import LaunchModel
import Messaging
import Storage

/// Handles the calls that every service answers.
struct CommonHandlers {
  let identity: ProcessIdentity
  let statistics: CallStatistics
  let consumer: String
  /// Finds contradictions between a chain and the store; see `DomainService.contradiction`.
  let contradiction: @Sendable ([AuditLink], String, any Transaction) throws -> BrokenLink?

  func register(on router: inout ServiceRouter) {
    let service = identity.service
    router.read(ServiceRoutes.ping(service)) { [identity] _, call in identity.ping(call.environment.clock) }
    router.read(ServiceRoutes.stats(service)) { [self] _, call in try await stats(call.environment) }
    router.read(ServiceRoutes.auditShow(service)) { params, call in
      let environment = call.environment
      let links = try await environment.database.read { try environment.audit.links(launch: params.launch, $0) }
      let head = links.last.map { ChainHead(length: $0.length, hash: $0.hash) }
      return AuditTrail(service: environment.service, launch: params.launch, head: head, links: links)
    }
    router.read(ServiceRoutes.auditVerify(service)) { [self] params, call in
      let environment = call.environment
      guard params.launch != nil || params.announced == nil && params.cited == nil && params.counted == nil else {
        throw Problem.invalid(
          "invalid-params", pointer: "/announced", "requires launch: name the launch whose chain was announced")
      }
      let chains = try await environment.database.read { try verify(params, environment, $0) }
      return AuditVerification(service: environment.service, chains: chains)
    }
    registerState(on: &router)
    registerDescriptions(on: &router)
  }

  /// Registers the methods that describe all methods, including themselves. Must be called last.
  private func registerDescriptions(on router: inout ServiceRouter) {
    let (info, discover) = (ServiceRoutes.info(identity.service), ServiceRoutes.discover(identity.service))
    let routes = router.descriptions + [RouteDescription(info), RouteDescription(discover)]
    router.read(info) { [identity] _, call in
      identity.info(call.environment.clock, methods: routes.map(\.method))
    }
    router.read(discover) { [identity] _, _ in
      try OpenRPCDocument.document(service: identity.service, routes: routes)
    }
  }

  /// How long to wait for a long poll of this service to return with the news that the rest of the log does not concern
  /// it.
  private static let catchUpWait = Duration.milliseconds(250)

  /// Returns the service's statistics; without those from its store if that is unusable.
  private func stats(_ environment: ServiceEnvironment) async throws -> ServiceStats {
    let (counts, lease): (counts: (unsent: Int, rejected: Int), lease: Leases.Standing?)
    do {
      (counts, lease) = try await environment.database.read { db in
        (try Outbox.counts(db), try Leases.standing(LeaseHolder.name, db))
      }
    } catch let error as StorageError where ErrorReport.problem(error).code == "store-unavailable" {
      return ServiceStats(
        build: ProductVersion.current, startedAt: identity.startedAt, methods: statistics.methods,
        outage: error.message)
    }
    // Without the bus the lag is unknown, but the other figures are still useful.
    let head = try await environment.bus.headIfReachable(within: .milliseconds(500))
    // After this wait, a difference to the head is real lag and not merely a long poll that has not returned yet.
    if let head { _ = try await environment.progress.wait(for: head, until: .now + Self.catchUpWait) }
    return ServiceStats(
      build: ProductVersion.current, startedAt: identity.startedAt, methods: statistics.methods,
      consumer: ConsumerStats(
        name: consumer, offset: environment.progress.offset, head: head,
        working: lease.map { $0.lease.holder == identity.instance && !$0.isFree } ?? false),
      outbox: OutboxStats(unsent: counts.unsent, rejected: counts.rejected))
  }

  private func verify(
    _ parameters: AuditVerifyParameters, _ environment: ServiceEnvironment, _ transaction: any Transaction
  ) throws -> [VerifiedChain] {
    let subjects = try parameters.launch.map { [$0] } ?? environment.state.subjects(transaction)
    let chains = try subjects.compactMap { subject -> VerifiedChain? in
      guard var chain = try environment.state.verify(parameters, subject, transaction) else { return nil }
      // The domain's own description of a difference is more specific.
      if chain.broken == nil || chain.broken?.key != nil {
        let links = try environment.audit.links(launch: subject, transaction)
        chain.broken = try contradiction(links, subject, transaction) ?? chain.broken
      }
      return chain
    }
    guard parameters.launch == nil,
      let fault = try ConsumerOffsets.fault(consumer, environment.audit, transaction)
    else { return chains }
    let broken = BrokenLink(length: 1, detail: fault, key: "offset:\(consumer)")
    return chains + [VerifiedChain(launch: ConsumerOffsets.subject, head: .empty, broken: broken)]
  }

  private func registerState(on router: inout ServiceRouter) {
    router.read(ServiceRoutes.auditCheck(identity.service)) { params, call in
      try Rights.require(call.actor, .read)
      let environment = call.environment
      return try await environment.database.read { db in
        AuditCheck(
          head: try environment.audit.head(launch: params.launch, db),
          broken: try environment.state.contradiction(of: params.launch, citing: params.cited ?? [], db))
      }
    }
    router.change(ServiceRoutes.auditAccept(identity.service)) { params, call, tx in
      try Rights.require(call.actor, .productOps)
      return try tx.acceptState(of: params.launch, reason: params.reason)
    }
  }
}
