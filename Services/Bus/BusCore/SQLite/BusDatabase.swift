import Contract
import Foundation
import GRDB
import GRDBSQLite
import LaunchModel
import Storage

/// The bus's SQLite file: one connection with an exclusive lock, in WAL mode, with every commit flushed to disk.
///
/// Confined to one thread, like every object that uses it.
final class BusDatabase {
  let queue: DatabaseQueue
  private let path: String
  private let checkpointer: WALCheckpointer
  /// The log's prepared statements; nil after closing, because SQLite cannot close a file with open statements.
  private var prepared: LogStatements?

  /// Opens the file, creates it if missing, migrates its tables and verifies its settings.
  ///
  /// - Parameters:
  ///   - path: a file in an existing folder.
  /// - restoresTables: whether tables that are missing from the file are created again; used by a repair.
  init(path: String, restoresTables: Bool = false) throws(LogError) {
    self.path = path
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
      // GRDB sets NORMAL when it opens the file, which could lose acknowledged commits in a power failure.
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
      // On a full disk, SQLite reports various errors when it cannot create or extend a file.
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

  /// A checkpoint every 32 MiB of write-ahead log.
  private static let checkpointPages: Int32 = 4_000

  /// Uses pages of 8 KiB and caches 64 MiB of them.
  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.journalMode = .wal
    configuration.label = "bus log"
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA page_size = 8192")
      // SQLite 3.40's WAL-reset defect needs two connections; with this lock, only one exists. The lock also avoids the
      // shared-memory file.
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

  /// Saves the roster in its own table, where pruning does not delete it.
  func save(rosterEvent event: ScannedEvent, _ db: GRDB.Database) throws {
    try db.execute(
      sql: """
        INSERT INTO roster (id, event, checksum) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET event = excluded.event, checksum = excluded.checksum
        """, arguments: [Data(event.bytes), event.contentChecksum])
  }

  /// Runs the body outside a transaction, and throws its errors as `LogError`.
  func access<R>(_ purpose: String, _ body: (GRDB.Database) throws -> R) throws(LogError) -> R {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      throw LogError(error, purpose, path)
    }
  }

  /// Runs the body in a transaction that is on disk on return. If it throws, nothing has changed.
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
        // If the disk is full or failing, SQLite rolls back by itself. The first error is the one to report.
        if db.isInsideTransaction { try? db.rollback() }
        throw error
      }
    }
  }
}

extension LogError {
  /// Maps SQLite's result codes (https://sqlite.org/rescode.html) to errors of the log.
  ///
  /// - Parameter path: the log's file; if its disk is full, the message names its folder.
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

/// The log's statements, prepared once.
struct LogStatements {
  let insertKey: PreparedStatement
  let insertEvent: PreparedStatement
  let findKey: PreparedStatement
  let deleteKey: PreparedStatement
  let deleteKeysAt: PreparedStatement
  let selectEvent: PreparedStatement
  let selectRange: PreparedStatement
  let selectKeys: PreparedStatement

  init(_ database: GRDB.Database) throws {
    insertKey = try PreparedStatement(
      database, sql: "INSERT INTO event_keys (source, id, \"offset\") VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    insertEvent = try PreparedStatement(
      database,
      sql: """
        INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes) VALUES (?, ?, ?, ?, ?, ?)
        """)
    findKey = try PreparedStatement(
      database, sql: "SELECT \"offset\" FROM event_keys WHERE source = ? AND id = ?")
    deleteKey = try PreparedStatement(
      database, sql: "DELETE FROM event_keys WHERE source = ? AND id = ? RETURNING \"offset\"")
    deleteKeysAt = try PreparedStatement(
      database, sql: "DELETE FROM event_keys WHERE \"offset\" = ? RETURNING source, id")
    let columns = "SELECT \"offset\", stored_at, checksum, type_start, type_length, bytes FROM events"
    selectEvent = try PreparedStatement(database, sql: columns + " WHERE \"offset\" = ?")
    selectRange = try PreparedStatement(
      database, sql: columns + " WHERE \"offset\" > ? AND \"offset\" <= ? ORDER BY \"offset\"")
    let keys = "SELECT source, id, \"offset\" FROM event_keys"
    selectKeys = try PreparedStatement(
      database, sql: keys + " WHERE (source, id) > (?, ?) ORDER BY source, id LIMIT ?")
  }

  static let bytesColumn: Int32 = 5

  /// Returns the event at an offset; nil if it is missing or damaged.
  func event(at offset: Int64) throws -> LoggedEvent? {
    selectEvent.bind(offset, at: 1)
    defer { selectEvent.reset() }
    do {
      return try selectEvent.step() ? try event(selectEvent) : nil
    } catch LogError.corrupt {
      return nil
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return nil
    }
  }

  /// Returns the row at an offset as a read of a range returns it; nil if it is missing or cannot be read.
  func row(at offset: Int64) throws -> StoredRow? {
    selectRange.bind(offset - 1, at: 1)
    selectRange.bind(offset, at: 2)
    defer { selectRange.reset() }
    do {
      guard try selectRange.step(), selectRange.integer(0) == offset else { return nil }
      return StoredRow(offset: offset, event: try event(selectRange))
    } catch LogError.corrupt {
      return StoredRow(offset: offset, event: nil)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return nil
    }
  }

  /// Whether the statement's current row is intact and has exactly the event's bytes.
  static func isSame(_ row: PreparedStatement, _ event: ScannedEvent) -> Bool {
    let columns = event.storedColumns(
      offset: row.integer(0), storedAt: Timestamp(microseconds: row.integer(1)))
    return row.integer(2) == columns.checksum && row.integer(3) == columns.typeStart
      && row.integer(4) == columns.typeLength && row.bytes(bytesColumn).elementsEqual(event.bytes)
  }

  /// Returns the event in a statement's current row, verified against its checksum.
  func event(_ row: PreparedStatement) throws -> LoggedEvent {
    try LoggedEvent(
      verifying: Array(row.bytes(Self.bytesColumn)), offset: row.integer(0),
      storedAt: Timestamp(microseconds: row.integer(1)), checksum: row.integer(2), typeStart: Int(row.integer(3)),
      typeLength: Int(row.integer(4)))
  }
}

extension LogStatements {
  /// Inserts the source and id; returns false if they are already in the log.
  func claim(_ event: ScannedEvent, _ offset: Int64) throws -> Bool {
    let statement = insertKey
    try event.withBytes(of: event.source) { source in
      try event.withBytes(of: event.id) { id in
        statement.bind(text: source, at: 1)
        statement.bind(text: id, at: 2)
        statement.bind(offset, at: 3)
        try statement.run()
      }
    }
    return statement.changes == 1
  }

  /// Returns the offset that is recorded for the event's source and id; nil if there is none.
  func recordedOffset(of event: ScannedEvent) throws -> Int64? {
    try withKey(of: event, findKey) { try findKey.step() ? findKey.integer(0) : nil }
  }

  /// Removes the event's source and id; returns the offset that was recorded for them, or nil if there was none.
  func removeKey(of event: ScannedEvent) throws -> Int64? {
    try withKey(of: event, deleteKey) {
      guard try deleteKey.step() else { return nil }
      let offset = deleteKey.integer(0)
      while try deleteKey.step() {}
      return offset
    }
  }

  /// Removes the sources and ids that are recorded for an offset, and returns the sum of their digests.
  func removeKeys(of offset: Int64) throws -> Int64 {
    deleteKeysAt.bind(offset, at: 1)
    defer { deleteKeysAt.reset() }
    var sum: Int64 = 0
    while try deleteKeysAt.step() { sum &+= KeyDigest.of(deleteKeysAt.bytes(0), deleteKeysAt.bytes(1), offset) }
    return sum
  }

  /// Runs the body with the event's source and id bound to a statement, which is reset afterwards.
  private func withKey<R>(of event: ScannedEvent, _ statement: PreparedStatement, _ body: () throws -> R) rethrows -> R
  {
    try event.withBytes(of: event.source) { source in
      try event.withBytes(of: event.id) { id in
        statement.bind(text: source, at: 1)
        statement.bind(text: id, at: 2)
        defer { statement.reset() }
        return try body()
      }
    }
  }

  /// Inserts the row of an event.
  func insertRow(_ event: ScannedEvent, _ offset: Int64, _ storedAt: Timestamp) throws {
    let statement = insertEvent
    let columns = event.storedColumns(offset: offset, storedAt: storedAt)
    try event.bytes.withUnsafeBytes { bytes in
      statement.bind(offset, at: 1)
      statement.bind(storedAt.microseconds, at: 2)
      statement.bind(columns.checksum, at: 3)
      statement.bind(columns.typeStart, at: 4)
      statement.bind(columns.typeLength, at: 5)
      statement.bind(blob: bytes, at: 6)
      try statement.run()
    }
  }
}

/// A prepared statement for the hot path: it is stepped directly, binds bytes in place and boxes nothing.
///
/// Bound bytes are not copied: they must stay valid until `step` has returned.
struct PreparedStatement {
  /// Keeps the handle alive; the handle is finalized together with this object.
  private let statement: GRDB.Statement
  private let database: GRDB.Database

  init(_ database: GRDB.Database, sql: String) throws {
    statement = try database.makeStatement(sql: sql)
    self.database = database
  }

  private var handle: SQLiteStatement { statement.sqliteStatement }

  @inline(__always)
  func bind(_ value: Int64, at index: Int32) { sqlite3_bind_int64(handle, index, value) }

  @inline(__always)
  func bind(text: UnsafeRawBufferPointer, at index: Int32) {
    sqlite3_bind_text(handle, index, text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(text.count), nil)
  }

  @inline(__always)
  func bind(blob: UnsafeRawBufferPointer, at index: Int32) {
    sqlite3_bind_blob(handle, index, blob.baseAddress, Int32(blob.count), nil)
  }

  /// Advances to the next row; returns false if there is none.
  @inline(__always)
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
    }
  }

  /// Resets the statement for its next run.
  @inline(__always)
  func reset() { sqlite3_reset(handle) }

  /// Runs a statement that returns no rows.
  @inline(__always)
  func run() throws {
    defer { reset() }
    _ = try step()
  }

  /// The number of rows that the last insert, update or delete on the connection changed.
  @inline(__always)
  var changes: Int32 { sqlite3_changes(sqlite3_db_handle(handle)) }

  @inline(__always)
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The bytes of a column, valid until the next step or reset.
  @inline(__always)
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }
}
