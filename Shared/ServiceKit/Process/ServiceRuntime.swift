public import Contract
public import LaunchModel
import Logging
public import Messaging
import ServiceLifecycle
public import Storage
import UnixSignals

/// An assembled service: its migrated store, its domain, and the handlers of its calls and events.
public struct ServiceRuntime<Service: DomainService>: Sendable {
  /// The dependencies of the service.
  public let environment: ServiceEnvironment
  /// The domain, created after the schema was migrated.
  public let service: Service
  /// Handles the service's calls.
  public let handler: any CallHandler
  /// Applies the bus's events.
  public let sink: any EventSink
  /// The identity of this process.
  public let identity: ProcessIdentity
  /// The methods that it answers.
  public let routes: [RouteDescription]

  /// The name of the service's consumer on the bus.
  public static var consumer: String { Service.name.rawValue }

  /// The prefixes of the event types to fetch from the bus: those of its handlers, and of the roster.
  public let subscriptions: [String]

  /// Assembles the service.
  ///
  /// - Parameters:
  ///   - ownPrincipals: the principals under which others see this process.
  ///   - wallClock: measures the age of idempotency keys.
  ///   - announcementWait: how long a change waits for its events to reach the bus before it is answered without.
  /// - Throws: `StartError` if the clock is behind the data; `StorageError` if the store is unusable for this program,
  ///   or if its roster or its offset in the log was changed without gonogo.
  public init(
    environment: ServiceEnvironment, ownPrincipals: Set<Principal> = [ProcessIdentity.ownPrincipal],
    wallClock: any ServiceClock = SystemClock(), announcementWait: Duration = .seconds(1)
  ) async throws {
    self.environment = environment
    try await environment.database.migrate(Self.migrations)
    try await Self.requireClockNotBehindData(environment)
    environment.state.cover([RosterRepository.audited] + Service.auditedTables)
    let now = environment.clock.now()
    try await environment.database.write { [environment, consumer = Self.consumer] db in
      try ConsumerOffsets.begin(consumer, environment.audit, db)
      try Outbox.requeueRejected(db)
      try environment.state.checkpoint(at: now, by: Actor.service(environment.service).description, db)
    }
    let roster = try await environment.database.read { [state = environment.state] db in
      try RosterRepository.load(db, trusting: state)
    }
    if let roster { environment.adopt(roster) }
    service = try await Service(environment)
    var events = EventRouter()
    service.register(on: &events)
    guard events.conflicts.isEmpty else {
      throw StartError(
        .internalError, "two handlers are registered for \(events.conflicts.sorted().joined(separator: ", "))")
    }
    subscriptions = events.subscriptions + [Announcements.rosterAdopted.name]
    sink = EventApplier(environment: environment, router: events, consumer: Self.consumer)
    environment.progress.advance(to: try await sink.offset())
    let statistics = CallStatistics()
    var router = ServiceRouter()
    service.register(on: &router)
    identity = ProcessIdentity(service: Service.name, startedAt: environment.clock.now())
    CommonHandlers(
      identity: identity, statistics: statistics, consumer: Self.consumer,
      contradiction: { [service] in try service.contradiction(to: $0, of: $1, $2) }
    ).register(on: &router)
    routes = router.descriptions
    handler = CallDispatcher(
      environment: environment, routes: router.routes, statistics: statistics, ownPrincipals: ownPrincipals,
      wallClock: wallClock,
      announcementWait: announcementWait)
    try await service.started(environment)
  }

  /// Publishes announcements until the task is cancelled.
  public func relayAnnouncements() async throws { try await environment.relay.run() }

  /// Publishes the announcements made so far, with or without `relayAnnouncements` running.
  public func publishAnnouncements() async throws {
    while try await environment.relay.publishSome() {}
  }

  /// The migrations of the tables that every service has, followed by the service's own.
  public static var migrations: [Migration] {
    Outbox.migrations + ConsumerOffsets.migrations + IdempotencyStore.migrations + AuditChain.migrations
      + ClockMark.migrations + RosterRepository.migrations + Leases.migrations + Service.migrations
  }

  private static func requireClockNotBehindData(_ environment: ServiceEnvironment) async throws {
    guard let latest = try await environment.database.read({ try ClockMark.latest($0) }) else { return }
    if environment.database.isShared { try await environment.clock.wait(for: latest) }
    let now = environment.clock.now()
    guard now < latest else { return }
    throw StartError(
      .wrongData,
      "the clock is at \(now), before the last change of the data at \(latest): "
        + "correct the clock, or set the GONOGO_CLOCK that the data was written with")
  }
}

/// Runs the parts of a service concurrently and stops them in reverse order: calls first, announcements last.
enum ServiceTasks {
  static func run<Service: DomainService>(
    _ runtime: ServiceRuntime<Service>, server: RPCServer, bus: BusClient, logger: Logger
  ) async throws {
    let environment = runtime.environment
    let consumer = EventConsumer(
      name: ServiceRuntime<Service>.consumer, types: runtime.subscriptions, bus: bus, sink: runtime.sink,
      progress: environment.progress, pace: Service.pace, logger: logger)
    let work = LeasedTasks(
      leaseHolder: LeaseHolder(database: environment.database, holder: runtime.identity.instance, logger: logger),
      consumer: consumer, jobs: runtime.service.jobs, environment: environment,
      standby: StandbyReplica(environment: environment, consumer: consumer.name, types: runtime.subscriptions))
    let services: [any ServiceLifecycle.Service] = [
      UntilShutdown("outbox relay") { try await runtime.relayAnnouncements() },
      UntilShutdown("events and jobs") { try await work.run() },
      CallServing(server: server),
    ]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Runs the body until graceful shutdown, which cancels it.
private struct UntilShutdown: ServiceLifecycle.Service, CustomStringConvertible {
  /// The name in the lifecycle's log.
  let description: String
  let body: @Sendable () async throws -> Void

  init(_ description: String, _ body: @escaping @Sendable () async throws -> Void) {
    self.description = description
    self.body = body
  }

  func run() async throws {
    do {
      try await cancelWhenGracefulShutdown { try await body() }
    } catch is CancellationError {
      // Cancellation is the normal end.
    }
  }
}

/// Serves calls until graceful shutdown; accepted calls are answered before it returns.
private struct CallServing: ServiceLifecycle.Service, CustomStringConvertible {
  let server: RPCServer

  var description: String { "calls" }

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await server.run()
    } onGracefulShutdown: {
      server.beginShutdown()
    }
  }
}

/// The work that one replica of a service does for all of them: applying events and running jobs.
struct LeasedTasks: Sendable {
  let leaseHolder: LeaseHolder
  let consumer: EventConsumer
  let jobs: [Job]
  let environment: ServiceEnvironment
  let standby: StandbyReplica

  /// Runs the work whenever this replica holds the lease, until the task is cancelled.
  func run() async throws {
    try await leaseHolder.run(standBy: { await standby.run() }) {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await consumer.run() }
        for job in jobs { group.addTask { await JobLoop(job: job, environment: environment).run() } }
      }
    }
  }
}

/// Runs one job at its interval until it is cancelled or its lease is lost.
private struct JobLoop {
  let job: Job
  let environment: ServiceEnvironment

  func run() async {
    while !Task.isCancelled {
      do {
        try await job.body(environment)
      } catch is CancellationError {
        return
      } catch {
        environment.logger.warning(
          "job failed; retrying at its next run", metadata: ["job": "\(job.name)", "error": "\(error)"])
      }
      do { try await Task.sleep(for: job.every) } catch { return }
    }
  }
}

/// The clients of all services, created at start and connected with their first call.
struct RPCPeers: PeerDirectory {
  private let clients: [ServiceName: RPCClient]
  private let unknown: any PeerClient = UnknownPeer()

  init(_ clients: [ServiceName: RPCClient]) { self.clients = clients }

  func client(for service: ServiceName) -> any PeerClient { clients[service] ?? unknown }
}

/// The client of a service whose endpoint is unknown; every call fails.
private struct UnknownPeer: PeerClient {
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output {
    throw Problem(
      .unavailable, code: "unreachable", title: "cannot reach \(route.service.rawValue)",
      detail: "no endpoint of \(route.service.rawValue) is known")
  }
}
