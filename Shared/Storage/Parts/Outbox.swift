import JSON

/// Events that a service has stored in the same transaction as its change but not published yet, in commit order.
public enum Outbox {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  public static let migrations = [
    Migration(
      id: "outbox/001-outbox",
      sql: [
        "CREATE TABLE outbox (position BIGINT PRIMARY KEY, event BYTES NOT NULL)",
        "CREATE TABLE outbox_position (one BIGINT PRIMARY KEY, last BIGINT NOT NULL)",
        "INSERT INTO outbox_position (one, last) VALUES (1, 0)",
        """
        CREATE TABLE outbox_rejected (
          position BIGINT PRIMARY KEY, event BYTES NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL)
        """,
      ])
  ]

  /// An event to publish.
  public struct Entry: Sendable, Hashable {
    /// The position in commit order, ascending and never reused.
    public let position: Int64
    /// The encoded CloudEvent.
    public let event: [UInt8]
  }

  /// Stores the event and returns its position.
  ///
  /// Positions come from a single row that stays locked until the commit, so their order is the commit order.
  @discardableResult
  public static func enqueue(_ event: [UInt8], _ transaction: any Transaction) throws -> Int64 {
    let row = try transaction.queryOne("UPDATE outbox_position SET last = last + 1 WHERE one = 1 RETURNING last")
    guard let position = try row?.integer("last") else {
      throw StorageError(.schema, "the table outbox_position is empty; restore a backup")
    }
    try transaction.execute("INSERT INTO outbox (position, event) VALUES (?, ?)", [position, event])
    return position
  }

  /// Returns the first unsent events, up to the limit.
  public static func unsent(_ limit: Int, _ transaction: any Transaction) throws -> [Entry] {
    var entries: [Entry] = []
    for row in try transaction.query("SELECT position, event FROM outbox ORDER BY position LIMIT ?", [limit]) {
      entries.append(Entry(position: try row.integer("position"), event: try row.blob("event")))
    }
    return entries
  }

  /// Removes a published event.
  public static func markSent(_ position: Int64, _ transaction: any Transaction) throws {
    try markSent([position], transaction)
  }

  /// Removes published events.
  public static func markSent(_ positions: [Int64], _ transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM outbox WHERE position = ?", each: positions.map { [$0] })
  }

  /// Moves an event that the bus rejected out of the queue, so that it does not block later ones. Has no effect if
  /// another relay has already published or quarantined it.
  public static func quarantine(
    _ entry: Entry, code: String, detail: String, _ transaction: any Transaction
  ) throws {
    guard try transaction.execute("DELETE FROM outbox WHERE position = ?", [entry.position]) > 0 else { return }
    try transaction.execute(
      "INSERT INTO outbox_rejected (position, event, code, detail) VALUES (?, ?, ?, ?)",
      [entry.position, entry.event, code, detail])
  }

  /// Moves all quarantined events back into the queue, at their original positions.
  public static func requeueRejected(_ transaction: any Transaction) throws {
    try transaction.execute("INSERT INTO outbox (position, event) SELECT position, event FROM outbox_rejected")
    try transaction.execute("DELETE FROM outbox_rejected")
  }

  /// Returns the lengths of the chains that the events not yet on the bus cite, by launch.
  static func pendingChains(_ transaction: any Transaction) throws -> [String: Set<Int>] {
    var chains: [String: Set<Int>] = [:]
    for table in ["outbox", "outbox_rejected"] {
      for row in try transaction.query("SELECT event FROM \(table)") {
        let data = try JSONValue(parsing: try row.blob("event"))["data"]
        guard let launch = data?["launch"]?.stringValue, let length = data?["chain"]?["length"]?.integerValue else {
          continue
        }
        chains[launch, default: []].insert(Int(length))
      }
    }
    return chains
  }

  /// Returns the last assigned position; 0 before the first.
  public static func lastPosition(_ transaction: any Transaction) throws -> Int64 {
    try transaction.queryOne("SELECT last FROM outbox_position WHERE one = 1")?.integer("last") ?? 0
  }

  /// Returns the numbers of unsent and of quarantined events.
  public static func counts(_ transaction: any Transaction) throws -> (unsent: Int, rejected: Int) {
    let unsent = try transaction.queryOne("SELECT count(*) AS n FROM outbox")?.int("n") ?? 0
    let rejected = try transaction.queryOne("SELECT count(*) AS n FROM outbox_rejected")?.int("n") ?? 0
    return (unsent, rejected)
  }
}
