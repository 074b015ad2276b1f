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
    try LoggedEvent(
      verifying: Array(row.bytes(Self.bytesColumn)), offset: row.integer(0),
      storedAt: Timestamp(microseconds: row.integer(1)), checksum: row.integer(2), typeStart: Int(row.integer(3)),
      typeLength: Int(row.integer(4)))
  }
}
