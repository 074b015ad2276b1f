public import LaunchModel
public import Logging
public import Messaging
public import Storage
import Synchronization

/// What a service has around it: its store, the clock, its settings, the bus, its peers and the roster.
public final class ServiceEnvironment: Sendable {
  /// Which service it is; source of its events and name of its consumer.
  public let service: ServiceName
  /// The service's own store; no other service opens it.
  public let database: any Database
  /// Where every time comes from; a scaled one where `GONOGO_CLOCK` is set.
  public let clock: any ServiceClock
  /// As they were when the process started; they do not change while it runs.
  public let settings: ServiceSettings
  /// The bus, for those who read the log itself; announcements go through `ServiceTransaction.announce`.
  public let bus: any EventBus
  /// Writes for the service as a whole.
  public let logger: Logger
  /// How far the bus has been processed here.
  public let gate: OffsetWaiter
  /// The audit chains of this service.
  public let audit: AuditChain

  let relay: OutboxRelay
  private let peers: any PeerDirectory
  private let adopted = Mutex<AdoptedRoster?>(nil)

  public init(
    service: ServiceName, database: any Database, clock: any ServiceClock, settings: ServiceSettings, bus: any EventBus,
    peers: any PeerDirectory, gate: OffsetWaiter = OffsetWaiter(), logger: Logger
  ) {
    self.service = service
    self.database = database
    self.clock = clock
    self.settings = settings
    self.bus = bus
    self.peers = peers
    self.gate = gate
    self.logger = logger
    audit = AuditChain(service: service)
    relay = OutboxRelay(database: database, bus: bus, logger: logger)
  }

  /// The adopted roster, or nil before there is one.
  public var roster: Roster? { adopted.withLock { $0?.roster } }

  /// Its version; nil before there is one.
  var rosterVersion: Int? { adopted.withLock { $0?.version } }

  /// Asks another service; for the directions that are allowed see the architecture.
  public func clients(for service: ServiceName) -> any PeerClient { peers.client(for: service) }

  /// One write transaction outside a call, as of a sweep, by the service itself unless an actor is given; what it
  /// announces is published after the commit.
  @discardableResult
  public func change<R: Sendable>(
    as actor: Actor? = nil, _ body: @escaping @Sendable (ServiceTransaction) throws -> R
  ) async throws -> R {
    try await commit(as: actor ?? .service(service), body).result
  }

  /// The same, with the outbox position of what it announced last.
  func commit<R: Sendable>(
    as actor: Actor, _ body: @escaping @Sendable (ServiceTransaction) throws -> R
  ) async throws -> Committed<R> {
    let lease = FencedWork.lease
    let committed = try await database.write { [self] db in
      try FencedWork.prove(lease, db)
      let tx = ServiceTransaction(db: db, environment: self, now: try nextMoment(db), actor: actor)
      let result = try body(tx)
      try ClockMark.advance(to: tx.now, db)
      return Committed(result: result, announcedBy: tx.announcedBy, roster: tx.adoptedRoster)
    }
    if let roster = committed.roster { adopt(roster) }
    if committed.announcedBy != nil { relay.wake() }
    return committed
  }

  /// The clock's time, but never earlier than any given before, by another replica's clock as well: entries of one store do not
  /// go back in time.
  private func nextMoment(_ db: any Transaction) throws -> Timestamp {
    let now = clock.now()
    return max(now, try ClockMark.latest(db) ?? now)
  }

  /// Takes over a roster, unless a later one is known.
  func adopt(_ roster: AdoptedRoster) {
    adopted.withLock { current in
      if roster.version > current?.version ?? .min { current = roster }
    }
  }
}

/// What a transaction led to, beside its result.
struct Committed<R: Sendable>: Sendable {
  let result: R
  /// The outbox position of its last announcement.
  let announcedBy: Int64?
  let roster: AdoptedRoster?
}
