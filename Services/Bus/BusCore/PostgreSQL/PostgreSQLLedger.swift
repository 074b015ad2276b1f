import LaunchModel
import Storage

/// The ledger in the schema of the log.
final class PostgreSQLLedger: Ledger {
  let database: PostgreSQLBusDatabase

  init(_ database: PostgreSQLBusDatabase) { self.database = database }

  func consumers() throws(LogFault) -> [String: Int64] {
    try read("cannot read the consumers", "SELECT name, \"offset\" FROM consumers") { rows in
      Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text("name"), try $0.integer("offset")) })
    }
  }

  func save(consumers: [String: Int64]) throws(LogFault) {
    guard !consumers.isEmpty else { return }
    try database.transaction("cannot save the consumers") { transaction in
      _ = try transaction.execute(
        """
        INSERT INTO consumers (name, "offset") VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET "offset" = excluded."offset"
        """, each: consumers.map { [$0.key, $0.value] })
    }
  }

  func forget(consumer: String) throws(LogFault) {
    try database.transaction("cannot forget a consumer") { transaction in
      _ = try transaction.execute("DELETE FROM consumers WHERE name = ?", [consumer])
    }
  }

  func rosterEvent() throws(LogFault) -> [UInt8]? {
    try read("cannot read the roster", "SELECT event FROM roster") { try $0.first?.blob("event") }
  }

  func read<R>(
    _ purpose: String, _ sql: String, _ arguments: [any SQLValueConvertible] = [], _ body: ([Row]) throws -> R
  ) throws(LogFault) -> R {
    let rows = try database.query(purpose, sql, arguments)
    do {
      return try body(rows)
    } catch {
      throw LogFault(storage: error, purpose)
    }
  }
}
