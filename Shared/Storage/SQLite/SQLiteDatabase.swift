import Dispatch
import Foundation
import GRDB
import Synchronization

/// The embedded engine: one SQLite file with one connection, a write-ahead log, and every commit flushed to disk.
final class SQLiteDatabase: Database {
  private let queue: DatabaseQueue
  private let writes: WriteQueue
  /// False, because the lock excludes other processes.
  let isShared = false
  /// Held for the lifetime of the store.
  private let lock: FileLock

  private init(queue: DatabaseQueue, lock: FileLock, onFatal: @escaping @Sendable (StorageError) -> Void) {
    self.queue = queue
    self.lock = lock
    writes = WriteQueue(onFatal: onFatal) { [queue] writes in
      queue.asyncWriteWithoutTransaction { SQLiteGroupCommit(db: $0, writes: writes).drain() }
    }
  }

  static func open(path: String, onFatal: @escaping @Sendable (StorageError) -> Void) async throws -> SQLiteDatabase {
    try await offPool {
      let lock = try FileLock(path: "\(path).lock", purpose: "the store \(path)")
      let queue = try Self.connect(path)
      return SQLiteDatabase(queue: queue, lock: lock, onFatal: onFatal)
    }
  }

  /// Opens the connection and makes it durable: GRDB itself sets `synchronous = NORMAL` in WAL mode, which could lose
  /// acknowledged commits in a power failure.
  private static func connect(_ path: String) throws -> DatabaseQueue {
    do {
      var configuration = Configuration()
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(5)
      configuration.foreignKeysEnabled = true
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let (synchronous, journal) = try queue.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL")
        return (
          try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode")
        )
      }
      guard synchronous == 2, journal == "wal" else {
        throw StorageError(
          .notDurable,
          "SQLite does not flush every commit of \(path): expected synchronous 2 and journal_mode wal, "
            + "got \(synchronous ?? -1) and \(journal ?? "unknown")")
      }
      return queue
    } catch {
      throw SQLiteErrors.storageError(error, "cannot open \(path)")
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
    try await Self.offPool { [queue, lock] in
      defer { lock.release() }
      do { try queue.close() } catch { throw SQLiteErrors.storageError(error, "cannot close the store") }
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

  /// Commits all queued writes, group by group, so that writes queued before `close` complete before it.
  func drain() {
    while let group = writes.nextGroup() { commit(group) }
  }

  private func commit(_ group: [PendingWrite]) {
    var succeeded: [(write: PendingWrite, report: @Sendable () -> Void)] = []
    var hasBegun = false
    do {
      try writes.checkDisk()
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
      let error = writes.recording(SQLiteErrors.storageError(error, "cannot commit"))
      // The commit's error is the one to report; a failed rollback adds nothing to it.
      if db.isInsideTransaction { try? db.rollback() }
      let pending = hasBegun ? succeeded.map(\.write) : group
      for write in pending { write.fail(error) }
      return
    }
    for (_, report) in succeeded { report() }
  }
}

/// Maps SQLite's result codes (https://sqlite.org/rescode.html) to `StorageError`.
enum SQLiteErrors {
  /// Returns the error as a `StorageError`. A `StorageError` is returned unchanged; an error that is not SQLite's gets
  /// the code `.statement`.
  static func storageError(_ error: any Error, _ context: String) -> StorageError {
    if let error = error as? StorageError { return error }
    guard let engine = error as? DatabaseError else { return StorageError(.statement, context, underlying: error) }
    let message = "\(engine.message ?? "no message from SQLite"), \(context)"
    return StorageError(code(engine.resultCode), message, underlying: nil)
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
      throw SQLiteErrors.storageError(error, "in a savepoint")
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
      throw failure.recording(SQLiteErrors.storageError(error, "in: \(sql)"))
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
