import Contract
public import LaunchModel
import Logging
public import Messaging
import ServiceLifecycle
public import Storage
import UnixSignals

/// A service put together: its store brought up to date, its domain made, its calls and events ready to be given to it.
public struct ServiceRuntime<Service: DomainService>: Sendable {
  /// What the service was given.
  public let environment: ServiceEnvironment
  /// The domain itself, made after its schema was brought up to date.
  public let service: Service
  /// Answers the service's calls.
  public let handler: any CallHandler
  /// Applies the bus's events.
  public let effects: any EventEffects
  /// Which process this is.
  public let identity: ProcessIdentity

  /// The name by which the bus knows the service's consumer.
  public static var consumer: String { Service.name.rawValue }

  /// The types of events that it follows: its own, and the roster.
  public var subscriptions: [String] { service.subscriptions + [Announcements.rosterAdopted.name] }

  /// Puts the service together.
  ///
  /// - Parameters:
  ///   - own: the principals that this process is to others.
  ///   - wallClock: for the age of idempotency keys.
  ///   - announcementWait: how long a change waits for its events to be on the bus before it answers without.
  /// - Throws: `StartError` where the clock is behind the data; `StorageError` where the store is not the program's.
  public init(
    environment: ServiceEnvironment, own: Set<Principal> = [ProcessIdentity.ownPrincipal],
    wallClock: any ServiceClock = SystemClock(), announcementWait: Duration = .seconds(1)
  ) async throws {
    self.environment = environment
    try await environment.database.migrate(Self.migrations)
    try await Self.refuseClockBehindData(environment)
    try await environment.database.write { try Outbox.requeueRejected($0) }
    if let roster = try await environment.database.read({ try RosterRepository.load($0) }) { environment.adopt(roster) }
    service = try await Service(environment)
    effects = StoreEffects(environment: environment, service: service, consumer: Self.consumer)
    environment.gate.advance(to: try await effects.offset())
    let statistics = CallStatistics()
    var router = ServiceRouter()
    service.register(on: &router)
    identity = ProcessIdentity(service: Service.name, startedAt: environment.clock.now())
    CommonHandlers(
      identity: identity, statistics: statistics, consumer: Self.consumer,
      contradiction: { [service] in try service.contradiction(to: $0, of: $1, $2) }
    ).register(on: &router)
    handler = CallDispatcher(
      environment: environment, routes: router.routes, statistics: statistics, own: own, wallClock: wallClock,
      announcementWait: announcementWait)
    try await service.started(environment)
  }

  /// Publishes what is announced until the task is cancelled.
  public func relayAnnouncements() async throws { try await environment.relay.run() }

  /// Publishes what is announced so far; beside `relayAnnouncements` or without it.
  public func publishAnnouncements() async throws {
    while try await environment.relay.publishSome() {}
  }

  /// The service's tables, and before them those that the kit itself keeps in every service's store.
  public static var migrations: [Migration] {
    Outbox.migrations + ConsumerOffsets.migrations + IdempotencyStore.migrations + AuditChain.migrations
      + ClockMark.migrations + RosterRepository.migrations + Leases.migrations + Service.migrations
  }

  private static func refuseClockBehindData(_ environment: ServiceEnvironment) async throws {
    guard let latest = try await environment.database.read({ try ClockMark.latest($0) }) else { return }
    if environment.database.isShared { try await environment.clock.wait(for: latest) }
    let now = environment.clock.now()
    guard now < latest else { return }
    throw StartError(
      .wrongData,
      "the clock says \(now), and the data was last changed at \(latest): "
        + "set the clock right, or start with the GONOGO_CLOCK that the data was written under")
  }
}

/// What a service runs side by side, ended in the reverse order: first no more calls, at last no more announcements.
enum ServiceTasks {
  static func run<Service: DomainService>(
    _ runtime: ServiceRuntime<Service>, server: RPCServer, bus: BusClient, logger: Logger
  ) async throws {
    let environment = runtime.environment
    let consumer = EventConsumer(
      name: ServiceRuntime<Service>.consumer, types: runtime.subscriptions, bus: bus, effects: runtime.effects,
      gate: environment.gate, logger: logger)
    let work = LeasedTasks(
      keeper: LeaseHolder(database: environment.database, holder: runtime.identity.instance, logger: logger),
      consumer: consumer, jobs: runtime.service.jobs, environment: environment,
      standBy: StandbyReplica(environment: environment, consumer: consumer.name, types: runtime.subscriptions))
    let services: [any ServiceLifecycle.Service] = [
      UntilShutdown("outbox relay") { try await runtime.relayAnnouncements() },
      UntilShutdown("events and jobs") { try await work.run() },
      ServingHandlers(server: server),
    ]
    var configuration = ServiceGroupConfiguration(
      services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
      gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    try await ServiceGroup(configuration: configuration).run()
  }
}

/// Runs something until shutdown, by cancelling it.
private struct UntilShutdown: ServiceLifecycle.Service, CustomStringConvertible {
  /// For the lifecycle's log.
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
      // That is how it is told to end.
    }
  }
}

/// Serves calls until shutdown, and answers those taken up before it returns.
private struct ServingHandlers: ServiceLifecycle.Service, CustomStringConvertible {
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

/// What one replica of a service does for all: applying events, and sweeping.
struct LeasedTasks: Sendable {
  let keeper: LeaseHolder
  let consumer: EventConsumer
  let jobs: [Job]
  let environment: ServiceEnvironment
  let standBy: StandbyReplica

  /// Works whenever this replica has the lease, until the task is cancelled.
  func run() async throws {
    try await keeper.run(standBy: { await standBy.run() }) {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await consumer.run() }
        for sweep in jobs { group.addTask { await JobLoop(sweep: sweep, environment: environment).run() } }
      }
    }
  }
}

/// One sweep, pass after pass, until it is cancelled or told that its lease is lost.
private struct JobLoop {
  let sweep: Job
  let environment: ServiceEnvironment

  func run() async {
    while !Task.isCancelled {
      do {
        try await sweep.body(environment)
      } catch is CancellationError {
        return
      } catch {
        environment.logger.warning(
          "a sweep failed and is tried again", metadata: ["sweep": "\(sweep.name)", "error": "\(error)"])
      }
      do { try await Task.sleep(for: sweep.every) } catch { return }
    }
  }
}

/// One client for each service, made at start and connected with its first call.
struct RPCPeers: PeerDirectory {
  private let clients: [ServiceName: RPCClient]
  private let unknown: any PeerClient = UnknownPeer()

  init(_ clients: [ServiceName: RPCClient]) { self.clients = clients }

  func client(for service: ServiceName) -> any PeerClient { clients[service] ?? unknown }
}

/// Stands for a service that no endpoint is known of.
private struct UnknownPeer: PeerClient {
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output {
    throw Problem(
      .unavailable, code: "unreachable", title: "The service cannot be reached",
      detail: "no endpoint of \(route.service.rawValue) is known")
  }
}
