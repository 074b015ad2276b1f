import GRDB
import GRDBSQLite

/// A statement that is stepped directly on the hot path: bytes are bound in place, and nothing is boxed.
///
/// Bound bytes are not copied: they must stay valid until `step` has returned.
struct PreparedStatement {
  /// Keeps the handle alive; it is finalized together with this.
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

  /// Advances to the next row; false if there is none.
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
