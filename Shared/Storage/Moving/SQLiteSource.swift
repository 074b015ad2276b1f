import Foundation
import GRDB

/// A SQLite file opened read-only under an exclusive lock, and left unchanged.
///
/// Every call blocks.
final class SQLiteSource {
  let path: String
  private let queue: DatabaseQueue
  private let lock: FileLock
  /// The files beside the database that SQLite creates even for a reader. Those that already existed are not included,
  /// so that `close` removes only the new ones.
  private let createdFiles: [String]

  /// Takes the lock and opens the file.
  ///
  /// - Throws: `StorageError` with code `.cannotOpen` if the file does not exist, `.locked` if a process is using it,
  ///   `.corrupt` if it is not a database.
  init(_ file: StoreFile) throws(StorageError) {
    path = file.path
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw StorageError(.cannotOpen, "nothing to move: the store \(file.path) does not exist; check GONOGO_DATA")
    }
    do {
      lock = try FileLock(path: file.lockPath, purpose: file.purpose)
      createdFiles = ["-wal", "-shm"].map { file.path + $0 }.filter { !FileManager.default.fileExists(atPath: $0) }
      var configuration = Configuration()
      configuration.readonly = true
      queue = try DatabaseQueue(path: file.path, configuration: configuration)
    } catch {
      throw SQLiteErrors.storageError(error, "cannot open \(file.path)")
    }
  }

  /// Closes the file, removes the files that SQLite created, and releases the lock.
  func close() throws {
    try queue.close()
    for path in createdFiles where FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
    lock.release()
  }

  /// Runs the body as one read transaction.
  func read<R>(_ body: (any Transaction) throws -> R) throws -> R {
    try mappingErrors { try queue.read { try body(SQLiteTransaction($0)) } }
  }

  /// Calls the body for each row of a query, one at a time, so that memory use does not grow with the number of rows.
  func forEachRow(_ sql: String, _ body: (Row) throws -> Void) throws {
    try mappingErrors {
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

  /// Checks the integrity of the whole file.
  ///
  /// - Throws: `StorageError` with code `.corrupt`, naming the first problem that SQLite finds.
  func checkIntegrity() throws {
    let found = try read { try $0.query("PRAGMA integrity_check(1)") }
    guard try found.first?.text("integrity_check") == "ok" else {
      let detail = try found.first?.text("integrity_check").onOneLine ?? "SQLite gave no reason"
      throw StorageError(.corrupt, "\(path) is damaged: \(detail); restore a backup")
    }
  }

  /// Returns the columns of each data table, sorted by name, by table name.
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

  /// Returns the highest number that SQLite has assigned to a row of the table, even if the row has been deleted; nil
  /// if SQLite does not record it.
  func lastAssignedNumber(of table: String) throws -> Int64? {
    try read { transaction in
      let hasSequences = try transaction.queryOne("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'") != nil
      guard hasSequences else { return nil }
      return try transaction.queryOne("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])?.integer("seq")
    }
  }

  private func mappingErrors<R>(_ body: () throws -> R) throws -> R {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw SQLiteErrors.storageError(error, "reading \(path)")
    }
  }
}
