import Contract
import LaunchModel
import Storage

/// The log on a PostgreSQL server, which several buses may share. A group of events is one transaction, which moves the row of the
/// log's ends first and so holds it: offsets are dense, and in the order of the commits, whoever commits.
///
/// What was lost before its commit is appended again here. Where the connection was lost during the commit, the same events are
/// appended once more: those that are there are duplicates, at their offsets.
final class PostgreSQLEventLog: EventLog {
  /// How often is tried what a lost connection has interrupted.
  private static let mostTries = 3

  let database: PostgreSQLBusDatabase
  /// Tells the other buses.
  let notice: PeerNotification.Sender
  /// Offsets of one partition.
  let partitionSize: Int64
  /// The last offset that has a partition, as far as is known here.
  var partitionedThrough: Int64 = 0
  private(set) var bounds = LogBounds(head: 0, first: 1)
  private(set) var newestStoredAt: Timestamp?
  private(set) var rosterOffset: Int64 = 0

  /// Takes up the log where it ends.
  ///
  /// - Parameter partitionSize: how many offsets are pruned together; about 300 MB of small events by default.
  init(
    _ database: PostgreSQLBusDatabase, notice: PeerNotification.Sender = PeerNotification.Sender(),
    partitionSize: Int64 = 1 << 20
  ) throws(LogError) {
    self.database = database
    self.notice = notice
    self.partitionSize = partitionSize
    try refresh()
  }

  func refresh() throws(LogError) {
    try database.connect()
    let purpose = "cannot read the log's ends"
    let rows = try database.query(purpose, LogEnds.select)
    do {
      let ends = try LogEnds(rows.first)
      try ends.check(after: bounds)
      note(ends)
    } catch {
      throw LogError(storage: error, purpose)
    }
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    return try again { () throws(LogError) in
      let (outcomes, ends) = try appendGroup(events, at: time)
      note(ends)
      return outcomes
    }
  }

  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    try again { () throws(LogError) in
      note(try deleteOldest(through: offset, atMost: Int64(count)))
      return bounds
    }
  }

  private func note(_ ends: LogEnds) {
    (bounds, newestStoredAt, rosterOffset) = (ends.bounds, ends.newestAt, ends.rosterOffset)
  }

  /// Runs the body, and again where the connection was lost.
  private func again<R>(_ body: () throws(LogError) -> R) throws(LogError) -> R {
    var tries = 0
    while true {
      tries += 1
      do throws(LogError) {
        try database.connect()
        return try body()
      } catch {
        guard case .unavailable = error, tries < Self.mostTries else { throw error }
      }
    }
  }
}

/// Some of the events' sources and ids are taken, so that the group must be looked through.
private struct KeysAreTaken: Error {}

extension PostgreSQLEventLog {
  /// Appends the events in one transaction: at first as if all were new, which is what they almost always are.
  ///
  /// - Returns: what became of each, and where the log ends then.
  func appendGroup(
    _ events: [ScannedEvent], at time: Timestamp
  ) throws(LogError) -> (outcomes: [AppendOutcome], ends: LogEnds) {
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
    guard ends.rosterOffset == rosterOffset else { throw LogError.rosterChanged }
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
      guard let isSame = try row.optionalInteger("is_same") else { throw LogError.corrupt(offset: offset) }
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

extension PostgreSQLEventLog {
  /// Events that are fetched at once, at most, and their bytes; a single larger event comes all the same.
  private static let chunk = (events: Int64(512), bytes: Int64(4 << 20))

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

  /// The next events, at least one, each verified.
  private func chunk(after offset: Int64, through last: Int64) throws(LogError) -> [LoggedEvent] {
    let purpose = "cannot read the log"
    let rows = try database.query(purpose, Self.select, Self.arguments(after: offset, through: last))
    guard !rows.isEmpty else { throw .corrupt(offset: offset + 1) }
    do {
      return try rows.enumerated().map { place, row in
        // An offset that is not there is damage, too.
        let due = offset + 1 + Int64(place)
        guard try row.integer("offset") == due else { throw LogError.corrupt(offset: due) }
        return try LoggedEvent(
          verifying: try row.blob("bytes"), offset: due, storedAt: try row.timestamp("stored_at"),
          checksum: try row.integer("checksum"), typeStart: try row.int("type_start"),
          typeLength: try row.int("type_length"))
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
      let rows = try database.query(purpose, "SELECT stored_at FROM events WHERE \"offset\" = ?", [offset])
      do {
        return try rows.first?.timestamp("stored_at")
      } catch {
        throw LogError(storage: error, purpose)
      }
    }
  }
}

extension PostgreSQLEventLog {
  /// Moves the log's beginning on, makes the sources and ids of what lies before it free again, and drops the partitions that lie
  /// before it as a whole, in one transaction. What lies before it in the partition that it stands in stays there, where nobody
  /// reads it, until that partition goes.
  func deleteOldest(through offset: Int64, atMost count: Int64) throws(LogError) -> LogEnds {
    try database.transaction("cannot prune") { transaction in
      var ends = try LogEnds(transaction.queryOne(LogEnds.lock))
      try ends.check(after: bounds)
      let old = ends.bounds.first
      let first = min(offset, ends.bounds.head, old - 1 + count) + 1
      guard first > old else { return ends }
      var searched = old - 1
      while searched < first - 1 {
        let rows = try transaction.query(Self.select, Self.arguments(after: searched, through: first - 1))
        searched = try rows.last?.integer("offset") ?? first - 1
        try release(try rows.map { (try $0.integer("offset"), try $0.blob("bytes")) }, transaction)
      }
      _ = try transaction.query(
        "UPDATE log_bounds SET first = ? RETURNING CAST(pg_notify(?, ?) AS TEXT) AS told",
        [first, database.channel, notice.payload(.appended)])
      try dropPartitions(before: first, transaction)
      ends.bounds.first = first
      return ends
    }
  }

  /// A damaged event cannot say its source and id; then its offset finds them, slowly.
  private func release(_ doomed: [(offset: Int64, bytes: [UInt8])], _ transaction: BlockingTransaction) throws {
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    var events: [ScannedEvent] = []
    for (offset, bytes) in doomed {
      // A damaged event cannot be read, and its offset stands in for its source and id.
      if let event = try? scanner.scan(bytes) {
        events.append(event)
      } else {
        try transaction.execute("DELETE FROM event_keys WHERE \"offset\" = ?", [offset])
      }
    }
    let keys = KeyColumns(events)
    // One look-up by the index for each, whatever the planner thinks of the table.
    try transaction.execute(
      """
      DELETE FROM event_keys WHERE ctid = ANY (ARRAY(
        SELECT found.place FROM unnest(?, ?) AS doomed (source, id)
        CROSS JOIN LATERAL (
          SELECT ctid AS place FROM event_keys WHERE source = doomed.source AND id = doomed.id OFFSET 0) AS found))
      """, arrays: [keys.sources, keys.ids])
  }
}

extension PostgreSQLEventLog {
  /// Makes sure that there are partitions for the offsets from the log's head to that one, and for some that come after it. The row
  /// of the log's ends is held, so no other bus makes any.
  func makePartitions(after head: Int64, through offset: Int64, _ transaction: BlockingTransaction) throws {
    let wanted = offset + partitionSize / 4
    guard wanted > partitionedThrough else { return }
    // What is rolled back is not there: it is read again, and noted only as far as it was there before.
    var last = try transaction.queryOne("SELECT max(last) AS last FROM log_partitions")?.optionalInteger("last") ?? 0
    partitionedThrough = last
    while last < wanted {
      let first = max(last, head) + 1
      last = first - 1 + partitionSize
      try Self.makePartition(first: first, last: last, transaction)
      try transaction.execute("INSERT INTO log_partitions (first, last) VALUES (?, ?)", [first, last])
    }
  }

  /// Drops the partitions whose offsets all lie before that one.
  func dropPartitions(before first: Int64, _ transaction: BlockingTransaction) throws {
    for row in try transaction.query("DELETE FROM log_partitions WHERE last < ? RETURNING first", [first]) {
      try transaction.execute("DROP TABLE \(Self.partition(try row.integer("first")))")
    }
  }

  /// Makes the partition for those offsets, and does not write it down.
  static func makePartition(first: Int64, last: Int64, _ transaction: BlockingTransaction) throws {
    try transaction.execute(
      "CREATE TABLE \(partition(first)) PARTITION OF events FOR VALUES FROM (\(first)) TO (\(last + 1))")
  }

  private static func partition(_ first: Int64) -> String { "events_\(first)" }
}
