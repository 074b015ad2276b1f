import Foundation
import GRDB

/// Statements on the one connection, inside a transaction that is open.
struct SQLiteTransaction: Transaction {
  private let db: GRDB.Database

  init(_ db: GRDB.Database) { self.db = db }

  func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    do {
      let statement = try db.cachedStatement(sql: sql)
      try statement.execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
      return db.changesCount
    } catch {
      throw SQLiteErrors.storageError(error, "in: \(sql)")
    }
  }

  func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row] {
    do {
      let statement = try db.cachedStatement(sql: sql)
      let columns = statement.columnNames
      let cursor = try GRDB.Row.fetchCursor(
        statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
      var rows: [Row] = []
      while let row = try cursor.next() {
        rows.append(Row(columns: columns, values: row.databaseValues.map { SQLValue($0) }))
      }
      return rows
    } catch {
      throw SQLiteErrors.storageError(error, "in: \(sql)")
    }
  }

  func savepoint<R>(_ body: () throws -> R) throws -> R {
    var result: R?
    do {
      try db.inSavepoint {
        result = try body()
        return .commit
      }
    } catch let error as DatabaseError {
      throw SQLiteErrors.storageError(error, "in a savepoint")
    }
    guard let result else { throw StorageError(.statement, "the savepoint ended without a result") }
    return result
  }
}

extension SQLValueConvertible {
  fileprivate var databaseValue: DatabaseValue {
    switch sqlValue {
    case .null: .null
    case .integer(let number): number.databaseValue
    case .real(let number): number.databaseValue
    case .text(let text): text.databaseValue
    case .blob(let bytes): Data(bytes).databaseValue
    }
  }
}

extension SQLValue {
  fileprivate init(_ value: DatabaseValue) {
    switch value.storage {
    case .null: self = .null
    case .int64(let number): self = .integer(number)
    case .double(let number): self = .real(number)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .blob([UInt8](data))
    }
  }
}
