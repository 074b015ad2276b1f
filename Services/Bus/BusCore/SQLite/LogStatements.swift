import GRDB
import LaunchModel

/// The statements of the log, prepared once.
struct LogStatements {
  let insertKey: PreparedStatement
  let insertEvent: PreparedStatement
  let findKey: PreparedStatement
  let deleteKey: PreparedStatement
  let selectEvent: PreparedStatement
  let selectRange: PreparedStatement

  init(_ database: Database) throws {
    insertKey = try PreparedStatement(
      database, sql: "INSERT INTO event_keys (source, id, \"offset\") VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    insertEvent = try PreparedStatement(
      database,
      sql: """
        INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes) VALUES (?, ?, ?, ?, ?, ?)
        """)
    findKey = try PreparedStatement(
      database, sql: "SELECT \"offset\" FROM event_keys WHERE source = ? AND id = ?")
    deleteKey = try PreparedStatement(database, sql: "DELETE FROM event_keys WHERE source = ? AND id = ?")
    let columns = "SELECT \"offset\", stored_at, checksum, type_start, type_length, bytes FROM events"
    selectEvent = try PreparedStatement(database, sql: columns + " WHERE \"offset\" = ?")
    selectRange = try PreparedStatement(
      database, sql: columns + " WHERE \"offset\" > ? AND \"offset\" <= ? ORDER BY \"offset\"")
  }

  static let bytesColumn: Int32 = 5

  /// The event of the row that a select stands at, verified against its checksum.
  func event(_ row: PreparedStatement) throws -> LoggedEvent {
    let offset = row.integer(0)
    let storedAt = Timestamp(microseconds: row.integer(1))
    let content = row.bytes(Self.bytesColumn)
    let checksum = EventChecksum.of(
      content: EventChecksum.content(of: content), offset: offset, storedAt: storedAt)
    guard checksum == row.integer(2) else {
      throw LogFault.corrupt(offset: offset)
    }
    let bytes = Array(content)
    let (start, length) = (Int(row.integer(3)), Int(row.integer(4)))
    guard length == 0 else {
      guard start >= 0, length > 0, start + length <= bytes.count else { throw LogFault.corrupt(offset: offset) }
      return LoggedEvent(
        offset: offset, storedAt: storedAt, bytes: bytes, type: AttributeText(start: start, count: length))
    }
    // A type written with escapes has no place of its own in the bytes.
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    return LoggedEvent(try scanner.scan(bytes), offset: offset, storedAt: storedAt)
  }
}
