/// A schema on a PostgreSQL server, for a caller that has a thread of its own: one session, and every call blocks until the
/// server has answered.
///
/// When the session is lost, the next call makes another.
public final class BlockingStore {
  private static let begin = "BEGIN ISOLATION LEVEL READ COMMITTED"
  /// How often a query is asked whose connection is lost.
  private static let mostTries = 2

  private let connector: PostgreSQLConnector
  private var session: PostgreSQLConnection?

  /// Connects, so that what is wrong is told at once.
  ///
  /// - Parameters:
  ///   - url: as `DatabaseLocation` takes it.
  ///   - schema: made where it is not there, by `migrate`.
  public init(url: String, schema: String) throws(StorageError) {
    connector = PostgreSQLConnector(try PostgreSQLAddress(url: url, schema: schema))
    try connect()
  }

  /// Makes sure of a session; for a while after one that could not be made, it throws at once.
  public func connect() throws(StorageError) { _ = try connected() }

  /// Brings the schema up to date, as `Database.migrate` does.
  public func migrate(_ migrations: [Migration]) throws {
    let address = connector.address
    try transaction { transaction in
      _ = try transaction.query("SELECT pg_advisory_xact_lock(?)", [address.lockKey])
      try PostgreSQLSchema.migrate(migrations, address, transaction)
    }
  }

  /// Runs the body as one transaction, which is on disk when this returns and undone when it throws.
  ///
  /// - Throws: the body's error; `StorageError` with code `.unavailable` where nothing was changed and the same again may
  ///   succeed, and `.outcomeUnknown` where the connection was lost during the commit.
  @discardableResult
  public func transaction<R>(_ body: (BlockingTransaction) throws -> R) throws -> R {
    let transaction = PostgreSQLTransaction(try connected(), begin: [Self.begin])
    let result: R
    do {
      result = try body(BlockingTransaction(base: transaction))
      try transaction.check()
    } catch {
      undo(transaction)
      throw transaction.interruption.map(interrupted) ?? error
    }
    try commit(transaction)
    return result
  }

  /// Runs one statement that changes nothing, and again where the connection is lost.
  public func query(_ sql: String, _ arguments: [any SQLValueConvertible] = []) throws -> [Row] {
    for tries in 1... {
      let transaction = PostgreSQLTransaction(try connected(), begin: [])
      do {
        return try transaction.query(sql, arguments)
      } catch {
        guard let interruption = transaction.interruption else { throw error }
        session = nil
        guard tries < Self.mostTries else { throw interrupted(interruption) }
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
      throw failure.isPassing ? interrupted(failure) : PostgreSQLErrors.storageError(failure, "in: COMMIT")
    }
  }

  /// A session that cannot undo the transaction, or whose plans are stale, is given up, which undoes it as well.
  private func undo(_ transaction: PostgreSQLTransaction) {
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

/// Statements in one transaction of an `BlockingStore`; valid only inside the body it was given to.
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
