/// A schema on a PostgreSQL server for callers with their own thread: one session, on which every call blocks until the
/// server replies.
///
/// If the session is lost, the next call opens a new one.
public final class BlockingStore {
  private static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
  /// The maximum number of attempts at a query if the connection is lost.
  private static let maxAttempts = 2

  private let connector: PostgreSQLConnector
  private var session: PostgreSQLConnection?

  /// Connects immediately, so that configuration problems are reported here.
  ///
  /// - Parameters:
  ///   - url: the URL in the form that `DatabaseLocation` accepts.
  ///   - schema: the schema's name; `migrate` creates the schema if missing.
  public init(url: String, schema: String) throws(StorageError) {
    connector = PostgreSQLConnector(try PostgreSQLAddress(url: url, schema: schema))
    try connect()
  }

  /// Ensures that there is a session. For a short time after a failed attempt, throws immediately without trying again.
  public func connect() throws(StorageError) { _ = try connected() }

  /// Starts watching the server with a query of one row, on a separate session and thread.
  public func watch(query: String) -> PostgreSQLWatch {
    let watch = PostgreSQLWatch(connector, query: query)
    watch.start()
    return watch
  }

  /// Brings the schema up to date, as `Database.migrate` does.
  public func migrate(_ migrations: [Migration]) throws {
    let address = connector.address
    try transaction { transaction in
      _ = try transaction.query("SELECT pg_advisory_xact_lock(?)", [address.lockKey])
      try PostgreSQLSchema.migrate(migrations, address, transaction)
    }
  }

  /// Runs the body as one transaction. Returns once the commit is on disk; rolls back if the body throws.
  ///
  /// - Throws: the body's error; `StorageError` with code `.unavailable` if nothing was changed and a retry may
  ///   succeed, or `.outcomeUnknown` if the connection was lost during the commit.
  @discardableResult
  public func transaction<R>(_ body: (BlockingTransaction) throws -> R) throws -> R {
    let transaction = PostgreSQLTransaction(try connected(), begin: [Self.begin])
    let result: R
    do {
      result = try body(BlockingTransaction(base: transaction))
      try transaction.check()
    } catch {
      rollback(transaction)
      throw transaction.interruption.map(interrupted) ?? error
    }
    try commit(transaction)
    return result
  }

  /// Runs one read-only statement, and retries it if the connection is lost.
  public func query(_ sql: String, _ arguments: [any SQLValueConvertible] = []) throws -> [Row] {
    for attempt in 1... {
      let transaction = PostgreSQLTransaction(try connected(), begin: [])
      do {
        return try transaction.query(sql, arguments)
      } catch {
        guard let interruption = transaction.interruption else { throw error }
        session = nil
        guard attempt < Self.maxAttempts else { throw interrupted(interruption) }
      }
    }
    return []
  }

  /// Ends the session.
  public func close() { session = nil }

  private func commit(_ transaction: PostgreSQLTransaction) throws(StorageError) {
    do {
      try transaction.commit()
    } catch {
      session = nil
      let failure = error as? PostgreSQLError ?? .lost("\(error)")
      if failure.isLost { throw PostgreSQLErrors.outcomeUnknown(failure, connector.address) }
      throw failure.isTransient ? interrupted(failure) : PostgreSQLErrors.storageError(failure, "in: COMMIT")
    }
  }

  /// Rolls back the transaction. Drops the session if it cannot roll back, or if its plans are stale; dropping it rolls
  /// back, too.
  private func rollback(_ transaction: PostgreSQLTransaction) {
    do {
      try transaction.rollback()
      if transaction.interruption != nil { session = nil }
    } catch {
      session = nil
    }
  }

  private func interrupted(_ failure: PostgreSQLError) -> StorageError {
    failure.isLost
      ? PostgreSQLErrors.lost(failure, connector.address)
      : StorageError(.unavailable, "\(failure.message); nothing was changed")
  }

  private func connected() throws(StorageError) -> PostgreSQLConnection {
    if let session, !session.isLost { return session }
    session = nil
    let new = try connector.connect()
    session = new
    return new
  }
}

/// The statements of one transaction of a `BlockingStore`; valid only inside the body that receives it.
public struct BlockingTransaction: Transaction {
  let base: PostgreSQLTransaction

  @discardableResult
  public func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    try base.execute(sql, arguments)
  }

  @discardableResult
  public func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int {
    try base.execute(sql, each: rows)
  }

  public func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row] {
    try base.query(sql, arguments)
  }

  public func savepoint<R>(_ body: () throws -> R) throws -> R { try base.savepoint(body) }

  /// Runs a statement whose arguments are arrays, and returns how many rows it inserted, updated or deleted.
  @discardableResult
  public func execute(_ sql: String, arrays: [SQLArray]) throws -> Int {
    try base.run(sql, arrays).affected
  }

  /// Runs a statement whose arguments are arrays, and returns all its rows.
  public func query(_ sql: String, arrays: [SQLArray]) throws -> [Row] { try base.run(sql, arrays).rows }
}
