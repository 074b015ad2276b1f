import Foundation
import GRDB
import Contract
import LaunchModel

/// The log in SQLite: a table of events by offset, and a table of their sources and ids that detects duplicates.
final class SQLiteEventLog: EventLog {
  private let database: BusDatabase
  private(set) var bounds: LogBounds
  private(set) var newestStoredAt: Timestamp?
  /// Always 0: no other process can adopt a roster.
  let rosterOffset: Int64 = 0

  /// Opens the log at its end.
  init(_ database: BusDatabase) throws(LogError) {
    self.database = database
    bounds = try database.access("cannot read the log") { db in
      let first = try Int64.fetchOne(db, sql: "SELECT first FROM log_bounds") ?? 1
      let newest = try Int64.fetchOne(db, sql: "SELECT MAX(\"offset\") FROM events")
      return LogBounds(head: newest ?? first - 1, first: first)
    }
    newestStoredAt = try storedAt(bounds.head)
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome] {
    let storedAt = max(time, newestStoredAt ?? time)
    var head = bounds.head
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(events.count)
    let statements = try database.statements()
    try database.transaction("cannot append events") { db in
      for event in events {
        guard try claim(event, head + 1, statements) else {
          outcomes.append(try compare(event, statements))
          continue
        }
        head += 1
        try insert(event, head, storedAt, statements.insertEvent)
        outcomes.append(.stored(head))
        if event.announcesRoster { try save(rosterEvent: event.bytes, db) }
      }
    }
    if head > bounds.head {
      bounds.head = head
      newestStoredAt = storedAt
    }
    return outcomes
  }

  /// Saves the roster in a table of its own, out of reach of pruning.
  private func save(rosterEvent bytes: [UInt8], _ db: Database) throws {
    try db.execute(
      sql: "INSERT INTO roster (id, event) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET event = excluded.event",
      arguments: [Data(bytes)])
  }

  /// Inserts the source and id; false if they are already in the log.
  private func claim(_ event: ScannedEvent, _ offset: Int64, _ statements: LogStatements) throws -> Bool {
    let statement = statements.insertKey
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

  private func insert(
    _ event: ScannedEvent, _ offset: Int64, _ storedAt: Timestamp, _ statement: PreparedStatement
  ) throws {
    let type = event.type.range ?? 0..<0
    let checksum = EventChecksum.of(content: event.contentChecksum, offset: offset, storedAt: storedAt)
    try event.bytes.withUnsafeBytes { bytes in
      statement.bind(offset, at: 1)
      statement.bind(storedAt.microseconds, at: 2)
      statement.bind(checksum, at: 3)
      statement.bind(Int64(type.lowerBound), at: 4)
      statement.bind(Int64(type.count), at: 5)
      statement.bind(blob: bytes, at: 6)
      try statement.run()
    }
  }

  /// Compares an event with the stored one that has the same source and id.
  private func compare(_ event: ScannedEvent, _ statements: LogStatements) throws -> AppendOutcome {
    let find = statements.findKey
    let offset = try event.withBytes(of: event.source) { source in
      try event.withBytes(of: event.id) { id in
        find.bind(text: source, at: 1)
        find.bind(text: id, at: 2)
        defer { find.reset() }
        guard try find.step() else { throw LogError.failed("event_keys lost a source and id that it had a moment ago") }
        return find.integer(0)
      }
    }
    let select = statements.selectEvent
    select.bind(offset, at: 1)
    defer { select.reset() }
    guard try select.step() else { throw LogError.corrupt(offset: offset) }
    let isSame = EventContent.isSame(select.bytes(LogStatements.bytesColumn), event.bytes)
    return isSame ? .duplicate(offset) : .idReused(offset)
  }
}

extension SQLiteEventLog {
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage {
    var page = LogPage(events: [], searched: max(offset, bounds.first - 1))
    let last = min(bounds.head, page.searched + Int64(limits.examined))
    var bytes = 0
    let statements = try database.statements()
    try database.access("cannot read the log") { _ in
      let statement = statements.selectRange
      statement.bind(page.searched, at: 1)
      statement.bind(last, at: 2)
      defer { statement.reset() }
      while try statement.step() {
        let event = try statements.event(statement)
        if filter.matches(event) {
          bytes += event.bytes.count
          guard page.events.count < limits.events, bytes <= limits.bytes || page.events.isEmpty else { return }
          page.events.append(event)
        }
        page.searched = event.offset
      }
    }
    return page
  }

  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64 {
    try bounds.firstOffset(storedSince: time) { (offset) throws(LogError) in try storedAt(offset) }
  }

  /// Returns when the event at that offset was stored, or nil if it is not in the log.
  private func storedAt(_ offset: Int64) throws(LogError) -> Timestamp? {
    let statement = try database.statements().selectEvent
    return try database.access("cannot read the log") { _ in
      statement.bind(offset, at: 1)
      defer { statement.reset() }
      return try statement.step() ? Timestamp(microseconds: statement.integer(1)) : nil
    }
  }

  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    let first = min(offset, bounds.head, bounds.first - 1 + Int64(count)) + 1
    guard first > bounds.first else { return bounds }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    let statements = try database.statements()
    try database.transaction("cannot prune the log") { db in
      for offset in bounds.first..<first { try release(offset, &scanner, statements, db) }
      try db.execute(sql: "DELETE FROM events WHERE \"offset\" < ?", arguments: [first])
      try db.execute(sql: "UPDATE log_bounds SET first = ?", arguments: [first])
    }
    bounds.first = first
    return bounds
  }

  /// Frees the source and id of an event. Those of a damaged event cannot be read, so its key is found by its offset,
  /// slowly.
  private func release(
    _ offset: Int64, _ scanner: inout EventScanner, _ statements: LogStatements, _ db: Database
  ) throws {
    let select = statements.selectEvent
    select.bind(offset, at: 1)
    let bytes = try select.step() ? Array(select.bytes(LogStatements.bytesColumn)) : []
    select.reset()
    // A damaged event cannot be read, and its offset stands in for its source and id.
    guard let event = try? scanner.scan(bytes) else {
      try db.execute(sql: "DELETE FROM event_keys WHERE \"offset\" = ?", arguments: [offset])
      return
    }
    let statement = statements.deleteKey
    try event.withBytes(of: event.source) { source in
      try event.withBytes(of: event.id) { id in
        statement.bind(text: source, at: 1)
        statement.bind(text: id, at: 2)
        try statement.run()
      }
    }
  }

  /// Does nothing: no other process has the file open.
  func refresh() {}
}

/// The log's statements, prepared once.
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

  /// Returns the event in a statement's current row, verified against its checksum.
  func event(_ row: PreparedStatement) throws -> LoggedEvent {
    try LoggedEvent(
      verifying: Array(row.bytes(Self.bytesColumn)), offset: row.integer(0),
      storedAt: Timestamp(microseconds: row.integer(1)), checksum: row.integer(2), typeStart: Int(row.integer(3)),
      typeLength: Int(row.integer(4)))
  }
}
