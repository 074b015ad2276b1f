import Foundation
import GRDB
import LaunchModel

/// The ledger in the file of the log.
final class SQLiteLedger: Ledger {
  let database: BusDatabase

  init(_ database: BusDatabase) { self.database = database }

  func consumers() throws(LogFault) -> [String: Int64] {
    try database.access("cannot read the consumers") { db in
      let rows = try Row.fetchAll(db, sql: "SELECT name, \"offset\" FROM consumers")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"], $0["offset"]) })
    }
  }

  func save(consumers: [String: Int64]) throws(LogFault) {
    guard !consumers.isEmpty else { return }
    try database.transaction("cannot save the consumers") { db in
      for (name, offset) in consumers {
        try db.execute(
          sql: """
            INSERT INTO consumers (name, "offset") VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET "offset" = excluded."offset"
            """, arguments: [name, offset])
      }
    }
  }

  func forget(consumer: String) throws(LogFault) {
    try database.transaction("cannot forget a consumer") { db in
      try db.execute(sql: "DELETE FROM consumers WHERE name = ?", arguments: [consumer])
    }
  }

  func rosterEvent() throws(LogFault) -> [UInt8]? {
    try database.access("cannot read the roster") { db in
      try Row.fetchOne(db, sql: "SELECT event FROM roster").map { Array($0["event"] as Data) }
    }
  }
}
