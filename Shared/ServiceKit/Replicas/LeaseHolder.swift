public import LaunchModel
import Logging
import Storage

/// Lets one of all replicas do the work, as long as it holds the lease; the others stand by.
struct LeaseHolder: Sendable {
  /// The lease under which a service applies events and sweeps.
  static let name = "work"

  let database: any Database
  /// This process, by a name that no other ever has.
  let holder: String
  var pace = LeasePace()
  let logger: Logger

  /// Stands by, works when the lease is had, and stands by again when it is lost, until the task is cancelled; then gives the
  /// lease up.
  ///
  /// - Parameters:
  ///   - standBy: runs while another has the lease, and is cancelled when it is had.
  ///   - work: runs under the lease (`FencedWork.lease`), and is cancelled when it is lost.
  func run(
    standBy: @escaping @Sendable () async -> Void, work: @escaping @Sendable () async throws -> Void
  ) async throws {
    while let lease = await acquire(beside: standBy) {
      logger.info("this replica works", metadata: ["epoch": "\(lease.epoch)"])
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

  private func acquire(beside standBy: @escaping @Sendable () async -> Void) async -> Lease? {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await standBy() }
      defer { group.cancelAll() }
      return await acquire()
    }
  }

  /// Waits for the lease; nil when the task is cancelled.
  private func acquire() async -> Lease? {
    var watch = LeaseWatch(term: pace.term)
    while !Task.isCancelled {
      do {
        if let lease = try await take(&watch) { return lease }
      } catch {
        watch.forget()
        logger.debug("the lease cannot be looked at", metadata: ["error": "\(error)"])
      }
      do { try await Task.sleep(for: pace.look) } catch { return nil }
    }
    return nil
  }

  private func take(_ watch: inout LeaseWatch) async throws -> Lease? {
    let standing = try await database.read { try Leases.standing(Self.name, $0) }
    // A store of this process alone was another's before, and that one is gone.
    guard watch.mayTake(standing, at: .now) || !database.isShared else { return nil }
    return try await database.write { [holder] in try Leases.take(Self.name, for: holder, over: standing, $0) }
  }

  /// Works until the lease is lost or the work has ended.
  private func hold(_ lease: Lease, _ work: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await beat(lease) }
      group.addTask { try await FencedWork.$lease.withValue(lease) { try await work() } }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Beats until the lease is lost or the task is cancelled. A store that is away loses no lease: nobody else gets at it.
  private func beat(_ lease: Lease) async {
    while true {
      do { try await Task.sleep(for: pace.beat) } catch { return }
      do {
        guard try await database.write({ try Leases.beat(lease, $0) }) else {
          return logger.notice("another replica works now", metadata: ["epoch": "\(lease.epoch)"])
        }
      } catch {
        logger.debug("the lease cannot be kept up", metadata: ["error": "\(error)"])
      }
    }
  }

  private func release(_ lease: Lease) async {
    do {
      try await database.write { try Leases.release(lease, $0) }
    } catch {
      logger.info("the lease cannot be given up; another waits for its term", metadata: ["error": "\(error)"])
    }
  }
}

/// How often replicas look and beat. The defaults let another work within 3 s of a holder's end.
struct LeasePace: Sendable, Hashable {
  /// How long a holder may be silent. Default 2 s.
  var term = Duration.seconds(2)
  /// How often a holder beats. Default 400 ms.
  var beat = Duration.milliseconds(400)
  /// How often the others look. Default 250 ms.
  var look = Duration.milliseconds(250)
}

/// Says when the lease of another process may be taken: when it is given up, or has been seen without a beat for a term.
///
/// The time is that of the own monotonic clock between two looks at the store, so clocks need not agree.
struct LeaseWatch {
  private let term: Duration
  private var seen: (standing: Leases.Standing, since: ContinuousClock.Instant)?

  /// - Parameter term: how long the holder may be silent.
  init(term: Duration) { self.term = term }

  /// Takes note of how the lease stands, and says whether to take it.
  mutating func mayTake(_ standing: Leases.Standing?, at now: ContinuousClock.Instant) -> Bool {
    guard let standing, !standing.isFree else { return true }
    guard let seen, seen.standing == standing else {
      seen = (standing, now)
      return false
    }
    return now - seen.since >= term
  }

  /// Begins anew, as after a time in which the store could not be looked at, and its holder could not beat.
  mutating func forget() { seen = nil }
}

/// The lease that a task works under.
///
/// Every change that the task makes by `ServiceEnvironment.change`, or that events make, beats the lease in its own transaction.
/// Where the lease is another's by then, nothing is committed and the task is told to end, by `CancellationError`.
enum FencedWork {
  /// Nil in calls, which any replica may do.
  @TaskLocal static var lease: Lease?

  /// - Throws: `CancellationError` where the lease is lost.
  static func prove(_ lease: Lease?, _ transaction: any Transaction) throws {
    guard let lease, try !Leases.beat(lease, transaction) else { return }
    throw CancellationError()
  }
}

extension ServiceClock {
  /// Waits until the clock is not behind data that another host may have written by its own, for 2 s at most.
  public func wait(for latest: Timestamp?) async throws {
    guard let latest else { return }
    let deadline = ContinuousClock.now + .seconds(2)
    while now() < latest, .now < deadline { try await Task.sleep(for: .milliseconds(50)) }
  }
}
