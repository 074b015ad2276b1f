import LaunchModel
public import Storage

/// Moves the bus's log and metadata from SQLite to PostgreSQL: converts between the engines and checks the copy.
public enum LogCopy {
  /// Returns the move of a log.
  ///
  /// - Parameters:
  ///   - source: the log's SQLite file.
  ///   - url: the target database, in the form that `DatabaseLocation` accepts.
  ///   - schema: the bus's schema in that database.
  public static func move(from source: StoreFile, to url: String, schema: String) -> StoreMove {
    StoreMove(
      source: source, url: url, schema: schema, migrations: PostgreSQLBusSchema.migrations,
      checkSourceSchema: BusSchema.requireCurrent, conversions: conversions, prepare: makePartition,
      verify: requireMatchingBounds)
  }

  /// The conversions of tables that differ: on PostgreSQL, the log's bounds have their own columns, and keys that are
  /// too long for an index are replaced by a digest.
  private static func conversions() -> [String: TableConversion] {
    [
      "events": verifiedEvents, "event_keys": indexableKeys, "log_bounds": TableConversion(source: bounds),
      "log_partitions": TableConversion(source: partitions),
    ]
  }

  /// Selects the target's `log_bounds` from the source's tables.
  private static let bounds = """
    SELECT id, first, head,
      (SELECT stored_at FROM events ORDER BY "offset" DESC LIMIT 1) AS newest_at,
      COALESCE(roster_at, CASE WHEN EXISTS (SELECT 1 FROM roster) THEN -1 ELSE 0 END) AS roster_at
    FROM log_bounds
    """

  /// Selects the target's only partition, which covers all events.
  private static let partitions = """
    SELECT MIN("offset") AS first, MAX("offset") AS last FROM events HAVING COUNT(*) > 0
    """

  private static func makePartition(_ source: any Transaction, _ target: BlockingTransaction) throws {
    guard let row = try source.queryOne(partitions) else { return }
    try PostgreSQLEventLog.makePartition(first: row.integer("first"), last: row.integer("last"), target)
  }

  /// Verifies each event while copying it: its checksum matches, its offset is the next one, and its time is not before
  /// the previous event's.
  private static var verifiedEvents: TableConversion {
    var previous: LoggedEvent?
    return TableConversion { row in
      let event = try LoggedEvent(
        verifying: try row.blob("bytes"), offset: try row.integer("offset"), storedAt: try row.timestamp("stored_at"),
        checksum: try row.integer("checksum"), typeStart: try row.int("type_start"),
        typeLength: try row.int("type_length"))
      if let previous {
        guard event.offset == previous.offset + 1 else { throw LogError.corrupt(offset: previous.offset + 1) }
        guard event.storedAt >= previous.storedAt else { throw LogError.corrupt(offset: event.offset) }
      }
      previous = event
      return [:]
    }
  }

  /// Copies the keys in the order of their events: unlike the keys' own order, it is the same after a digest has
  /// replaced a key.
  private static var indexableKeys: TableConversion {
    TableConversion(order: ["offset"]) { row in
      guard let replacement = KeyColumns.replacement(source: try row.text("source"), id: try row.text("id")) else {
        return [:]
      }
      return ["source": .text(replacement.source), "id": .text(replacement.id)]
    }
  }

  /// Checks that the stored bounds match the events, and that each event has a key.
  private static func requireMatchingBounds(_ transaction: any Transaction) throws {
    let row = try transaction.queryOne(
      """
      SELECT first, head, (SELECT MIN("offset") FROM events) AS oldest, (SELECT MAX("offset") FROM events) AS newest,
        (SELECT COUNT(*) FROM events) AS events, (SELECT COUNT(*) FROM event_keys) AS keys
      FROM log_bounds
      """)
    guard let row else { throw LogError.failed("the table log_bounds is empty; restore a backup") }
    let first = try row.integer("first")
    let oldest = try row.optionalInteger("oldest")
    guard oldest == nil || oldest == first else { throw LogError.corrupt(offset: first) }
    let (head, newest) = (try row.integer("head"), try row.optionalInteger("newest") ?? first - 1)
    guard head <= newest else { throw LogError.corrupt(offset: newest + 1) }
    let (events, keys) = (try row.integer("events"), try row.integer("keys"))
    guard events == keys else {
      throw StorageError(
        .unreadable, "the log has \(events) events but \(keys) keys; restore a backup")
    }
  }
}
