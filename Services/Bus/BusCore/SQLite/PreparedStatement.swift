import GRDB
import GRDBSQLite

/// A statement that is stepped by hand where every event passes: bytes are bound where they lie, and nothing is boxed.
///
/// What is bound is not copied: it must stay where it is until `step` has returned.
struct PreparedStatement {
  /// Keeps the handle alive, which is finalized with it.
  private let statement: Statement
  private let database: Database

  init(_ database: Database, sql: String) throws {
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

  /// Runs up to the next row; false where there is none.
  @inline(__always)
  func step() throws -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: database.lastErrorMessage)
    }
  }

  /// Makes the statement ready for the next run.
  @inline(__always)
  func reset() { sqlite3_reset(handle) }

  /// Runs a statement that gives no rows.
  @inline(__always)
  func run() throws {
    defer { reset() }
    _ = try step()
  }

  /// How many rows the last insert, update or delete of the connection concerned.
  @inline(__always)
  var changes: Int32 { sqlite3_changes(sqlite3_db_handle(handle)) }

  @inline(__always)
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The bytes of a column; valid until the next step or reset.
  @inline(__always)
  func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = sqlite3_column_blob(handle, column)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }
}
