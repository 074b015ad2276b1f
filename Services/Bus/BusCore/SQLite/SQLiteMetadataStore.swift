import Foundation
import GRDB
import Contract
import LaunchModel

/// The metadata store in the SQLite file of the log.
final class SQLiteMetadataStore: BusMetadataStore {
  let database: BusDatabase

  init(_ database: BusDatabase) { self.database = database }

  func consumers() throws(LogError) -> [String: Int64] {
    try database.access("cannot read the consumers") { db in
      let rows = try Row.fetchAll(db, sql: "SELECT name, \"offset\" FROM consumers")
      // A damaged row is skipped: its consumer registers again with its next commit.
      let offsets: [(String, Int64)] = rows.compactMap { row in
        let values = Array(row.databaseValues)
        guard let name = String.fromDatabaseValue(values[0]), let offset = Int64.fromDatabaseValue(values[1]) else {
          return nil
        }
        return (name, offset)
      }
      return Dictionary(offsets) { max($0, $1) }
    }
  }

  func save(consumers: [String: Int64]) throws(LogError) {
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

  func forget(consumer: String) throws(LogError) {
    try database.transaction("cannot remove the consumer") { db in
      try db.execute(sql: "DELETE FROM consumers WHERE name = ?", arguments: [consumer])
    }
  }

  func rosterEvent() throws(LogError) -> [UInt8]? { try database.rosterCopy().verified() }
}

extension SQLiteMetadataStore {
  func quarantine(_ events: [QuarantinedEvent]) throws(LogError) -> [Int64] {
    try database.transaction("cannot write to the quarantine") { db in
      try events.map { event in
        let entry = event.entry
        return try Int64.fetchOne(
          db,
          sql: """
            INSERT INTO quarantine (consumer, "offset", code, detail, attempts, at, status, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (consumer, "offset") DO UPDATE SET code = excluded.code, detail = excluded.detail,
              attempts = excluded.attempts, at = excluded.at, status = excluded.status
            RETURNING id
            """,
          arguments: [
            entry.consumer, entry.offset, entry.code, entry.detail, entry.attempts, entry.at.microseconds,
            entry.status.rawValue, Data(event.bytes),
          ]) ?? 0
      }
    }
  }

  func trimQuarantine(of consumer: String, to count: Int) throws(LogError) {
    try database.transaction("cannot trim the quarantine") { db in
      try db.execute(
        sql: """
          DELETE FROM quarantine WHERE consumer = ? AND id <= (
            SELECT id FROM quarantine WHERE consumer = ? ORDER BY id DESC LIMIT 1 OFFSET ?)
          """, arguments: [consumer, consumer, count])
    }
  }

  func quarantined(
    _ query: QuarantineListParameters, max count: Int, bytes: Int
  ) throws(LogError) -> (events: [QuarantinedEvent], total: Int) {
    let status = query.status?.rawValue
    let arguments: StatementArguments = [query.consumer, query.consumer, status, status]
    return try database.access("cannot read the quarantine") { db in
      let total =
        try Int.fetchOne(
          db, sql: "SELECT COUNT(*) FROM quarantine WHERE (? IS NULL OR consumer = ?) AND (? IS NULL OR status = ?)",
          arguments: arguments) ?? 0
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT * FROM quarantine WHERE (? IS NULL OR consumer = ?) AND (? IS NULL OR status = ?) AND id > ?
          ORDER BY id LIMIT ?
          """, arguments: arguments + [query.after ?? 0, count])
      var events: [QuarantinedEvent] = []
      var size = 0
      while let event = try rows.next().map(Self.event) {
        size += event.bytes.count
        guard size <= bytes || events.isEmpty else { break }
        events.append(event)
      }
      return (events, total)
    }
  }

  func quarantined(_ selection: QuarantineSelection, max count: Int) throws(LogError) -> [QuarantinedEvent] {
    try database.access("cannot read the quarantine") { db in
      if let ids = selection.ids {
        return try ids.prefix(count).compactMap { id in
          try Row.fetchOne(
            db, sql: "SELECT * FROM quarantine WHERE id = ? AND (? IS NULL OR consumer = ?)",
            arguments: [id, selection.consumer, selection.consumer]
          ).map(Self.event)
        }
      }
      return try Row.fetchAll(
        db, sql: "SELECT * FROM quarantine WHERE consumer = ? ORDER BY id LIMIT ?",
        arguments: [selection.consumer, count]
      ).map(Self.event)
    }
  }

  func update(_ entry: QuarantineEntry) throws(LogError) {
    try database.transaction("cannot write to the quarantine") { db in
      try db.execute(
        sql: "UPDATE quarantine SET code = ?, detail = ?, attempts = ?, at = ?, status = ? WHERE id = ?",
        arguments: [
          entry.code, entry.detail, entry.attempts, entry.at.microseconds, entry.status.rawValue, entry.id,
        ])
    }
  }

  func markRetrying(_ ids: [Int64]) throws(LogError) {
    try database.transaction("cannot write to the quarantine") { db in
      for id in ids {
        try db.execute(
          sql: "UPDATE quarantine SET status = ? WHERE id = ?",
          arguments: [QuarantineEntry.Status.retrying.rawValue, id])
      }
    }
  }

  func discard(_ ids: [Int64]) throws(LogError) -> Int {
    try database.transaction("cannot write to the quarantine") { db in
      try ids.reduce(0) { count, id in
        try db.execute(sql: "DELETE FROM quarantine WHERE id = ?", arguments: [id])
        return count + db.changesCount
      }
    }
  }

  private static func event(_ row: Row) -> QuarantinedEvent {
    let entry = QuarantineEntry(
      id: row["id"], consumer: row["consumer"], offset: row["offset"], code: row["code"], detail: row["detail"],
      attempts: row["attempts"], at: Timestamp(microseconds: row["at"]),
      status: QuarantineEntry.Status(rawValue: row["status"]) ?? .held)
    return QuarantinedEvent(entry: entry, bytes: Array(row["bytes"] as Data))
  }
}
