import Foundation
import GRDB

/// A SQLite file that nobody else works with, opened to be read and left as it was.
///
/// Every call blocks.
final class SQLiteSource {
  let path: String
  private let queue: DatabaseQueue
  private let lock: FileLock
  /// What SQLite puts beside the file even for a reader; only what was not there before is taken away again.
  private let added: [String]

  /// Takes the lock and opens the file.
  ///
  /// - Throws: `StorageError` with code `.cannotOpen` where there is no file, `.locked` where a process has it, `.corrupt` where it is
  ///   no database.
  init(_ place: StorePlace) throws(StorageError) {
    path = place.path
    guard FileManager.default.fileExists(atPath: place.path) else {
      throw StorageError(
        .cannotOpen, "there is no store \(place.path), so there is nothing to move; is GONOGO_DATA the right folder?")
    }
    do {
      lock = try FileLock(path: place.lockPath, purpose: place.purpose)
      added = ["-wal", "-shm"].map { place.path + $0 }.filter { !FileManager.default.fileExists(atPath: $0) }
      var configuration = Configuration()
      configuration.readonly = true
      queue = try DatabaseQueue(path: place.path, configuration: configuration)
    } catch {
      throw SQLiteErrors.storageError(error, "cannot open \(place.path)")
    }
  }

  /// Closes the file and gives it up.
  func close() throws {
    try queue.close()
    for path in added where FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
    lock.release()
  }

  /// Runs the body on the file's content.
  func read<R>(_ body: (any Transaction) throws -> R) throws -> R {
    try inWords { try queue.read { try body(SQLiteTransaction($0)) } }
  }

  /// Gives the rows of a query one after the other, so that there may be any number of them.
  func forEachRow(_ sql: String, _ body: (Row) throws -> Void) throws {
    try inWords {
      try queue.read { db in
        let statement = try db.makeStatement(sql: sql)
        let columns = statement.columnNames
        let cursor = try GRDB.Row.fetchCursor(statement)
        while let row = try cursor.next() {
          try body(Row(columns: columns, values: row.databaseValues.map { SQLValue($0) }))
        }
      }
    }
  }

  /// Looks through the whole file.
  ///
  /// - Throws: `StorageError` with code `.corrupt` that says what SQLite found first.
  func checkIntegrity() throws {
    let found = try read { try $0.query("PRAGMA integrity_check(1)") }
    guard try found.first?.text("integrity_check") == "ok" else {
      let detail = try found.first?.text("integrity_check").onOneLine ?? "SQLite says nothing"
      throw StorageError(.corrupt, "\(path) is damaged: \(detail); restore a backup")
    }
  }

  /// The tables that hold data, by name, and their columns, by name.
  func tables() throws -> [String: [String]] {
    try read { transaction in
      var tables: [String: [String]] = [:]
      let rows = try transaction.query(
        """
        SELECT m.name AS table_name, c.name AS column_name FROM sqlite_master m JOIN pragma_table_info(m.name) c
        WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_'
          AND m.name NOT IN ('schema_migrations', 'grdb_migrations')
        ORDER BY m.name, c.name
        """)
      for row in rows { tables[try row.text("table_name"), default: []].append(try row.text("column_name")) }
      return tables
    }
  }

  /// The highest number that SQLite has given a row of the table, whether the row is still there or not; nil where it keeps none.
  func lastNumber(of table: String) throws -> Int64? {
    try read { transaction in
      let keepsNumbers = try transaction.queryOne("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'") != nil
      guard keepsNumbers else { return nil }
      return try transaction.queryOne("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])?.integer("seq")
    }
  }

  private func inWords<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw SQLiteErrors.storageError(error, "reading \(path)")
    }
  }
}
