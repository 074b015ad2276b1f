import LaunchModel
import Storage

/// Some of the events' sources and ids are taken, so that the group must be looked through.
private struct KeysAreTaken: Error {}

extension PostgreSQLEventLog {
  /// Appends the events in one transaction: at first as if all were new, which is what they almost always are.
  ///
  /// - Returns: what became of each, and how many were stored.
  func appendGroup(
    _ events: [ScannedEvent], storedAt: Timestamp
  ) throws(LogFault) -> (outcomes: [AppendOutcome], stored: Int) {
    guard !events.isEmpty else { return ([], 0) }
    return try database.transaction("cannot append") { transaction in
      let areNew = try transaction.attempting(KeysAreTaken.self) {
        try insert(events, storedAt: storedAt, transaction)
      }
      guard !areNew else { return (events.indices.map { .stored(bounds.head + 1 + Int64($0)) }, events.count) }
      let rows = try transaction.query("SELECT head FROM log_bounds FOR UPDATE")
      guard try rows.first?.integer("head") == bounds.head else { throw hasMoved() }
      let found = try present(events, transaction)
      var sorting = GroupSorting(head: bounds.head)
      let outcomes = events.indices.map { sorting.outcome(of: events[$0], found: found[$0]) }
      if !sorting.fresh.isEmpty { try insert(sorting.fresh, storedAt: storedAt, transaction) }
      return (outcomes, sorting.fresh.count)
    }
  }

  private func insert(_ events: [ScannedEvent], storedAt: Timestamp, _ transaction: ExclusiveTransaction) throws {
    let last = bounds.head + Int64(events.count)
    let moved = try transaction.execute(
      "UPDATE log_bounds SET head = ?, newest_at = ? WHERE head = ?", [last, storedAt, bounds.head])
    guard moved == 1 else { throw hasMoved() }
    let offsets = SQLArray.integers((bounds.head + 1)...last)
    let keys = KeyColumns(events)
    let claimed = try transaction.execute(
      """
      INSERT INTO event_keys (source, id, "offset") SELECT * FROM unnest(?, ?, ?) ON CONFLICT DO NOTHING
      """, arrays: [keys.sources, keys.ids, offsets])
    guard claimed == events.count else { throw KeysAreTaken() }
    try transaction.execute(
      """
      INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes)
      SELECT * FROM unnest(?, ?, ?, ?, ?, ?)
      """, arrays: [offsets] + EventColumns(events, after: bounds.head, storedAt: storedAt).arrays)
  }

  /// Which of the events are in the log, by their place in the group, compared byte for byte.
  private func present(
    _ events: [ScannedEvent], _ transaction: ExclusiveTransaction
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

  private func hasMoved() -> LogFault {
    forgetBounds()
    return .unavailable("cannot append: something else has changed the log's head")
  }
}

extension ExclusiveTransaction {
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
