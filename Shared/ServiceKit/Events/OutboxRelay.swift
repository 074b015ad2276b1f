import Contract
import LaunchModel
import Logging
import Messaging
import Storage

/// Events that a service has stored in the same transaction as its change and not yet published, in commit order.
enum Outbox {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  static let migrations = [
    Migration(
      id: "outbox/001-outbox",
      sql: [
        "CREATE TABLE outbox (position BIGINT PRIMARY KEY, event BYTES NOT NULL)",
        "CREATE TABLE outbox_position (one BIGINT PRIMARY KEY, last BIGINT NOT NULL)",
        "INSERT INTO outbox_position (one, last) VALUES (1, 0)",
        """
        CREATE TABLE outbox_rejected (
          position BIGINT PRIMARY KEY, event BYTES NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL)
        """,
      ])
  ]

  /// An event to publish.
  struct Entry: Sendable, Hashable {
    /// The position in commit order, ascending and never reused.
    let position: Int64
    /// The encoded CloudEvent.
    let event: [UInt8]
  }

  /// Stores the event and returns its position.
  ///
  /// Positions come from a single row that stays locked until the commit, so their order is the commit order.
  @discardableResult
  static func enqueue(_ event: [UInt8], _ transaction: any Transaction) throws -> Int64 {
    let row = try transaction.queryOne("UPDATE outbox_position SET last = last + 1 WHERE one = 1 RETURNING last")
    guard let position = try row?.integer("last") else {
      throw StorageError(.schema, "the table outbox_position is empty; restore a backup")
    }
    try transaction.execute("INSERT INTO outbox (position, event) VALUES (?, ?)", [position, event])
    return position
  }

  /// Returns the first unsent events, up to the limit.
  static func unsent(_ limit: Int, _ transaction: any Transaction) throws -> [Entry] {
    var entries: [Entry] = []
    for row in try transaction.query("SELECT position, event FROM outbox ORDER BY position LIMIT ?", [limit]) {
      entries.append(Entry(position: try row.integer("position"), event: try row.blob("event")))
    }
    return entries
  }

  /// Removes a published event.
  static func markSent(_ position: Int64, _ transaction: any Transaction) throws {
    try markSent([position], transaction)
  }

  /// Removes published events.
  static func markSent(_ positions: [Int64], _ transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM outbox WHERE position = ?", each: positions.map { [$0] })
  }

  /// Moves an event that the bus rejected out of the queue, so that it does not block later ones. Has no effect if
  /// another relay has already published or quarantined it.
  static func quarantine(
    _ entry: Entry, code: String, detail: String, _ transaction: any Transaction
  ) throws {
    guard try transaction.execute("DELETE FROM outbox WHERE position = ?", [entry.position]) > 0 else { return }
    try transaction.execute(
      "INSERT INTO outbox_rejected (position, event, code, detail) VALUES (?, ?, ?, ?)",
      [entry.position, entry.event, code, detail])
  }

  /// Moves all quarantined events back into the queue, at their original positions.
  static func requeueRejected(_ transaction: any Transaction) throws {
    try transaction.execute("INSERT INTO outbox (position, event) SELECT position, event FROM outbox_rejected")
    try transaction.execute("DELETE FROM outbox_rejected")
  }

  /// Returns the last assigned position; 0 before the first.
  static func lastPosition(_ transaction: any Transaction) throws -> Int64 {
    try transaction.queryOne("SELECT last FROM outbox_position WHERE one = 1")?.integer("last") ?? 0
  }

  /// Returns the numbers of unsent and of quarantined events.
  static func counts(_ transaction: any Transaction) throws -> (unsent: Int, rejected: Int) {
    let unsent = try transaction.queryOne("SELECT count(*) AS n FROM outbox")?.int("n") ?? 0
    let rejected = try transaction.queryOne("SELECT count(*) AS n FROM outbox_rejected")?.int("n") ?? 0
    return (unsent, rejected)
  }
}

/// Publishes the events in the outbox, in order: after every commit, and for as long as any are unsent.
final class OutboxRelay: Sendable {
  private static let batch = 256
  /// The pause between passes without a wake-up, which bounds the cost of a missed wake-up or a bus that is back.
  private static let idle = Duration.seconds(5)
  private static let backOff = [Duration.milliseconds(100), .milliseconds(300), .seconds(1), .seconds(2)]

  private let database: any Database
  private let bus: any EventBus
  private let logger: Logger
  /// Counts the wake-ups.
  private let wakeUps = MonotonicCounter()
  /// The outbox position up to which everything is on the bus.
  private let sent = MonotonicCounter()

  init(database: any Database, bus: any EventBus, logger: Logger) {
    self.database = database
    self.bus = bus
    self.logger = logger
  }

  /// Wakes the relay after a commit.
  func wake() { wakeUps.increment() }

  /// Waits until the position is on the bus; false if that takes longer than the limit.
  func isSent(_ position: Int64, within limit: Duration) async throws -> Bool {
    try await sent.wait(for: position, until: .now + limit)
  }

  /// Publishes until the task is cancelled.
  func run() async throws {
    var failures = 0
    while !Task.isCancelled {
      let seen = wakeUps.value
      var pause = Self.idle
      do {
        while try await publishSome() {}
        failures = 0
      } catch is CancellationError {
        return
      } catch {
        logger.log(
          level: failures == 0 ? .warning : .debug, "announcements cannot be published; retrying",
          metadata: ["error": "\(error)"])
        pause = Self.backOff[min(failures, Self.backOff.count - 1)]
        failures += 1
      }
      do { _ = try await wakeUps.wait(for: seen + 1, until: .now + pause) } catch { return }
    }
  }

  /// Publishes one batch; false if nothing was left.
  func publishSome() async throws -> Bool {
    let (entries, last) = try await database.read { db in
      (try Outbox.unsent(Self.batch, db), try Outbox.lastPosition(db))
    }
    guard let through = entries.last?.position else {
      sent.advance(to: last)
      return false
    }
    let results = try await bus.publish(entries.map(\.event), timeout: .seconds(5))
    guard results.count == entries.count else {
      throw Problem(
        .internalError, code: "malformed-answer", title: "unexpected answer from the bus",
        detail: "events.publish returned \(results.count) results for \(entries.count) events", retryable: true)
    }
    sent.advance(to: through)
    try await recordResults(Array(zip(entries, results)))
    return true
  }

  private func recordResults(_ published: [(Outbox.Entry, PublishResult)]) async throws {
    for case let (entry, .some(error)) in published.map({ ($0, $1.status == .rejected ? $1.error : nil) }) {
      logger.error(
        "the bus rejected an announcement; it will be retried at the next start",
        metadata: ["code": "\(error.code)", "detail": "\(error.detail)", "position": "\(entry.position)"])
    }
    try await database.write { db in
      for (entry, result) in published where result.status == .rejected {
        let error = result.error ?? EventRejection(code: "rejected", detail: "")
        try Outbox.quarantine(entry, code: error.code, detail: error.detail, db)
      }
      try Outbox.markSent(published.filter { $0.1.status != .rejected }.map(\.0.position), db)
    }
  }
}
