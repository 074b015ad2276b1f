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
