import LaunchModel
public import Storage

/// How the bus's log and ledger move from SQLite to PostgreSQL: what differs between the engines, and what must hold of a log.
public enum LogCopy {
  /// The move.
  ///
  /// - Parameters:
  ///   - source: the log's file.
  ///   - url: the database, as `DatabaseLocation` takes it.
  ///   - schema: the bus's schema on it.
  public static func move(from source: StoreFile, to url: String, schema: String) -> StoreMove {
    StoreMove(
      source: source, url: url, schema: schema, migrations: PostgreSQLBusSchema.migrations,
      checkSourceSchema: BusSchema.requireCurrent, conversions: conversions, prepare: makePartition,
      verify: requireFittingEnds)
  }

  /// On PostgreSQL the ends of the log have columns of their own, and keys that are too long for an index stand as a digest.
  private static func conversions() -> [String: TableConversion] {
    [
      "events": verifiedEvents, "event_keys": storableKeys, "log_bounds": TableConversion(source: bounds),
      "log_partitions": TableConversion(source: partitions),
    ]
  }

  /// What the target's `log_bounds` holds, out of the source's tables.
  private static let bounds = """
    SELECT id, first, COALESCE((SELECT MAX("offset") FROM events), first - 1) AS head,
      (SELECT stored_at FROM events ORDER BY "offset" DESC LIMIT 1) AS newest_at,
      0 AS roster_at
    FROM log_bounds
    """

  /// All that moves is one partition.
  private static let partitions = """
    SELECT MIN("offset") AS first, MAX("offset") AS last FROM events HAVING COUNT(*) > 0
    """

  private static func makePartition(_ source: any Transaction, _ target: BlockingTransaction) throws {
    guard let row = try source.queryOne(partitions) else { return }
    try PostgreSQLEventLog.makePartition(first: row.integer("first"), last: row.integer("last"), target)
  }

  /// Each event must be what was stored, its offset the next, and its time not before that of the one before.
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

  /// The keys in the order of their events, which a digest in place of a key does not change.
  private static var storableKeys: TableConversion {
    TableConversion(order: ["offset"]) { row in
      guard let stand = KeyColumns.standIn(source: try row.text("source"), id: try row.text("id")) else { return [:] }
      return ["source": .text(stand.source), "id": .text(stand.id)]
    }
  }

  /// The ends that are written down must be those of the events, and each event must have its key.
  private static func requireFittingEnds(_ transaction: any Transaction) throws {
    let row = try transaction.queryOne(
      """
      SELECT first, (SELECT MIN("offset") FROM events) AS oldest, (SELECT COUNT(*) FROM events) AS events,
        (SELECT COUNT(*) FROM event_keys) AS keys
      FROM log_bounds
      """)
    guard let row else { throw LogError.failed("the log does not say where it begins; restore a backup") }
    let first = try row.integer("first")
    let oldest = try row.optionalInteger("oldest")
    guard oldest == nil || oldest == first else { throw LogError.corrupt(offset: first) }
    let (events, keys) = (try row.integer("events"), try row.integer("keys"))
    guard events == keys else {
      throw StorageError(
        .unreadable, "the log has \(events) events and the sources and ids of \(keys); restore a backup")
    }
  }
}
