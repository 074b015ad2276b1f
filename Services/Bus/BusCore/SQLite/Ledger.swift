import Foundation
import GRDB
import LaunchModel

/// What the bus keeps beside the log: how far consumers are, what is in quarantine, and the roster that is in force.
///
/// It belongs to the thread of its database.
public final class Ledger {
  let database: BusDatabase

  public init(_ database: BusDatabase) { self.database = database }

  /// The registered consumers with their offsets.
  public func consumers() throws(LogFault) -> [String: Int64] {
    try database.access("cannot read the consumers") { db in
      let rows = try Row.fetchAll(db, sql: "SELECT name, \"offset\" FROM consumers")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["name"], $0["offset"]) })
    }
  }

  /// Writes down how far consumers are; one that is new is registered by it.
  public func save(consumers: [String: Int64]) throws(LogFault) {
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

  /// Takes a consumer off the register.
  public func forget(consumer: String) throws(LogFault) {
    try database.transaction("cannot forget a consumer") { db in
      try db.execute(sql: "DELETE FROM consumers WHERE name = ?", arguments: [consumer])
    }
  }

  /// The event that announced the roster in force, byte for byte; nil before there is one.
  public func rosterEvent() throws(LogFault) -> [UInt8]? {
    try database.access("cannot read the roster") { db in
      try Row.fetchOne(db, sql: "SELECT event FROM roster").map { Array($0["event"] as Data) }
    }
  }

  /// Keeps the event of the roster in force, so that pruning the log does not lose it.
  public func save(rosterEvent: [UInt8]) throws(LogFault) {
    try database.transaction("cannot save the roster") { db in
      try db.execute(
        sql: "INSERT INTO roster (id, event) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET event = excluded.event",
        arguments: [Data(rosterEvent)])
    }
  }
}
