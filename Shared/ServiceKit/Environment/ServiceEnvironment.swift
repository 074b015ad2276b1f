public import LaunchModel
public import Logging
public import Messaging
public import Storage
import Synchronization

/// The dependencies of a service: its store, clock, settings, the bus, its peers and the roster.
public final class ServiceEnvironment: Sendable {
  /// The service, which is also the source of its events and the name of its consumer.
  public let service: ServiceName
  /// The service's own store; no other service opens it.
  public let database: any Database
  /// The source of all times; simulated if `GONOGO_CLOCK` is set.
  public let clock: any ServiceClock
  /// The settings as of the start of the process; they do not change while it runs.
  public let settings: ServiceSettings
  /// The bus, for reading the log. Announcements go through `ServiceTransaction.announce`.
  public let bus: any EventBus
  /// The logger of the service as a whole.
  public let logger: Logger
  /// The offset up to which this service has processed events.
  public let progress: OffsetWaiter
  /// The audit chains of this service.
  public let audit: AuditChain
  /// Compares the store with the audit chains.
  public let state: StateLedger

  let relay: OutboxRelay
  private let peers: any PeerDirectory
  private let adopted = Mutex<AdoptedRoster?>(nil)

  public init(
    service: ServiceName, database: any Database, clock: any ServiceClock, settings: ServiceSettings, bus: any EventBus,
    peers: any PeerDirectory, progress: OffsetWaiter = OffsetWaiter(), logger: Logger
  ) {
    self.service = service
    self.database = database
    self.clock = clock
    self.settings = settings
    self.bus = bus
    self.peers = peers
    self.progress = progress
    self.logger = logger
    audit = AuditChain(service: service)
    state = StateLedger(audit)
    relay = OutboxRelay(database: database, bus: bus, logger: logger)
  }

  /// The adopted roster; nil before the first adoption.
  public var roster: Roster? { adopted.withLock { $0?.roster } }

  /// The version of the adopted roster; nil before the first adoption.
  var rosterVersion: Int? { adopted.withLock { $0?.version } }

  /// Waits until the service has processed events up to an offset.
  ///
  /// - Returns: whether it has before the deadline.
  /// - Throws: `StorageError` or `Problem` if the service cannot get there until an operator acts: its store is
  ///   unusable, a disk is full, or the log is damaged; `CancellationError`.
  public func reach(_ offset: Int64, until deadline: ContinuousClock.Instant) async throws -> Bool {
    while true {
      if try await progress.wait(for: offset, until: min(deadline, .now + .milliseconds(250))) { return true }
      if let outage = database.outage { throw outage }
      if let failure = progress.failure.flatMap({ ErrorReport.lasting($0, of: service) }) { throw failure }
      guard .now < deadline else { return false }
    }
  }

  /// Returns the client of another service. The architecture defines which services may call which.
  public func clients(for service: ServiceName) -> any PeerClient { peers.client(for: service) }

  /// Runs a write transaction outside a call, such as that of a job, as the service itself unless an actor is given.
  /// Its events are published after the commit.
  @discardableResult
  public func change<R: Sendable>(
    as actor: Actor? = nil, _ body: @escaping @Sendable (ServiceTransaction) throws -> R
  ) async throws -> R {
    try await commit(as: actor ?? .service(service), body).result
  }

  /// Runs a write transaction and returns its result with the outbox position of its last announcement.
  func commit<R: Sendable>(
    as actor: Actor, _ body: @escaping @Sendable (ServiceTransaction) throws -> R
  ) async throws -> Committed<R> {
    let lease = FencedWork.lease
    let committed = try await database.write { [self] db in
      try FencedWork.renew(lease, db)
      let tx = ServiceTransaction(db: db, environment: self, now: try nextTime(db), actor: actor)
      let result = try body(tx)
      try tx.seal()
      try ClockMark.advance(to: tx.now, db)
      return Committed(result: result, announcedBy: tx.announcedBy, roster: tx.adoptedRoster)
    }
    if let roster = committed.roster { adopt(roster) }
    if committed.announcedBy != nil { relay.wake() }
    return committed
  }

  /// Returns the clock's time, but never one before a time already used, even by another replica's clock: the times in
  /// a store never decrease.
  private func nextTime(_ db: any Transaction) throws -> Timestamp {
    let now = clock.now()
    return max(now, try ClockMark.latest(db) ?? now)
  }

  /// Reads the roster again even if one is known, because the store has lost transactions and an older one may now be
  /// current.
  ///
  /// - Throws: `StorageError` if it was changed without gonogo; the known roster then stays in force.
  func rereadRoster() async throws {
    // In a write transaction, so that no adoption can happen at the same time.
    try await database.write { [self] db in
      let stored = try RosterRepository.load(db, trusting: state)
      adopted.withLock { $0 = stored }
    }
  }

  /// Adopts a roster unless a newer one is known.
  func adopt(_ roster: AdoptedRoster) {
    adopted.withLock { current in
      if roster.version > current?.version ?? .min { current = roster }
    }
  }
}

/// The outcome of a committed transaction.
struct Committed<R: Sendable>: Sendable {
  let result: R
  /// The outbox position of its last announcement; nil if there was none.
  let announcedBy: Int64?
  let roster: AdoptedRoster?
}

/// The latest service-clock time of any change. A clock that shows an earlier time is wrong.
enum ClockMark {
  /// The migrations for its tables; they run before the service's own.
  static let migrations = [
    Migration(
      id: "clock/001-mark",
      sql: ["CREATE TABLE clock_mark (one BIGINT PRIMARY KEY, latest BIGINT NOT NULL)"])
  ]

  /// Returns the latest time of any change, or nil before the first change.
  static func latest(_ transaction: any Transaction) throws -> Timestamp? {
    try transaction.queryOne("SELECT latest FROM clock_mark WHERE one = 1")?.timestamp("latest")
  }

  /// Moves the mark forward to the time of a change; an earlier time has no effect.
  static func advance(to now: Timestamp, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO clock_mark (one, latest) VALUES (1, ?)
      ON CONFLICT (one) DO UPDATE SET latest = excluded.latest WHERE clock_mark.latest < excluded.latest
      """, [now])
  }
}
