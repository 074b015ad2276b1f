import Contract
import LaunchModel
import Storage

/// The bus's schema on a PostgreSQL server, which several buses may share. Its errors are thrown as `LogError`.
///
/// Confined to one thread, like every object that uses it.
final class PostgreSQLBusDatabase {
  private let store: BlockingStore
  /// The NOTIFY channel of the buses that share the log.
  let channel: String

  /// Connects and migrates the tables.
  init(url: String, schema: String) throws {
    store = try BlockingStore(url: url, schema: schema)
    channel = schema
    try store.migrate(PostgreSQLBusSchema.migrations)
  }

  func connect() throws(LogError) {
    try mapErrors("cannot reach the bus's log") { try store.connect() }
  }

  /// Starts watching the log's bounds, on its own session.
  func watch() -> PostgreSQLWatch { store.watch(query: LogState.select) }

  func close() { store.close() }

  /// Runs the body in a transaction that is on disk on return. If it throws, nothing has changed, except possibly if
  /// the connection was lost during the commit.
  func transaction<R>(
    _ purpose: String, _ body: (BlockingTransaction) throws -> R
  ) throws(LogError) -> R {
    try mapErrors(purpose) { try store.transaction(body) }
  }

  func query(
    _ purpose: String, _ sql: String, _ arguments: [any SQLValueConvertible] = []
  ) throws(LogError) -> [Row] {
    try mapErrors(purpose) { try store.query(sql, arguments) }
  }

  func read<R>(
    _ purpose: String, _ sql: String, _ arguments: [any SQLValueConvertible] = [], _ body: ([Row]) throws -> R
  ) throws(LogError) -> R {
    let rows = try query(purpose, sql, arguments)
    do {
      return try body(rows)
    } catch {
      throw LogError(storage: error, purpose)
    }
  }

  private func mapErrors<R>(_ purpose: String, _ body: () throws -> R) throws(LogError) -> R {
    do {
      return try body()
    } catch {
      throw LogError(storage: error, purpose)
    }
  }
}

extension LogError {
  /// Creates the log's error for a storage error. Only fatal errors end the process; the server or its operator can fix
  /// the others.
  init(storage error: any Error, _ purpose: String) {
    switch error {
    case let error as LogError: self = error
    case let error as StorageError where error.code == .diskFull: self = .diskFull(error.message)
    case let error as StorageError where error.code == .corrupt: self = .damaged("\(purpose): \(error.message)")
    case let error as StorageError where error.isFatal: self = .failed("\(purpose): \(error.message)")
    case let error as StorageError: self = .unavailable("\(purpose): \(error.message)")
    default: self = .failed("\(purpose): \(error)")
    }
  }
}

/// The row of `log_bounds`, which every append locks until it commits.
struct LogState: Sendable, Hashable {
  static let select = "SELECT head, first, newest_at, roster_at FROM log_bounds"
  /// The same query, with a row lock that is held until the transaction ends.
  static let lock = "SELECT head, first, newest_at, roster_at FROM log_bounds FOR UPDATE"

  /// The newest and the oldest offset.
  var bounds: LogBounds
  /// When the newest event was stored; nil before the first.
  var newestAt: Timestamp?
  /// The offset of the event that announced the current roster; 0 if there is none.
  var rosterOffset: Int64

  init(_ row: Row?) throws {
    guard let row else { throw LogError.failed("the table log_bounds is empty; restore a backup") }
    bounds = LogBounds(head: try row.integer("head"), first: try row.integer("first"))
    newestAt = try row.optionalTimestamp("newest_at")
    rosterOffset = try row.integer("roster_at")
  }

  /// Checks that the log has not lost events since its bounds were last seen.
  ///
  /// - Throws: `LogError.failed` if these bounds belong to an older state of the log.
  func check(after known: LogBounds) throws(LogError) {
    guard bounds.head >= known.head, bounds.first >= known.first else {
      throw .failed(
        "the database has lost acknowledged events: its log has offsets \(bounds.first) to \(bounds.head), but had "
          + "\(known.first) to \(known.head) before; was an older backup restored, or a lagging standby promoted?"
      )
    }
  }
}
