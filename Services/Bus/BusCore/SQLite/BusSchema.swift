import Contract
import Foundation
import GRDB
import Storage

/// The tables of the bus's SQLite file. A released migration is never edited.
enum BusSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("001-log") { db in
      try db.execute(
        sql: """
          CREATE TABLE events (
            "offset" INTEGER PRIMARY KEY,
            stored_at INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            type_start INTEGER NOT NULL,
            type_length INTEGER NOT NULL,
            bytes BLOB NOT NULL
          )
          """)
      // WITHOUT ROWID stores the source and id once in this table instead of twice.
      try db.execute(
        sql: """
          CREATE TABLE event_keys (
            source TEXT NOT NULL,
            id TEXT NOT NULL,
            "offset" INTEGER NOT NULL,
            PRIMARY KEY (source, id)
          ) WITHOUT ROWID
          """)
      // A single row with the oldest remaining offset, so that offsets continue correctly after all events have been
      // pruned.
      try db.execute(sql: "CREATE TABLE log_bounds (id INTEGER PRIMARY KEY CHECK (id = 1), first INTEGER NOT NULL)")
      try db.execute(sql: "INSERT INTO log_bounds (id, first) VALUES (1, 1)")
    }
    migrator.registerMigration("002-ledger") { db in
      try db.execute(
        sql: """
          CREATE TABLE consumers (name TEXT PRIMARY KEY, "offset" INTEGER NOT NULL) WITHOUT ROWID
          """)
      try db.execute(
        sql: """
          CREATE TABLE quarantine (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            consumer TEXT NOT NULL,
            "offset" INTEGER,
            code TEXT NOT NULL,
            detail TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            at INTEGER NOT NULL,
            status TEXT NOT NULL,
            bytes BLOB NOT NULL,
            UNIQUE (consumer, "offset")
          )
          """)
      try db.execute(sql: "CREATE TABLE roster (id INTEGER PRIMARY KEY CHECK (id = 1), event BLOB NOT NULL)")
    }
    migrator.registerMigration("003-high-water-mark") { db in
      // The newest offset ever stored, so that a log that has lost its last events does not assign their offsets again.
      try db.execute(sql: "ALTER TABLE log_bounds ADD COLUMN head INTEGER")
      try db.execute(sql: "ALTER TABLE log_bounds ADD COLUMN checksum INTEGER")
      let newest = try Int64.fetchOne(db, sql: "SELECT MAX(\"offset\") FROM events")
      guard let first = try Int64.fetchOne(db, sql: "SELECT first FROM log_bounds WHERE id = 1") else {
        throw LogError.damaged("the table log_bounds is empty; \(LogError.repairAdvice), or restore a backup")
      }
      let bounds = LogBounds(head: newest ?? first - 1, first: first)
      try db.execute(
        sql: "UPDATE log_bounds SET head = ?, checksum = ? WHERE id = 1", arguments: [bounds.head, bounds.checksum])
    }
    migrator.registerMigration("004-roster-checksum") { db in
      try db.execute(sql: "ALTER TABLE roster ADD COLUMN checksum INTEGER")
      guard let event = try Data.fetchOne(db, sql: "SELECT event FROM roster WHERE id = 1") else { return }
      let checksum = event.withUnsafeBytes { EventChecksum.content(of: $0) }
      try db.execute(sql: "UPDATE roster SET checksum = ? WHERE id = 1", arguments: [checksum])
    }
    migrator.registerMigration("005-record") { db in
      // Null until the log is opened; see `LogRecord`.
      try db.execute(sql: "ALTER TABLE log_bounds ADD COLUMN key_sum INTEGER")
      try db.execute(sql: "ALTER TABLE log_bounds ADD COLUMN roster_at INTEGER")
    }
    return migrator
  }
}

extension BusSchema {
  /// Throws if a newer version wrote the file, before changing any byte of it. The caller must hold the log's lock.
  ///
  /// - Throws: `StorageError` with code `.schema`.
  static func requireNotNewer(_ path: String) throws {
    let applied = SQLiteInspection.texts(in: "identifier", of: "grdb_migrations", at: path) ?? []
    let unknown = applied.filter { !migrator.migrations.contains($0) }.sorted()
    guard unknown.isEmpty else {
      throw StorageError(
        .schema,
        "the log \(path) was written by a newer version: this one does not know the migrations "
          + "\(unknown.joined(separator: ", ")). Start the newer version, or restore a backup from before it")
    }
  }
}

extension BusSchema {
  /// The log's tables.
  private static let tables = ["events", "event_keys", "log_bounds", "consumers", "quarantine", "roster"]

  /// Returns the tables that are missing from a file with all migrations, without changing the file. The caller must
  /// hold the log's lock.
  static func lostTables(_ path: String) -> [String] {
    let applied = SQLiteInspection.texts(in: "identifier", of: "grdb_migrations", at: path) ?? []
    guard migrator.migrations.allSatisfy(applied.contains),
      let found = SQLiteInspection.texts(in: "name", of: "sqlite_master", at: path)
    else { return [] }
    return tables.filter { !found.contains($0) }
  }

  /// Throws if a table is missing from the file. The caller must hold the log's lock.
  ///
  /// - Throws: `LogError.damaged`.
  static func requireTables(_ path: String) throws(LogError) {
    let lost = lostTables(path)
    guard lost.isEmpty else {
      let names = lost.joined(separator: ", ")
      throw .damaged("the log \(path) has lost a table: \(names); \(LogError.repairAdvice), or restore a backup")
    }
  }

  /// Creates the missing tables, empty.
  static func restoreTables(in queue: DatabaseQueue) throws {
    let whole = try DatabaseQueue()
    try migrator.migrate(whole)
    let select = "SELECT sql FROM sqlite_master WHERE name = ?"
    let definitions = try whole.read { db in
      try tables.map { ($0, try String.fetchOne(db, sql: select, arguments: [$0])) }
    }
    try queue.writeWithoutTransaction { db in
      for (table, definition) in definitions {
        let present = try String.fetchOne(db, sql: select, arguments: [table])
        if present == nil, let definition { try db.execute(sql: definition) }
      }
    }
  }
}

extension BusSchema {
  /// Checks that the file has all of the program's migrations and no others, without changing the file.
  ///
  /// - Throws: `StorageError` with code `.schema` if its schema is older or newer.
  static func requireCurrent(_ transaction: any Transaction) throws {
    let isRecorded = try transaction.queryOne("SELECT 1 FROM sqlite_master WHERE name = 'grdb_migrations'") != nil
    let rows = isRecorded ? try transaction.query("SELECT identifier FROM grdb_migrations ORDER BY identifier") : []
    let applied = try rows.map { try $0.text("identifier") }
    let unknown = applied.filter { !migrator.migrations.contains($0) }
    guard unknown.isEmpty else {
      throw StorageError(
        .schema,
        "the log was written by a newer version, with the unknown migrations \(unknown.joined(separator: ", ")); "
          + "move it with that version")
    }
    let missing = migrator.migrations.filter { !applied.contains($0) }
    guard missing.isEmpty else { throw StorageError.olderStore(missing: missing) }
  }
}
