import Contract
import LaunchModel
import Storage

/// Reads the rows that a verification needs from the database.
extension PostgreSQLEventLog: VerifiedLog {
  /// The number of newest events that are verified when the log is opened.
  private static let verifiedAtStart: Int64 = 1_000

  func verifyAtStart() throws(LogError) {
    let start = max(bounds.first - 1, bounds.head - Self.verifiedAtStart)
    _ = try verify(from: .events(after: start), atMost: Int(Self.verifiedAtStart))
  }

  /// The head and the events are read in one query, because other buses may be appending.
  func eventsBeyondEnd() throws(LogError) -> ClosedRange<Int64>? {
    try read("SELECT head, (SELECT max(\"offset\") FROM events) AS newest FROM log_bounds") { rows in
      guard let row = rows.first, let newest = try row.optionalInteger("newest") else { return nil }
      let head = try row.integer("head")
      return newest > head ? (head + 1)...newest : nil
    }
  }

  func storedEvents(
    after offset: Int64, through last: Int64
  ) throws(LogError) -> (rows: [StoredRow], searched: Int64) {
    let last = min(last, offset + Self.chunk.events)
    let rows = try read(Self.select, Self.arguments(after: offset, through: last)) { rows in
      try rows.map { StoredRow(offset: try $0.integer("offset"), event: try LoggedEvent(intact: $0)) }
    }
    // A query may return fewer rows than requested if they are large, so the last row is the end.
    return (rows, rows.last?.offset ?? last)
  }

  func intactEvents(at offsets: [Int64]) throws(LogError) -> [Int64: LoggedEvent] {
    let events = try database.transaction("cannot read the log") { transaction in
      try transaction.query(
        """
        SELECT events.* FROM unnest(?) AS given (place)
        CROSS JOIN LATERAL (SELECT * FROM events WHERE "offset" = given.place OFFSET 0) AS events
        """, arrays: [SQLArray.integers(offsets)]
      ).compactMap { try LoggedEvent(intact: $0) }
    }
    return Dictionary(events.map { ($0.offset, $0) }) { first, _ in first }
  }

  func recordedOffsets(of events: [ScannedEvent]) throws(LogError) -> [Int64?] {
    let keys = KeyColumns(events)
    var recorded = [Int64?](repeating: nil, count: events.count)
    let found = try database.transaction("cannot read the log") { transaction in
      // LATERAL with OFFSET 0 forces one index look-up per event, whatever the planner assumes about a new table.
      try transaction.query(
        """
        SELECT given.place, known."offset" FROM unnest(?, ?) WITH ORDINALITY AS given (source, id, place)
        CROSS JOIN LATERAL (
          SELECT "offset" FROM event_keys WHERE source = given.source AND id = given.id OFFSET 0) AS known
        """, arrays: [keys.sources, keys.ids]
      ).map { (place: try $0.int("place") - 1, offset: try $0.integer("offset")) }
    }
    for (place, offset) in found { recorded[place] = offset }
    return recorded
  }

  func recordedForm(of event: ScannedEvent) -> EventKey {
    let key = KeyColumns.key(of: event)
    return EventKey(source: Array(key.source.utf8), id: Array(key.id.utf8))
  }

  /// The order follows the database's collation, which its index uses.
  func recordedKeys(after key: EventKey, atMost count: Int) throws(LogError) -> [RecordedKey] {
    let after: [any SQLValueConvertible] = [
      String(decoding: key.source, as: UTF8.self), String(decoding: key.id, as: UTF8.self), count,
    ]
    return try read(
      "SELECT source, id, \"offset\" FROM event_keys WHERE (source, id) > (?, ?) ORDER BY source, id LIMIT ?", after
    ) { rows in
      try rows.map { row in
        let key = EventKey(source: Array(try row.text("source").utf8), id: Array(try row.text("id").utf8))
        return RecordedKey(key: key, offset: try row.integer("offset"))
      }
    }
  }

  func rosterCopy() throws(LogError) -> RosterCopy { try database.rosterCopy() }

  private func read<R>(
    _ sql: String, _ arguments: [any SQLValueConvertible] = [], _ body: ([Row]) throws -> R
  ) throws(LogError) -> R {
    try database.read("cannot read the log", sql, arguments, body)
  }
}

extension PostgreSQLBusDatabase {
  static let rosterCopyQuery = """
    SELECT roster_at, event, roster.checksum AS event_checksum, events.* FROM log_bounds
    LEFT JOIN roster ON true LEFT JOIN events ON events."offset" = roster_at
    """

  /// Returns the copy of the roster, with what the log records about it.
  func rosterCopy() throws(LogError) -> RosterCopy {
    try read("cannot read the roster", Self.rosterCopyQuery) { try RosterCopy($0.first) }
  }
}

extension RosterCopy {
  /// Reads the copy in a transaction.
  init(_ transaction: BlockingTransaction) throws {
    try self.init(transaction.queryOne(PostgreSQLBusDatabase.rosterCopyQuery))
  }

  fileprivate init(_ row: Row?) throws {
    guard let row else { throw LogError.failed("the table log_bounds is empty; restore a backup") }
    self.init(adoptedAt: try row.integer("roster_at"))
    if let event = try row.optionalBlob("event") { copy = (event, try row.optionalInteger("event_checksum")) }
    if try row.optionalInteger("offset") != nil { adopted = try LoggedEvent(intact: row) }
  }
}

extension LoggedEvent {
  /// Restores an event from a row of `events` and verifies it.
  ///
  /// - Throws: `LogError.corrupt` if the event does not match what was stored.
  init(row: Row) throws {
    try self.init(
      verifying: try row.blob("bytes"), offset: try row.integer("offset"), storedAt: try row.timestamp("stored_at"),
      checksum: try row.integer("checksum"), typeStart: try row.int("type_start"),
      typeLength: try row.int("type_length"))
  }

  /// Restores an event from a row of `events`; nil if it does not match what was stored.
  init?(intact row: Row) throws {
    do {
      try self.init(row: row)
    } catch LogError.corrupt {
      return nil
    }
  }
}
