import Dispatch
import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// The embedded engine: one SQLite file with one connection, a write-ahead log, and every commit flushed to disk.
final class SQLiteDatabase: Database {
  private let connection: Connection
  private let writes: WriteQueue
  /// The connection's queue.
  var queue: DatabaseQueue { connection.queue }
  /// False, because the lock excludes other processes.
  let isShared = false
  /// Held for the lifetime of the store.
  private let lock: FileLock

  private init(_ connection: Connection, lock: FileLock, onFatal: @escaping @Sendable (StorageError) -> Void) {
    self.connection = connection
    self.lock = lock
    writes = WriteQueue(onFatal: onFatal) { writes in
      connection.queue.asyncWriteWithoutTransaction {
        SQLiteGroupCommit(db: $0, writes: writes, checkpointer: connection.checkpointer).drain()
      }
    }
  }

  /// - Parameter migrations: the program's migrations; a file with others is refused before anything is changed.
  static func open(
    path: String, migrations: [Migration] = [], onFatal: @escaping @Sendable (StorageError) -> Void
  ) async throws -> SQLiteDatabase {
    try await offPool {
      let lock = try FileLock(path: "\(path).lock", purpose: "the store \(path)")
      if !migrations.isEmpty { try Self.requireNotNewer(path, migrations) }
      return SQLiteDatabase(try Self.connect(path), lock: lock, onFatal: onFatal)
    }
  }

  private static func requireNotNewer(_ path: String, _ migrations: [Migration]) throws {
    let applied = SQLiteInspection.texts(in: "id", of: "schema_migrations", at: path) ?? []
    try SchemaMigrator.checkNotNewer(applied, migrations)
  }

  /// An open connection with its checkpointer, both used only on its thread.
  // Safe to send: the checkpointer is used only in closures on the queue, which runs one at a time.
  private struct Connection: @unchecked Sendable {
    let queue: DatabaseQueue
    let checkpointer: WALCheckpointer
  }

  /// The length of the write-ahead log, in pages, from which a commit is followed by a checkpoint; SQLite's own
  /// default.
  private static let checkpointPages: Int32 = 1_000

  /// Opens the connection and makes it durable: GRDB itself sets `synchronous = NORMAL` in WAL mode, which could lose
  /// acknowledged commits in a power failure.
  private static func connect(_ path: String) throws -> Connection {
    do {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(5)
      configuration.foreignKeysEnabled = true
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let (synchronous, journal, connection) = try queue.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        return (
          try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"),
          db.sqliteConnection
        )
      }
      guard synchronous == 2, journal == "wal" else {
        throw StorageError(
          .notDurable,
          "SQLite does not flush every commit of \(path): expected synchronous 2 and journal_mode wal, "
            + "got \(synchronous ?? -1) and \(journal ?? "unknown")")
      }
      guard let connection else { throw StorageError(.closed, "the connection to \(path) was closed") }
      return Connection(
        queue: queue, checkpointer: WALCheckpointer(connection, path: path, pages: checkpointPages))
    } catch {
      throw SQLiteErrors.opening(error, path)
    }
  }

  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try writes.check()
    return try await withCheckedThrowingContinuation { continuation in
      queue.asyncRead { [writes] result in
        continuation.resume(
          with: Result {
            do {
              return try body(SQLiteTransaction(try result.get()))
            } catch {
              throw writes.recording(error)
            }
          })
      }
    }
  }

  @discardableResult
  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await writes.write(body)
  }

  func migrate(_ migrations: [Migration]) async throws {
    try await write { try SchemaMigrator(types: ColumnTypes(text: "TEXT", bytes: "BLOB")).migrate(migrations, $0) }
  }

  func close() async throws {
    guard writes.close() else { return }
    try await Self.offPool { [connection, writes, lock] in
      defer { lock.release() }
      do {
        // The checkpoint that SQLite itself makes when it closes a file discards its errors. After a disk failure, the
        // log is left for the next start.
        try connection.queue.writeWithoutTransaction { _ in
          defer { connection.checkpointer.detach() }
          if !writes.hasFailed { try connection.checkpointer.finish() }
        }
        try connection.queue.close()
      } catch {
        throw SQLiteErrors.storageError(error, "cannot close the store")
      }
    }
  }

  /// Runs a blocking body outside the cooperative pool.
  private static func offPool<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
  }
}

/// Commits a group of writes with one flush, each in its own savepoint so that a failed write does not affect the
/// others.
struct SQLiteGroupCommit {
  let db: GRDB.Database
  let writes: WriteQueue
  let checkpointer: WALCheckpointer

  /// Commits all queued writes, group by group, so that writes queued before `close` complete before it.
  func drain() {
    while let group = writes.nextGroup() { commit(group) }
  }

  private func commit(_ group: [PendingWrite]) {
    var succeeded: [(write: PendingWrite, report: @Sendable () -> Void)] = []
    var hasBegun = false
    do {
      try writes.checkDisk()
      try checkpointer.requireSpace()
      try db.beginTransaction(.immediate)
      hasBegun = true
      let transaction = SQLiteTransaction(db)
      for (index, write) in group.enumerated() {
        do {
          succeeded.append((write, try transaction.savepoint { try write.perform(transaction) }))
        } catch {
          let error = writes.recording(error)
          write.fail(error)
          // If the disk is full or fails, SQLite rolls back the whole transaction, including the other writes.
          if !db.isInsideTransaction {
            for (other, _) in succeeded { other.fail(error) }
            for other in group[(index + 1)...] { other.fail(error) }
            return
          }
        }
      }
      try db.commit()
    } catch {
      let error = writes.recording(SQLiteErrors.storageError(error, "cannot commit", db))
      // The commit's error is the one to report; a failed rollback adds nothing to it.
      if db.isInsideTransaction { try? db.rollback() }
      let pending = hasBegun ? succeeded.map(\.write) : group
      for write in pending { write.fail(error) }
      return
    }
    for (_, report) in succeeded { report() }
    do {
      try checkpointer.checkpointIfDue()
    } catch {
      // Committed changes are safe; later writes are refused, and the process ends.
      _ = writes.recording(error)
    }
  }
}

/// Maps SQLite's result codes (https://sqlite.org/rescode.html) to `StorageError`.
enum SQLiteErrors {
  /// Returns the error as a `StorageError`. A `StorageError` is returned unchanged; an error that does not come from
  /// SQLite gets the code `.statement`.
  ///
  /// - Parameter db: the connection, whose folder the message names if its disk is full.
  static func storageError(_ error: any Error, _ context: String, _ db: GRDB.Database? = nil) -> StorageError {
    if let error = error as? StorageError { return error }
    guard let engine = error as? DatabaseError else { return StorageError(.statement, context, underlying: error) }
    let path = db?.sqliteConnection.flatMap { sqlite3_db_filename($0, "main") }.map { String(cString: $0) }
    if isFull(engine, path) {
      return StorageError(.diskFull, path.map { DiskSpace.fullMessage(forFile: $0) } ?? "the disk is full, \(context)")
    }
    let message = "\(engine.message ?? "no message from SQLite"), \(context)"
    return StorageError(code(engine.resultCode), message, underlying: nil)
  }

  /// Returns whether the disk is full. SQLite reports a failure to extend the index of the write-ahead log as a disk
  /// failure, although nothing was lost.
  private static func isFull(_ error: DatabaseError, _ path: String?) -> Bool {
    if error.resultCode == .SQLITE_FULL { return true }
    guard error.extendedResultCode == .SQLITE_IOERR_SHMSIZE, let path else { return false }
    return DiskSpace.isFull(URL(filePath: path).deletingLastPathComponent().path)
  }

  /// Returns the error for a file that could not be opened. On a full disk, SQLite reports in various ways that it
  /// cannot create or extend a file.
  static func opening(_ error: any Error, _ path: String) -> StorageError {
    if error is DatabaseError, DiskSpace.isFull(URL(filePath: path).deletingLastPathComponent().path) {
      return StorageError(.diskFull, DiskSpace.fullMessage(forFile: path))
    }
    return storageError(error, "cannot open \(path)")
  }

  private static func code(_ code: ResultCode) -> StorageError.Code {
    switch code {
    case .SQLITE_CONSTRAINT: .constraint
    case .SQLITE_FULL: .diskFull
    case .SQLITE_IOERR: .ioFailure
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
    case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: .cannotOpen
    default: .statement
    }
  }
}

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
