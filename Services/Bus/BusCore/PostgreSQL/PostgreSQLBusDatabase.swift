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

  func connect() throws(LogFault) {
    try inWords("the bus's log cannot be reached") { try store.connect() }
  }

  func close() { store.close() }

  /// Runs the body in a transaction that is on disk when this returns; where it throws, nothing has happened, unless the
  /// connection was lost during the commit.
  func transaction<R>(
    _ purpose: String, _ body: (BlockingTransaction) throws -> R
  ) throws(LogFault) -> R {
    try inWords(purpose) { try store.transaction(body) }
  }

  func query(
    _ purpose: String, _ sql: String, _ arguments: [any SQLValueConvertible] = []
  ) throws(LogFault) -> [Row] {
    try inWords(purpose) { try store.query(sql, arguments) }
  }

  private func inWords<R>(_ purpose: String, _ body: () throws -> R) throws(LogFault) -> R {
    do {
      return try body()
    } catch {
      throw LogFault(storage: error, purpose)
    }
  }
}

extension LogFault {
  /// A server's failure. Only damage ends the process: everything else the server, or who runs it, can mend.
  init(storage error: any Error, _ purpose: String) {
    switch error {
    case let fault as LogFault: self = fault
    case let error as StorageError where error.code == .diskFull: self = .diskFull
    case let error as StorageError where error.isFatal: self = .failed("\(purpose): \(error.message)")
    case let error as StorageError: self = .unavailable("\(purpose): \(error.message)")
    default: self = .failed("\(purpose): \(error)")
    }
  }
}
