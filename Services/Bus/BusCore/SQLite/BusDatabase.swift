import GRDB

/// The bus's SQLite file: one connection with an exclusive lock, in WAL mode, with every commit flushed to disk.
///
/// Confined to one thread, like every object that uses it.
final class BusDatabase {
  let queue: DatabaseQueue
  /// The log's prepared statements; nil once closed, because SQLite cannot close a file that has open statements.
  private var prepared: LogStatements?

  /// Opens the file, creates it if missing, migrates its tables and verifies its settings.
  ///
  /// - Parameter path: a file in an existing folder.
  init(path: String) throws(LogError) {
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
      // GRDB sets NORMAL when it opens, which would lose acknowledged commits on a power failure.
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Self.verify(queue)
      try BusSchema.migrator.migrate(queue)
      prepared = try queue.writeWithoutTransaction { try LogStatements($0) }
    } catch {
      throw LogError(error, "cannot open \(path)")
    }
  }

  /// Checkpoints the write-ahead log into the main file and closes it.
  func close() throws(LogError) {
    prepared = nil
    do {
      try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
      try queue.close()
    } catch {
      throw LogError(error, "cannot close the log")
    }
  }

  /// Pages of 8 KiB, 64 MiB of them cached; a checkpoint for each 32 MiB of write-ahead log.
  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.label = "bus log"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA page_size = 8192")
      // One process, one connection: SQLite 3.40's WAL-reset defect needs two. It also avoids the shared-memory file.
      try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
      try db.execute(sql: "PRAGMA cache_size = -65536")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
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

  /// Runs the body outside a transaction, and maps its errors to `LogError`.
  func access<R>(_ purpose: String, _ body: (Database) throws -> R) throws(LogError) -> R {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      throw LogError(error, purpose)
    }
  }

  /// Runs the body in a transaction, which is on disk on return. If it throws, nothing has changed.
  func transaction<R>(_ purpose: String, _ body: (Database) throws -> R) throws(LogError) -> R {
    try access(purpose) { db in
      try db.beginTransaction(.immediate)
      do {
        let result = try body(db)
        try db.commit()
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
  init(_ error: any Error, _ purpose: String) {
    switch error {
    case let error as LogError: self = error
    case let error as DatabaseError where error.resultCode == .SQLITE_FULL: self = .diskFull
    case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
      self = .failed("\(purpose): another process has the file open; stop it first")
    case let error as DatabaseError:
      self = .failed("\(purpose): \(error.message ?? "SQLite gave no message") (\(error.extendedResultCode.rawValue))")
    default: self = .failed("\(purpose): \(error)")
    }
  }
}
