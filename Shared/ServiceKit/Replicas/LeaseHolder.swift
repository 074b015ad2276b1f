public import LaunchModel
import Logging
import Storage

/// Runs the work on the one replica that holds the lease; the others are on standby.
struct LeaseHolder: Sendable {
  /// The name of the lease under which a service applies events and runs jobs.
  static let name = "work"

  let database: any Database
  /// The name of this process, unique and never reused.
  let holder: String
  var pace = LeasePace()
  let logger: Logger

  /// Alternates between standby and work, depending on whether it holds the lease, until the task is cancelled; then
  /// releases the lease.
  ///
  /// - Parameters:
  ///   - standBy: runs while another replica holds the lease, and is cancelled when this one acquires it.
  ///   - work: runs while this replica holds the lease (`FencedWork.lease`), and is cancelled when the lease is lost.
  func run(
    standBy: @escaping @Sendable () async -> Void, work: @escaping @Sendable () async throws -> Void
  ) async throws {
    while let lease = await acquire(whileRunning: standBy) {
      logger.info("lease acquired", metadata: ["epoch": "\(lease.epoch)"])
      do {
        try await hold(lease, work)
        await release(lease)
      } catch is CancellationError {
        await release(lease)
      } catch {
        await release(lease)
        throw error
      }
    }
  }

  private func acquire(whileRunning standBy: @escaping @Sendable () async -> Void) async -> Lease? {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await standBy() }
      defer { group.cancelAll() }
      return await acquire()
    }
  }

  /// Waits until the lease is acquired; nil if the task is cancelled.
  private func acquire() async -> Lease? {
    var watch = LeaseWatch(term: pace.term)
    while !Task.isCancelled {
      do {
        if let lease = try await take(&watch) { return lease }
      } catch {
        watch.restart()
        logger.debug("lease cannot be read", metadata: ["error": "\(error)"])
      }
      do { try await Task.sleep(for: pace.pollInterval) } catch { return nil }
    }
    return nil
  }

  private func take(_ watch: inout LeaseWatch) async throws -> Lease? {
    let standing = try await database.read { try Leases.standing(Self.name, $0) }
    // A store that is not shared has no other live holder, because its last one must have ended.
    guard watch.mayTake(standing, at: .now) || !database.isShared else { return nil }
    return try await database.write { [holder] in try Leases.take(Self.name, for: holder, over: standing, $0) }
  }

  /// Runs the work until it ends or the lease is lost.
  private func hold(_ lease: Lease, _ work: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await sendHeartbeats(lease) }
      group.addTask { try await FencedWork.$lease.withValue(lease) { try await work() } }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Sends heartbeats until the lease is lost or the task is cancelled. The lease is not lost while the store is
  /// unreachable, because then no other replica can reach it either.
  private func sendHeartbeats(_ lease: Lease) async {
    while true {
      do { try await Task.sleep(for: pace.heartbeatInterval) } catch { return }
      do {
        guard try await database.write({ try Leases.beat(lease, $0) }) else {
          return logger.notice("lease lost to another replica", metadata: ["epoch": "\(lease.epoch)"])
        }
      } catch {
        logger.debug("lease heartbeat failed", metadata: ["error": "\(error)"])
      }
    }
  }

  private func release(_ lease: Lease) async {
    do {
      try await database.write { try Leases.release(lease, $0) }
    } catch {
      logger.info("lease not released; another replica must wait for it to expire", metadata: ["error": "\(error)"])
    }
  }
}

/// An exclusive right that one process holds until another one takes it over. Of several replicas, the holder applies
/// events and runs jobs.
struct Lease: Sendable, Hashable {
  /// The lease's name, such as `work`.
  let name: String
  /// The holder's name, unique among all processes at all times.
  let holder: String
  /// The fencing epoch, which increases each time the lease changes hands.
  let epoch: Int64

  init(name: String, holder: String, epoch: Int64) {
    self.name = name
    self.holder = holder
    self.epoch = epoch
  }
}

/// The leases of a store, one row each.
///
/// A holder renews its lease by heartbeats, which any of its transactions can include. A process that has seen no
/// heartbeat for long enough takes the lease over, which increases the epoch. A write is fenced by a heartbeat in its
/// own transaction: if that finds another epoch, nothing is committed.
enum Leases {
  /// The state of a lease in the store.
  struct Standing: Sendable, Hashable {
    /// The lease as it was last taken.
    let lease: Lease
    /// The number of heartbeats since it was taken.
    let beats: Int64
    /// Whether the holder has released it.
    let isFree: Bool
  }

  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  static let migrations = [
    Migration(
      id: "leases/001-leases",
      sql: [
        """
        CREATE TABLE leases (
          name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, beats BIGINT NOT NULL,
          free BIGINT NOT NULL)
        """
      ])
  ]

  /// Returns the state of the lease; nil if it has never been taken.
  static func standing(_ name: String, _ transaction: any Transaction) throws -> Standing? {
    let row = try transaction.queryOne("SELECT holder, epoch, beats, free FROM leases WHERE name = ?", [name])
    guard let row else { return nil }
    return Standing(
      lease: Lease(name: name, holder: try row.text("holder"), epoch: try row.integer("epoch")),
      beats: try row.integer("beats"), isFree: try row.integer("free") != 0)
  }

  /// Takes the lease if its state has not changed since it was observed.
  ///
  /// - Parameter standing: the observed state; nil if the lease did not exist.
  /// - Returns: the new lease; nil if the holder has since sent a heartbeat, or another process has taken the lease.
  static func take(
    _ name: String, for holder: String, over standing: Standing?, _ transaction: any Transaction
  ) throws -> Lease? {
    guard try self.standing(name, transaction) == standing else { return nil }
    let lease = Lease(name: name, holder: holder, epoch: (standing?.lease.epoch ?? 0) + 1)
    try transaction.execute(
      """
      INSERT INTO leases (name, holder, epoch, beats, free) VALUES (?, ?, ?, 0, 0)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, beats = 0, free = 0
      """, [name, holder, lease.epoch])
    return lease
  }

  /// Records a heartbeat of the holder. Returns false if it no longer holds the lease.
  static func beat(_ lease: Lease, _ transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      "UPDATE leases SET beats = beats + 1 WHERE name = ? AND holder = ? AND epoch = ? AND free = 0",
      [lease.name, lease.holder, lease.epoch]) == 1
  }

  /// Releases the lease so that the next holder need not wait. Has no effect if another process has already taken it.
  static func release(_ lease: Lease, _ transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE leases SET free = 1 WHERE name = ? AND holder = ? AND epoch = ?",
      [lease.name, lease.holder, lease.epoch])
  }
}

/// The intervals of heartbeats and polls. With the defaults, another replica takes over within 3 s of a holder's end.
struct LeasePace: Sendable, Hashable {
  /// How long a holder may be silent before the lease may be taken. Default 2 s.
  var term = Duration.seconds(2)
  /// How often a holder sends a heartbeat. Default 400 ms.
  var heartbeatInterval = Duration.milliseconds(400)
  /// How often the other replicas poll the lease. Default 250 ms.
  var pollInterval = Duration.milliseconds(250)
}

/// Decides when the lease of another process may be taken: when it has been released, or when no heartbeat has been
/// seen for a whole term.
///
/// Time is measured on this process's monotonic clock between two reads of the store, so that clocks need not agree.
struct LeaseWatch {
  private let term: Duration
  private var seen: (standing: Leases.Standing, since: ContinuousClock.Instant)?

  /// - Parameter term: how long the holder may be silent.
  init(term: Duration) { self.term = term }

  /// Records the current state of the lease, and returns whether it may be taken.
  mutating func mayTake(_ standing: Leases.Standing?, at now: ContinuousClock.Instant) -> Bool {
    guard let standing, !standing.isFree else { return true }
    guard let seen, seen.standing == standing else {
      seen = (standing, now)
      return false
    }
    return now - seen.since >= term
  }

  /// Restarts the term, for example after an outage of the store, during which the holder could not send heartbeats
  /// either.
  mutating func restart() { seen = nil }
}

/// The lease under which the current task works.
///
/// Every change that the task makes with `ServiceEnvironment.change`, and every batch of events that it applies, renews
/// the lease in its own transaction. If another replica holds the lease by then, nothing is committed and the task ends
/// with a `CancellationError`.
enum FencedWork {
  /// The lease; nil in calls, which any replica may serve.
  @TaskLocal static var lease: Lease?

  /// Renews the lease in a transaction; does nothing without a lease.
  ///
  /// - Throws: `CancellationError` if the lease is lost.
  static func renew(_ lease: Lease?, _ transaction: any Transaction) throws {
    guard let lease, try !Leases.beat(lease, transaction) else { return }
    throw CancellationError()
  }
}

extension ServiceClock {
  /// Waits, for at most 2 s, until the clock has reached the time of data that another host may have written by its own
  /// clock.
  public func wait(for latest: Timestamp?) async throws {
    guard let latest else { return }
    let deadline = ContinuousClock.now + .seconds(2)
    while now() < latest, .now < deadline { try await Task.sleep(for: .milliseconds(50)) }
  }
}
