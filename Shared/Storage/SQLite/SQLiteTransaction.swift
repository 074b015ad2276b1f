import Foundation
import GRDB

/// The statements of an open transaction on the store's connection.
struct SQLiteTransaction: Transaction {
  private let db: GRDB.Database
  private let failure = FirstStatementError()

  init(_ db: GRDB.Database) { self.db = db }

  func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    try guarded(sql) {
      let statement = try db.cachedStatement(sql: sql)
      try statement.execute(arguments: StatementArguments(try arguments.map { try $0.databaseValue() }))
      return db.changesCount
    }
  }

  func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int {
    try rows.reduce(0) { $0 + (try execute(sql, $1)) }
  }

  func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row] {
    try guarded(sql) {
      let statement = try db.cachedStatement(sql: sql)
      let columns = statement.columnNames
      let cursor = try GRDB.Row.fetchCursor(
        statement, arguments: StatementArguments(try arguments.map { try $0.databaseValue() }))
      var rows: [Row] = []
      while let row = try cursor.next() {
        rows.append(Row(columns: columns, values: row.databaseValues.map { SQLValue($0) }))
      }
      return rows
    }
  }

  func savepoint<R>(_ body: () throws -> R) throws -> R {
    try failure.check()
    var result: R?
    do {
      try db.inSavepoint {
        result = try body()
        try failure.check()
        return .commit
      }
    } catch {
      // If the disk is full or fails, SQLite has rolled back the whole transaction, not just the savepoint.
      if db.isInsideTransaction { failure.clear() }
      guard error is DatabaseError else { throw error }
      throw SQLiteErrors.storageError(error, "in a savepoint", db)
    }
    guard let result else { throw StorageError(.statement, "the savepoint ended without a result") }
    return result
  }

  /// Runs one statement, unless an earlier one has failed.
  private func guarded<R>(_ sql: String, _ statement: () throws -> R) throws -> R {
    try failure.check()
    do {
      return try statement()
    } catch {
      throw failure.recording(SQLiteErrors.storageError(error, "in: \(sql)", db))
    }
  }
}

extension SQLValueConvertible {
  fileprivate func databaseValue() throws -> DatabaseValue {
    let value = sqlValue
    try value.rejectNUL()
    return switch value {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .blob(let bytes): Data(bytes).databaseValue
    }
  }
}

extension SQLValue {
  /// Creates a value from SQLite's storage.
  init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let number): self = .integer(number)
    case .double(let number): self = .real(number)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .blob([UInt8](data))
    }
  }
}
