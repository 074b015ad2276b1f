import Foundation
import GRDB
import Storage

/// The bus's SQLite file: one connection with an exclusive lock, in WAL mode, with every commit flushed to disk.
///
/// Confined to one thread, like every object that uses it.
final class BusDatabase {
  let queue: DatabaseQueue
  private let path: String
  private let checkpointer: WALCheckpointer
  /// The log's prepared statements; nil once closed, because SQLite cannot close a file that has open statements.
  private var prepared: LogStatements?

  /// Opens the file, creates it if missing, migrates its tables and verifies its settings.
  ///
  /// - Parameters:
  ///   - path: a file in an existing folder.
  ///   - restoresTables: whether tables that the file has lost are created again, for a repair.
  init(path: String, restoresTables: Bool = false) throws(LogError) {
    self.path = path
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
      // GRDB sets NORMAL when it opens, which would lose acknowledged commits on a power failure.
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Self.verify(queue)
      try BusSchema.migrator.migrate(queue)
      if restoresTables { try BusSchema.restoreTables(in: queue) }
      checkpointer = try queue.writeWithoutTransaction { db in
        guard let connection = db.sqliteConnection else {
          throw LogError.failed("the connection to \(path) was closed")
        }
        return WALCheckpointer(connection, path: path, pages: Self.checkpointPages)
      }
      prepared = try queue.writeWithoutTransaction { try LogStatements($0) }
    } catch {
      // On a full disk, SQLite reports that it cannot create or extend a file in various ways.
      if error is DatabaseError, DiskSpace.isFull(URL(filePath: path).deletingLastPathComponent().path) {
        throw .diskFull(DiskSpace.fullMessage(forFile: path))
      }
      throw LogError(error, "cannot open \(path)", path)
    }
  }

  /// Checkpoints the write-ahead log into the main file and closes it.
  func close() throws(LogError) {
    prepared = nil
    do {
      try queue.writeWithoutTransaction { _ in
        defer { checkpointer.detach() }
        try checkpointer.finish()
      }
      try queue.close()
    } catch {
      throw LogError(error, "cannot close the log", path)
    }
  }

  /// A checkpoint for each 32 MiB of write-ahead log.
  private static let checkpointPages: Int32 = 4_000

  /// Pages of 8 KiB, 64 MiB of them cached.
  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.label = "bus log"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA page_size = 8192")
      // One process, one connection: SQLite 3.40's WAL-reset defect needs two. It also avoids the shared-memory file.
      try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
      try db.execute(sql: "PRAGMA cache_size = -65536")
    }
    return configuration
  }

  private static func verify(_ queue: DatabaseQueue) throws {
    let (synchronous, journal, locking) = try queue.writeWithoutTransaction { db in
      (
        try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"),
        try String.fetchOne(db, sql: "PRAGMA locking_mode")
      )
    }
    guard synchronous == 2, journal == "wal", locking == "exclusive" else {
      throw LogError.failed(
        "SQLite would not flush every commit: synchronous is \(synchronous ?? -1) instead of 2, journal_mode is "
          + "\(journal ?? "unknown") instead of wal, locking_mode is \(locking ?? "unknown") instead of exclusive")
    }
  }

  func statements() throws(LogError) -> LogStatements {
    guard let prepared else { throw .failed("the log is closed") }
    return prepared
  }

  /// Saves the roster in a table of its own, out of reach of pruning.
  func save(rosterEvent event: ScannedEvent, _ db: GRDB.Database) throws {
    try db.execute(
      sql: """
        INSERT INTO roster (id, event, checksum) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET event = excluded.event, checksum = excluded.checksum
        """, arguments: [Data(event.bytes), event.contentChecksum])
  }

  /// Runs the body outside a transaction, and maps its errors to `LogError`.
  func access<R>(_ purpose: String, _ body: (GRDB.Database) throws -> R) throws(LogError) -> R {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      throw LogError(error, purpose, path)
    }
  }

  /// Runs the body in a transaction, which is on disk on return. If it throws, nothing has changed.
  func transaction<R>(_ purpose: String, _ body: (GRDB.Database) throws -> R) throws(LogError) -> R {
    try access(purpose) { db in
      try checkpointer.requireSpace()
      try db.beginTransaction(.immediate)
      do {
        let result = try body(db)
        try db.commit()
        try checkpointer.checkpointIfDue()
        return result
      } catch {
        // A full or failing disk makes SQLite roll back by itself. The first error is the one to report.
        if db.isInsideTransaction { try? db.rollback() }
        throw error
      }
    }
  }
}

extension LogError {
  /// Maps SQLite's result codes (https://sqlite.org/rescode.html) to errors of the log.
  ///
  /// - Parameter path: the log's file, whose folder the message names if its disk is full.
  init(_ error: any Error, _ purpose: String, _ path: String) {
    switch error {
    case let error as LogError: self = error
    case let error as StorageError: self.init(storage: error, purpose)
    case let error as DatabaseError where error.resultCode == .SQLITE_FULL:
      self = .diskFull(DiskSpace.fullMessage(forFile: path))
    case let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB:
      self = .damaged(
        "\(purpose): the file \(path) is damaged (\(error.message ?? "SQLite gave no message")); "
          + "\(LogError.repairAdvice), or restore a backup")
    case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
      self = .failed("\(purpose): another process has the file open; stop it first")
    case let error as DatabaseError:
      self = .failed("\(purpose): \(error.message ?? "SQLite gave no message") (\(error.extendedResultCode.rawValue))")
    default: self = .failed("\(purpose): \(error)")
    }
  }
}
