import Contract
import LaunchModel
import Storage

/// Repairs a log on PostgreSQL in place. Rows that it replaces are kept in the table `damaged_events`.
struct PostgreSQLLogRepair {
  let url: String
  let schema: String
  let now: Timestamp

  private static let purpose = "cannot repair the log"
  private static let batch: Int64 = 500
  /// How long the sessions of a bus that has just stopped may take to disappear, in tenths of a second.
  private static let patience = 30

  func run(isDryRun: Bool) throws -> LogRepair.Report {
    try requireLog()
    let database = try PostgreSQLBusDatabase(url: url, schema: schema)
    defer { database.close() }
    if !isDryRun { try requireStopped(database) }
    let ends = try database.transaction(Self.purpose) { transaction in
      let ends = try LogEnds(transaction)
      if !isDryRun, ends.areDamaged { try settle(ends, transaction) }
      return ends
    }
    var report = LogRepair.Report(hadDamagedBounds: ends.recorded == nil, bounds: ends.found)
    if let beyond = ends.beyond { report.damage.add(.end, beyond) }
    // Without a record of its bounds the log cannot be opened.
    if ends.recorded == nil, isDryRun { return report }
    let log = try PostgreSQLEventLog(database)
    var cursor: VerificationCursor? = .start
    while let from = cursor { cursor = try log.verify(from: from, atMost: Int(Self.batch)).next }
    for found in log.damage { report.damage.add(found.kind, found.offsets) }
    if log.damage.contains(where: { $0.kind == .roster }) { report.incomplete = ["roster"] }
    guard !isDryRun, !report.isIntact else { return report }
    try database.transaction(Self.purpose) { try repair($0, log.bounds, &report) }
    report.kept = "\(schema).damaged_events"
    return report
  }

  /// Checks that there is a log, so that none is created if the settings name a wrong database.
  private func requireLog() throws {
    let store = try BlockingStore(url: url, schema: schema)
    defer { store.close() }
    let row = try store.query("SELECT to_regclass('log_bounds') IS NOT NULL AS is_there").first
    guard try row?.bool("is_there") == true else {
      throw StorageError(
        .cannotOpen, "nothing to repair: the database has no log in the schema \(schema); check GONOGO_DATABASE_URL")
    }
  }

  /// Checks that no bus has the log open, because a running bus would continue with outdated knowledge of it.
  private func requireStopped(_ database: PostgreSQLBusDatabase) throws {
    for _ in 0..<Self.patience {
      let others = try database.query(
        Self.purpose,
        """
        SELECT count(*) AS sessions, CAST(pg_sleep(CASE WHEN count(*) > 0 THEN 0.1 ELSE 0 END) AS TEXT) AS slept
        FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = current_schema() AND pid <> pg_backend_pid()
        """)
      if try others.first?.integer("sessions") == 0 { return }
    }
    throw StorageError(.locked, "a bus has the log open; stop the bus on every host, then repair the log")
  }

  // MARK: The bounds

  /// The log's bounds as recorded, and as the events show them.
  private struct LogEnds {
    /// The recorded bounds; nil if the record is missing or invalid.
    var recorded: LogBounds?
    /// The log's bounds once the record is corrected.
    var found: LogBounds
    /// The offsets of events beyond the recorded head; nil if there are none.
    var beyond: ClosedRange<Int64>?

    var areDamaged: Bool { recorded != found || beyond != nil }

    init(_ transaction: BlockingTransaction) throws {
      let row = try transaction.queryOne("SELECT head, first FROM log_bounds")
      recorded = try row.map { LogBounds(head: try $0.integer("head"), first: try $0.integer("first")) }
      if let bounds = recorded, bounds.first < 1 || bounds.head < bounds.first - 1 { recorded = nil }
      let head = recorded?.head ?? 0
      let newest = try transaction.queryOne("SELECT max(\"offset\") AS newest FROM events")?.optionalInteger("newest")
      let missing = head - (newest ?? (recorded?.first ?? 1) - 1)
      guard missing <= LostEvent.maximumFilled else {
        throw LogError.damaged(
          "the last \(missing) events of the log, which ends at \(head), are missing; restore a backup")
      }
      if let newest, newest > head, recorded != nil { beyond = (head + 1)...newest }
      let last = try Self.newestIntact(after: head, transaction) ?? head
      guard let first = try recorded?.first ?? Self.oldestIntact(transaction) else {
        throw LogError.damaged("the log has no intact event; restore a backup")
      }
      // An intact event this far beyond the end cannot have been stored there.
      found = LogBounds(head: last - head <= LostEvent.maximumFilled || recorded == nil ? last : head, first: first)
    }

    /// Returns the offset of the newest intact event after an offset; nil if there is none.
    private static func newestIntact(after offset: Int64, _ transaction: BlockingTransaction) throws -> Int64? {
      var end = Int64.max
      while true {
        let rows = try transaction.query(
          "SELECT * FROM events WHERE \"offset\" > ? AND \"offset\" < ? ORDER BY \"offset\" DESC LIMIT 50",
          [offset, end])
        if let event = try rows.compactMap({ try LoggedEvent(intact: $0) }).first { return event.offset }
        guard let last = rows.last else { return nil }
        end = try last.integer("offset")
      }
    }

    /// Returns the offset of the oldest intact event; nil if there is none.
    private static func oldestIntact(_ transaction: BlockingTransaction) throws -> Int64? {
      var start: Int64 = 0
      while true {
        let rows = try transaction.query(
          "SELECT * FROM events WHERE \"offset\" > ? ORDER BY \"offset\" LIMIT 50", [start])
        if let event = try rows.compactMap({ try LoggedEvent(intact: $0) }).first { return event.offset }
        guard let last = rows.last else { return nil }
        start = try last.integer("offset")
      }
    }
  }

  /// Records the bounds of the intact events, and removes events beyond them.
  private func settle(_ ends: LogEnds, _ transaction: BlockingTransaction) throws {
    let bounds = ends.found
    try transaction.execute(
      """
      INSERT INTO log_bounds (id, head, first) VALUES (1, ?, ?)
      ON CONFLICT (id) DO UPDATE SET head = excluded.head, first = excluded.first
      """, [bounds.head, bounds.first])
    let beyond = try transaction.query("SELECT \"offset\" FROM events WHERE \"offset\" > ?", [bounds.head])
    try keep(try beyond.map { try $0.integer("offset") }, transaction)
  }

  /// Moves the rows of these offsets to the table of kept rows.
  private func keep(_ offsets: [Int64], _ transaction: BlockingTransaction) throws {
    try transaction.execute(
      "CREATE TABLE IF NOT EXISTS damaged_events AS SELECT *, CAST(0 AS BIGINT) AS replaced_at FROM events WITH NO DATA"
    )
    try transaction.execute(
      """
      WITH removed AS (DELETE FROM events WHERE "offset" = ANY (?) RETURNING *)
      INSERT INTO damaged_events SELECT removed.*, given.moment FROM removed CROSS JOIN unnest(?) AS given (moment)
      """, arrays: [SQLArray.integers(offsets), SQLArray.integers([now.microseconds])])
  }

  // MARK: Lost events

  private func repair(
    _ transaction: BlockingTransaction, _ bounds: LogBounds, _ report: inout LogRepair.Report
  ) throws {
    // Without a time limit, because a log can be long.
    _ = try transaction.query(
      "SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)")
    // A bus that starts now waits for this lock.
    try transaction.execute("LOCK TABLE log_bounds IN ACCESS EXCLUSIVE MODE")
    guard try LogState(transaction.queryOne(LogState.select)).bounds == bounds else {
      throw StorageError(
        .locked,
        "the log changed while it was being examined; stop the bus on every host, then run the repair again")
    }
    try PostgreSQLEventLog.restorePartitions(of: bounds, transaction)
    for lost in report.damage.filter(\.isLoss).sorted(by: { $0.first < $1.first }) {
      for start in stride(from: lost.first, through: lost.last, by: Int(Self.batch)) {
        report.lost += try mark(start...min(lost.last, start + Self.batch - 1), bounds, transaction)
      }
    }
    try recordKeys(bounds, transaction)
    try transaction.execute("UPDATE log_bounds SET newest_at = (SELECT max(stored_at) FROM events)")
    try restoreRoster(bounds, transaction, &report)
    for entry in try LogRepair.reports(of: report.damage, at: now) {
      try PostgreSQLMetadataStore.insert(entry, transaction)
    }
  }

  /// Puts placeholders at the offsets of the range whose events are not intact.
  ///
  /// - Returns: the number of placeholders.
  private func mark(
    _ offsets: ClosedRange<Int64>, _ bounds: LogBounds, _ transaction: BlockingTransaction
  ) throws -> Int64 {
    let intact = Set(try events(offsets, transaction).map(\.offset))
    let lost = offsets.filter { !intact.contains($0) }
    guard let first = lost.first else { return 0 }
    try keep(lost, transaction)
    var storedAt = try time(of: first, bounds, transaction)
    for offset in lost {
      if intact.contains(offset - 1) { storedAt = try time(of: offset, bounds, transaction) }
      let marker = [try LostEvent.placeholder(offset)]
      let columns = EventColumns(marker, after: offset - 1, storedAt: storedAt)
      try transaction.execute(
        """
        INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes)
        SELECT * FROM unnest(?, ?, ?, ?, ?, ?)
        """, arrays: [SQLArray.integers([offset])] + columns.arrays)
    }
    return Int64(lost.count)
  }

  /// Returns the storage time of the placeholder at an offset: that of the event before it, or else of the next event.
  private func time(of offset: Int64, _ bounds: LogBounds, _ transaction: BlockingTransaction) throws -> Timestamp {
    if offset > bounds.first, let before = try events((offset - 1)...(offset - 1), transaction).first {
      return before.storedAt
    }
    for start in stride(from: offset + 1, through: bounds.head, by: Int(Self.batch)) {
      let next = try events(start...min(bounds.head, start + Self.batch - 1), transaction).first
      if let next { return next.storedAt }
    }
    return now
  }

  /// Returns the intact events at these offsets, in order.
  private func events(_ offsets: ClosedRange<Int64>, _ transaction: BlockingTransaction) throws -> [LoggedEvent] {
    try transaction.query(
      "SELECT * FROM events WHERE \"offset\" BETWEEN ? AND ? ORDER BY \"offset\"",
      [offsets.lowerBound, offsets.upperBound]
    ).compactMap { try LoggedEvent(intact: $0) }
  }

  // MARK: Data derived from the events

  /// Rebuilds the record of all events' sources and ids. An event that is in the log twice has one record.
  private func recordKeys(_ bounds: LogBounds, _ transaction: BlockingTransaction) throws {
    try transaction.execute("TRUNCATE event_keys")
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    for start in stride(from: bounds.first, through: bounds.head, by: Int(Self.batch)) {
      let stored = try events(start...min(bounds.head, start + Self.batch - 1), transaction)
      let scanned = stored.compactMap { event in event.scanned(&scanner).map { (event.offset, $0) } }
      let keys = KeyColumns(scanned.map(\.1))
      try transaction.execute(
        "INSERT INTO event_keys (source, id, \"offset\") SELECT * FROM unnest(?, ?, ?) ON CONFLICT DO NOTHING",
        arrays: [keys.sources, keys.ids, SQLArray.integers(scanned.map(\.0))])
    }
  }

  /// Restores a damaged roster from the newest event in the log that announces one. If there is none, the bus still
  /// refuses to start, because without a roster anyone may do anything.
  private func restoreRoster(
    _ bounds: LogBounds, _ transaction: BlockingTransaction, _ report: inout LogRepair.Report
  ) throws {
    report.incomplete = []
    guard try RosterCopy(transaction).damage != nil || report.hadDamagedBounds else { return }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    for end in stride(from: bounds.head, through: bounds.first, by: -Int(Self.batch)) {
      let stored = try events(max(bounds.first, end - Self.batch + 1)...end, transaction)
      for event in stored.reversed() {
        guard let roster = event.scanned(&scanner), roster.announcesRoster else { continue }
        return try PostgreSQLEventLog.save(rosterEvent: roster, at: event.offset, transaction)
      }
    }
    let hasCopy = try RosterCopy(transaction).copy != nil
    if hasCopy { try transaction.execute("UPDATE log_bounds SET roster_at = -1 WHERE roster_at = 0") }
    if try RosterCopy(transaction).damage != nil { report.incomplete = ["roster"] }
  }
}
