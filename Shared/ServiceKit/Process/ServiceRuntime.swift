public import LaunchModel
public import Messaging
public import Storage

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
  /// - Throws: `StartFailure` where the clock is behind the data; `StorageError` where the store is not the program's.
  public init(
    environment: ServiceEnvironment, own: Set<Principal> = [ProcessIdentity.ownPrincipal],
    wallClock: any ServiceClock = SystemClock(), announcementWait: Duration = .seconds(1)
  ) async throws {
    self.environment = environment
    try await environment.database.migrate(Self.migrations)
    try await Self.refuseClockBehindData(environment)
    try await environment.database.write { try Outbox.takeBackRejected($0) }
    if let roster = try await environment.database.read({ try RosterTable.load($0) }) { environment.adopt(roster) }
    service = try await Service(environment)
    effects = StoreEffects(environment: environment, service: service, consumer: Self.consumer)
    environment.gate.advance(to: try await effects.offset())
    let statistics = CallStatistics()
    var router = ServiceRouter()
    service.register(on: &router)
    identity = ProcessIdentity(service: Service.name, startedAt: environment.clock.now())
    CommonCalls(
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
      + ClockMark.migrations + RosterTable.migrations + Leases.migrations + Service.migrations
  }

  private static func refuseClockBehindData(_ environment: ServiceEnvironment) async throws {
    guard let latest = try await environment.database.read({ try ClockMark.latest($0) }) else { return }
    if environment.database.isShared { try await environment.clock.wait(for: latest) }
    let now = environment.clock.now()
    guard now < latest else { return }
    throw StartFailure(
      .wrongData,
      "the clock says \(now), and the data was last changed at \(latest): "
        + "set the clock right, or start with the GONOGO_CLOCK that the data was written under")
  }
}
