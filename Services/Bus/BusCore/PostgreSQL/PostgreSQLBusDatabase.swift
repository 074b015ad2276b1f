import Contract
import LaunchModel
import Storage

/// The bus's schema on a PostgreSQL server, which several buses may share, with errors in the log's words.
///
/// It belongs to one thread, like everything that is made over it.
final class PostgreSQLBusDatabase {
  private let store: BlockingStore
  /// On which buses tell each other that there is something new.
  let channel: String

  /// Connects, and brings the tables up to date.
  init(url: String, schema: String) throws {
    store = try BlockingStore(url: url, schema: schema)
    channel = schema
    try store.migrate(PostgreSQLBusSchema.migrations)
  }

  func connect() throws(LogError) {
    try inWords("the bus's log cannot be reached") { try store.connect() }
  }

  func close() { store.close() }

  /// Runs the body in a transaction that is on disk when this returns; where it throws, nothing has happened, unless the
  /// connection was lost during the commit.
  func transaction<R>(
    _ purpose: String, _ body: (BlockingTransaction) throws -> R
  ) throws(LogError) -> R {
    try inWords(purpose) { try store.transaction(body) }
  }

  func query(
    _ purpose: String, _ sql: String, _ arguments: [any SQLValueConvertible] = []
  ) throws(LogError) -> [Row] {
    try inWords(purpose) { try store.query(sql, arguments) }
  }

  private func inWords<R>(_ purpose: String, _ body: () throws -> R) throws(LogError) -> R {
    do {
      return try body()
    } catch {
      throw LogError(storage: error, purpose)
    }
  }
}

extension LogError {
  /// A server's failure. Only damage ends the process: everything else the server, or who runs it, can mend.
  init(storage error: any Error, _ purpose: String) {
    switch error {
    case let fault as LogError: self = fault
    case let error as StorageError where error.code == .diskFull: self = .diskFull
    case let error as StorageError where error.isFatal: self = .failed("\(purpose): \(error.message)")
    case let error as StorageError: self = .unavailable("\(purpose): \(error.message)")
    default: self = .failed("\(purpose): \(error)")
    }
  }
}

/// The row of the log's ends, which every append locks until it is committed.
struct LogEnds: Sendable, Hashable {
  static let select = "SELECT head, first, newest_at, roster_at FROM log_bounds"
  /// The same, held until the transaction ends.
  static let lock = "SELECT head, first, newest_at, roster_at FROM log_bounds FOR UPDATE"

  /// The newest and the oldest offset.
  var bounds: LogBounds
  /// When the newest event was stored; nil before the first.
  var newestAt: Timestamp?
  /// The offset of the event that announced the roster in force; 0 before there is one.
  var rosterOffset: Int64

  init(_ row: Row?) throws {
    guard let row else { throw LogError.failed("the log's ends cannot be read: log_bounds is empty") }
    bounds = LogBounds(head: try row.integer("head"), first: try row.integer("first"))
    newestAt = try row.optionalTimestamp("newest_at")
    rosterOffset = try row.integer("roster_at")
  }

  /// - Throws: `LogError.failed` where these ends are of an older log than those, which were seen before.
  func check(after known: LogBounds) throws(LogError) {
    guard bounds.head >= known.head, bounds.first >= known.first else {
      throw .failed(
        "the database has lost what was acknowledged: its log goes from \(bounds.first) to \(bounds.head), and was known to "
          + "go from \(known.first) to \(known.head); was an older backup restored, or a standby promoted that was behind?"
      )
    }
  }
}
