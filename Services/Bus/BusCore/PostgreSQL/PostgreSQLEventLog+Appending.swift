import LaunchModel
import Storage

/// Some of the events' sources and ids are taken, so that the group must be looked through.
private struct KeysAreTaken: Error {}

extension PostgreSQLEventLog {
  /// Appends the events in one transaction: at first as if all were new, which is what they almost always are.
  ///
  /// - Returns: what became of each, and where the log ends then.
  func appendGroup(
    _ events: [ScannedEvent], at time: Timestamp
  ) throws(LogFault) -> (outcomes: [AppendOutcome], ends: LogEnds) {
    try database.transaction("cannot append") { transaction in
      var all: LogEnds?
      let areNew = try transaction.attempting(KeysAreTaken.self) { all = try insert(events, at: time, transaction) }
      if areNew, let ends = all {
        let first = ends.bounds.head + 1 - Int64(events.count)
        return (events.indices.map { .stored(first + Int64($0)) }, ends)
      }
      var ends = try LogEnds(
        transaction.queryOne(LogEnds.lock))
      try check(ends, ends.bounds)
      let found = try present(events, transaction)
      var sorting = GroupSorting(head: ends.bounds.head)
      let outcomes = events.indices.map { sorting.outcome(of: events[$0], found: found[$0]) }
      if !sorting.fresh.isEmpty { ends = try insert(sorting.fresh, at: time, transaction) }
      return (outcomes, ends)
    }
  }

  private func insert(
    _ events: [ScannedEvent], at time: Timestamp, _ transaction: BlockingTransaction
  ) throws -> LogEnds {
    var ends = try LogEnds(
      transaction.queryOne(
        """
        UPDATE log_bounds SET head = head + ?, newest_at = GREATEST(newest_at, ?)
        RETURNING head, first, newest_at, roster_at, CAST(pg_notify(?, ?) AS TEXT) AS told
        """, [events.count, time, database.channel, notice.payload(.appended)]))
    let before = LogBounds(head: ends.bounds.head - Int64(events.count), first: ends.bounds.first)
    try check(ends, before)
    try makePartitions(after: before.head, through: ends.bounds.head, transaction)
    let offsets = SQLArray.integers((before.head + 1)...ends.bounds.head)
    let keys = KeyColumns(events)
    let claimed = try transaction.execute(
      """
      INSERT INTO event_keys (source, id, "offset") SELECT * FROM unnest(?, ?, ?) ON CONFLICT DO NOTHING
      """, arrays: [keys.sources, keys.ids, offsets])
    guard claimed == events.count else { throw KeysAreTaken() }
    let columns = EventColumns(events, after: before.head, storedAt: ends.newestAt ?? time)
    try transaction.execute(
      """
      INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes)
      SELECT * FROM unnest(?, ?, ?, ?, ?, ?)
      """, arrays: [offsets] + columns.arrays)
    if let roster = events.lastRoster {
      ends.rosterOffset = before.head + 1 + Int64(roster.place)
      try keep(rosterEvent: roster.event.bytes, at: ends.rosterOffset, transaction)
    }
    return ends
  }

  /// - Parameter before: where the log ended before this.
  private func check(_ ends: LogEnds, _ before: LogBounds) throws {
    var found = ends
    found.bounds = before
    try found.check(after: bounds)
    guard ends.rosterOffset == rosterOffset else { throw LogFault.rosterChanged }
  }

  private func keep(rosterEvent bytes: [UInt8], at offset: Int64, _ transaction: BlockingTransaction) throws {
    try transaction.execute("UPDATE log_bounds SET roster_at = ?", [offset])
    try transaction.execute(
      "INSERT INTO roster (id, event) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET event = excluded.event", [bytes])
  }

  /// Which of the events are in the log, by their place in the group, compared byte for byte.
  private func present(
    _ events: [ScannedEvent], _ transaction: BlockingTransaction
  ) throws -> [Int: AppendOutcome] {
    let keys = KeyColumns(events)
    // The look-up stays one by the index for each event, whatever the planner thinks of a table that has just begun.
    let rows = try transaction.query(
      """
      SELECT given.place, known."offset", events.bytes = given.bytes AS is_same
      FROM unnest(?, ?, ?) WITH ORDINALITY AS given (source, id, bytes, place)
      CROSS JOIN LATERAL (
        SELECT "offset" FROM event_keys WHERE source = given.source AND id = given.id OFFSET 0) AS known
      LEFT JOIN LATERAL (SELECT bytes FROM events WHERE "offset" = known."offset" OFFSET 0) AS events ON true
      """, arrays: [keys.sources, keys.ids, EventColumns.bytes(events)])
    var found: [Int: AppendOutcome] = [:]
    for row in rows {
      let offset = try row.integer("offset")
      guard let isSame = try row.optionalInteger("is_same") else { throw LogFault.corrupt(offset: offset) }
      found[try row.int("place") - 1] = isSame == 1 ? .duplicate(offset) : .idReused(offset)
    }
    return found
  }
}

extension BlockingTransaction {
  /// Whether the body did without that error; where it did not, what it did is undone.
  fileprivate func attempting<E: Error>(_ error: E.Type, _ body: () throws -> Void) throws -> Bool {
    do {
      try savepoint(body)
      return true
    } catch is E {
      return false
    }
  }
}
