import Contract
import LaunchModel
import Storage

/// The log on a PostgreSQL server, which several buses may share.
///
/// Each batch of events is one transaction, which first updates, and so locks, the `log_bounds` row. Offsets are
/// therefore dense and in commit order, whichever bus commits.
///
/// An append that failed before its commit is retried here. If the connection was lost during the commit, the same
/// events are appended again; those already stored are reported as duplicates, with their offsets.
final class PostgreSQLEventLog: EventLog {
  /// Maximum number of attempts at an operation if the connection is lost.
  private static let maximumAttempts = 3

  let database: PostgreSQLBusDatabase
  /// Encodes the notifications to other buses.
  let sender: PeerNotification.Sender
  /// The number of offsets in one partition.
  let partitionSize: Int64
  /// The last offset that has a partition, as far as this process knows.
  var partitionedThrough: Int64 = 0
  private(set) var bounds = LogBounds(head: 0, first: 1)
  private(set) var newestStoredAt: Timestamp?
  private(set) var rosterOffset: Int64 = 0
  var damage: [LogDamage] = []

  /// Opens the log at its end.
  ///
  /// - Parameter partitionSize: the number of offsets in a partition, which are dropped together. The default
  ///   corresponds to about 300 MB of small events.
  init(
    _ database: PostgreSQLBusDatabase, sender: PeerNotification.Sender = PeerNotification.Sender(),
    partitionSize: Int64 = 1 << 20
  ) throws(LogError) {
    self.database = database
    self.sender = sender
    self.partitionSize = partitionSize
    try refresh()
    try verifyAtStart()
  }

  func refresh() throws(LogError) {
    try database.connect()
    let purpose = "cannot read the bounds of the log"
    let rows = try database.query(purpose, LogState.select)
    do {
      let state = try LogState(rows.first)
      try state.check(after: bounds)
      update(state)
    } catch {
      throw LogError(storage: error, purpose)
    }
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    if let damage = damage.first(where: \.preventsStoring) { throw LogError(damage) }
    let outcomes = try retryingLostConnection { () throws(LogError) in
      let (outcomes, state) = try appendBatch(events, at: time)
      update(state)
      return outcomes
    }
    for case .damaged(let offset) in outcomes { _ = try verify(from: .events(after: offset - 1), atMost: 1) }
    return outcomes
  }

  /// Always true: the server maintains the index, which other buses use at the same time, so there is nothing to read.
  func readKeys() -> Bool { true }

  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    try retryingLostConnection { () throws(LogError) in
      update(try deleteOldest(through: offset, atMost: Int64(count)))
      damage.removeAll { $0.isLoss && $0.last < bounds.first }
      return bounds
    }
  }

  private func update(_ state: LogState) {
    (bounds, newestStoredAt, rosterOffset) = (state.bounds, state.newestAt, state.rosterOffset)
  }

  /// Runs the body, and runs it again if the connection was lost.
  private func retryingLostConnection<R>(_ body: () throws(LogError) -> R) throws(LogError) -> R {
    var attempts = 0
    while true {
      attempts += 1
      do throws(LogError) {
        try database.connect()
        return try body()
      } catch {
        guard case .unavailable = error, attempts < Self.maximumAttempts else { throw error }
      }
    }
  }
}

/// Thrown if some of the events are already in the log or occur twice, so that each must be looked up.
private struct DuplicateKeys: Error {}

extension PostgreSQLEventLog {
  /// Appends the events in one transaction. It first assumes that all are new, which is almost always true.
  ///
  /// - Returns: the outcome of each event, and the log's bounds afterwards.
  func appendBatch(
    _ events: [ScannedEvent], at time: Timestamp
  ) throws(LogError) -> (outcomes: [AppendOutcome], state: LogState) {
    try database.transaction("cannot append events") { transaction in
      var inserted: LogState?
      let areNew = try transaction.attempting(DuplicateKeys.self) {
        inserted = try insert(events, at: time, transaction)
      }
      if areNew, let state = inserted {
        let first = state.bounds.head + 1 - Int64(events.count)
        return (events.indices.map { .stored(first + Int64($0)) }, state)
      }
      var state = try LogState(transaction.queryOne(LogState.lock))
      try check(state, state.bounds)
      let found = try existing(events, transaction)
      var deduplicator = BatchDeduplicator(head: state.bounds.head)
      let outcomes = events.indices.map { deduplicator.outcome(of: events[$0], found: found[$0]) }
      if !deduplicator.newEvents.isEmpty { state = try insert(deduplicator.newEvents, at: time, transaction) }
      return (outcomes, state)
    }
  }

  private func insert(
    _ events: [ScannedEvent], at time: Timestamp, _ transaction: BlockingTransaction
  ) throws -> LogState {
    var state = try LogState(
      transaction.queryOne(
        """
        UPDATE log_bounds SET head = head + ?, newest_at = GREATEST(newest_at, ?)
        RETURNING head, first, newest_at, roster_at, CAST(pg_notify(?, ?) AS TEXT) AS notified
        """, [events.count, time, database.channel, sender.payload(.appended)]))
    let before = LogBounds(head: state.bounds.head - Int64(events.count), first: state.bounds.first)
    try check(state, before)
    try makePartitions(after: before.head, through: state.bounds.head, transaction)
    let offsets = SQLArray.integers((before.head + 1)...state.bounds.head)
    let keys = KeyColumns(events)
    let claimed = try transaction.execute(
      """
      INSERT INTO event_keys (source, id, "offset") SELECT * FROM unnest(?, ?, ?) ON CONFLICT DO NOTHING
      """, arrays: [keys.sources, keys.ids, offsets])
    guard claimed == events.count else { throw DuplicateKeys() }
    let columns = EventColumns(events, after: before.head, storedAt: state.newestAt ?? time)
    try transaction.execute(
      """
      INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes)
      SELECT * FROM unnest(?, ?, ?, ?, ?, ?)
      """, arrays: [offsets] + columns.arrays)
    if let roster = events.lastRoster {
      state.rosterOffset = before.head + 1 + Int64(roster.index)
      try Self.save(rosterEvent: roster.event, at: state.rosterOffset, transaction)
    }
    return state
  }

  /// Checks that the log has not lost events, and that its roster is the one known here.
  ///
  /// - Parameter before: the log's bounds before this append.
  private func check(_ state: LogState, _ before: LogBounds) throws {
    var found = state
    found.bounds = before
    try found.check(after: bounds)
    guard state.rosterOffset == rosterOffset else { throw LogError.rosterChanged }
  }

  /// Saves the copy of the roster, where pruning does not delete it, and the offset at which it was adopted.
  static func save(rosterEvent event: ScannedEvent, at offset: Int64, _ transaction: BlockingTransaction) throws {
    try transaction.execute("UPDATE log_bounds SET roster_at = ?", [offset])
    try transaction.execute(
      """
      INSERT INTO roster (id, event, checksum) VALUES (1, ?, ?)
      ON CONFLICT (id) DO UPDATE SET event = excluded.event, checksum = excluded.checksum
      """, [event.bytes, event.contentChecksum])
  }

  /// Returns the outcome of each event that is already in the log, by its index in the batch. The database compares the
  /// bytes; only events whose bytes differ from the stored ones are compared here.
  private func existing(
    _ events: [ScannedEvent], _ transaction: BlockingTransaction
  ) throws -> [Int: AppendOutcome] {
    let keys = KeyColumns(events)
    // LATERAL with OFFSET 0 forces one index look-up per event, whatever the planner assumes about a new table.
    let rows = try transaction.query(
      """
      SELECT given.place, known."offset", events.bytes = given.bytes AS is_same, stored_at, checksum, type_start,
        type_length, CASE WHEN events.bytes = given.bytes THEN NULL ELSE events.bytes END AS other
      FROM unnest(?, ?, ?) WITH ORDINALITY AS given (source, id, bytes, place)
      CROSS JOIN LATERAL (
        SELECT "offset" FROM event_keys WHERE source = given.source AND id = given.id OFFSET 0) AS known
      LEFT JOIN LATERAL (SELECT * FROM events WHERE "offset" = known."offset" OFFSET 0) AS events ON true
      """, arrays: [keys.sources, keys.ids, EventColumns.bytes(events)])
    var found: [Int: AppendOutcome] = [:]
    for row in rows {
      let offset = try row.integer("offset")
      let place = try row.int("place") - 1
      if try row.optionalInteger("is_same") == 1 {
        found[place] = try Self.isIntact(row, same: events[place], at: offset) ? .duplicate(offset) : .damaged(offset)
      } else if try Self.isIntact(row, like: events[place], at: offset) {
        let isSame = EventContent.isSame(try row.blob("other"), events[place].bytes)
        found[place] = isSame ? .duplicate(offset) : .idReused(offset)
      } else {
        found[place] = .damaged(offset)
      }
    }
    return found
  }

  /// Whether the row's stored event, whose bytes equal the given event's, is otherwise as it was stored.
  private static func isIntact(_ row: Row, same event: ScannedEvent, at offset: Int64) throws -> Bool {
    let columns = event.storedColumns(offset: offset, storedAt: try row.timestamp("stored_at"))
    return try row.integer("checksum") == columns.checksum && row.integer("type_start") == columns.typeStart
      && row.integer("type_length") == columns.typeLength
  }

  /// Whether the row has a stored event that matches its checksum and has the given event's source and id.
  private static func isIntact(_ row: Row, like event: ScannedEvent, at offset: Int64) throws -> Bool {
    guard try row.optionalInteger("is_same") != nil else { return false }
    do {
      let stored = try LoggedEvent(
        verifying: try row.blob("other"), offset: offset, storedAt: try row.timestamp("stored_at"),
        checksum: try row.integer("checksum"), typeStart: try row.int("type_start"),
        typeLength: try row.int("type_length"))
      var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
      return stored.scanned(&scanner).map { EventKey($0) == EventKey(event) } ?? true
    } catch LogError.corrupt {
      return false
    }
  }
}

extension BlockingTransaction {
  /// Runs the body in a savepoint. If the body throws an error of the given type, rolls back to the savepoint and
  /// returns false.
  fileprivate func attempting<E: Error>(_ error: E.Type, _ body: () throws -> Void) throws -> Bool {
    do {
      try savepoint(body)
      return true
    } catch is E {
      return false
    }
  }
}

extension PostgreSQLEventLog {
  /// Maximum number of events and bytes that one query reads; a larger first event is returned anyway.
  static let chunk = (events: Int64(512), bytes: Int64(4 << 20))

  static let select = """
    SELECT "offset", stored_at, checksum, type_start, type_length, bytes FROM (
      SELECT *, sum(octet_length(bytes)) OVER (ORDER BY "offset") AS size FROM events
      WHERE "offset" > ? AND "offset" <= ?
    ) AS chunk WHERE size <= ? OR "offset" = ? ORDER BY "offset"
    """

  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage {
    var page = LogPage(events: [], searched: max(offset, bounds.first - 1))
    let last = min(bounds.head, page.searched + Int64(limits.examined))
    var bytes = 0
    while page.searched < last {
      for event in try chunk(after: page.searched, through: last) {
        if filter.matches(event) {
          bytes += event.bytes.count
          guard page.events.count < limits.events, bytes <= limits.bytes || page.events.isEmpty else { return page }
          page.events.append(event)
        }
        page.searched = event.offset
      }
    }
    return page
  }

  /// Returns the next events, at least one, each verified against its checksum.
  private func chunk(after offset: Int64, through last: Int64) throws(LogError) -> [LoggedEvent] {
    let purpose = "cannot read the log"
    let rows = try database.query(purpose, Self.select, Self.arguments(after: offset, through: last))
    guard !rows.isEmpty else { throw .corrupt(offset: offset + 1) }
    do {
      return try rows.enumerated().map { index, row in
        // A gap in the offsets is damage as well.
        let expected = offset + 1 + Int64(index)
        guard try row.integer("offset") == expected else { throw LogError.corrupt(offset: expected) }
        return try LoggedEvent(row: row)
      }
    } catch {
      throw LogError(storage: error, purpose)
    }
  }

  static func arguments(after offset: Int64, through last: Int64) -> [any SQLValueConvertible] {
    [offset, min(last, offset + chunk.events), chunk.bytes, offset + 1]
  }

  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64 {
    try bounds.firstOffset(storedSince: time) { (offset) throws(LogError) in
      let purpose = "cannot read the log"
      let rows = try database.query(purpose, Self.select, Self.arguments(after: offset - 1, through: offset))
      do {
        guard let row = rows.first else { return nil }
        return try LoggedEvent(row: row).storedAt
      } catch {
        throw LogError(storage: error, purpose)
      }
    }
  }
}

extension PostgreSQLEventLog {
  /// Deletes the oldest events in one transaction: advances the first offset, frees the deleted events' sources and
  /// ids, and drops the partitions that lie entirely before the first offset. Deleted events in the first offset's own
  /// partition stay on disk, unread, until that partition is dropped.
  func deleteOldest(through offset: Int64, atMost count: Int64) throws(LogError) -> LogState {
    try database.transaction("cannot prune the log") { transaction in
      var state = try LogState(transaction.queryOne(LogState.lock))
      try state.check(after: bounds)
      let old = state.bounds.first
      let first = min(offset, state.bounds.head, old - 1 + count) + 1
      guard first > old else { return state }
      var searched = old - 1
      while searched < first - 1 {
        let rows = try transaction.query(Self.select, Self.arguments(after: searched, through: first - 1))
        searched = try rows.last?.integer("offset") ?? first - 1
        try release(try rows.map { (try $0.integer("offset"), try $0.blob("bytes")) }, transaction)
      }
      _ = try transaction.query(
        "UPDATE log_bounds SET first = ? RETURNING CAST(pg_notify(?, ?) AS TEXT) AS notified",
        [first, database.channel, sender.payload(.appended)])
      try dropPartitions(before: first, transaction)
      state.bounds.first = first
      return state
    }
  }

  /// Frees the sources and ids of events. A damaged event's source and id cannot be read, so its key is found by the
  /// offset, which is slow.
  private func release(_ pruned: [(offset: Int64, bytes: [UInt8])], _ transaction: BlockingTransaction) throws {
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    var events: [ScannedEvent] = []
    for (offset, bytes) in pruned {
      // A damaged event cannot be read, so its key is found by its offset.
      if let event = try? scanner.scan(bytes) {
        events.append(event)
      } else {
        try transaction.execute("DELETE FROM event_keys WHERE \"offset\" = ?", [offset])
      }
    }
    let keys = KeyColumns(events)
    // Forces one index look-up per key, whatever the planner assumes about the table.
    try transaction.execute(
      """
      DELETE FROM event_keys WHERE ctid = ANY (ARRAY(
        SELECT found.place FROM unnest(?, ?) AS pruned (source, id)
        CROSS JOIN LATERAL (
          SELECT ctid AS place FROM event_keys WHERE source = pruned.source AND id = pruned.id OFFSET 0) AS found))
      """, arrays: [keys.sources, keys.ids])
  }
}
