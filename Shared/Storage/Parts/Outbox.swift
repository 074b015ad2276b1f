/// Events that a service has written down with its change and that the bus does not have yet, in the order of their writing.
public enum Outbox {
  /// The tables; give them to `Database.migrate` before a service's own.
  public static let migrations = [
    Migration(
      id: "outbox/001-outbox",
      sql: [
        "CREATE TABLE outbox (position BIGINT PRIMARY KEY, event BYTES NOT NULL)",
        "CREATE TABLE outbox_position (one BIGINT PRIMARY KEY, last BIGINT NOT NULL)",
        "INSERT INTO outbox_position (one, last) VALUES (1, 0)",
      ])
  ]

  /// An event that is to be published.
  public struct Entry: Sendable, Hashable {
    /// Ascending in the order of the commits; never given twice.
    public let position: Int64
    /// The encoded CloudEvent.
    public let event: [UInt8]
  }

  /// Writes the event down and returns its position.
  ///
  /// The position comes from one row, whose lock is held to the commit: the order of the positions is that of the commits.
  @discardableResult
  public static func enqueue(_ event: [UInt8], _ transaction: any Transaction) throws(StorageError) -> Int64 {
    let row = try transaction.queryOne("UPDATE outbox_position SET last = last + 1 WHERE one = 1 RETURNING last")
    guard let position = try row?.integer("last") else {
      throw StorageError(.schema, "the table outbox_position has lost its row")
    }
    try transaction.execute("INSERT INTO outbox (position, event) VALUES (?, ?)", [position, event])
    return position
  }

  /// The first events that are still unsent, at most that many.
  public static func unsent(_ limit: Int, _ transaction: any Transaction) throws(StorageError) -> [Entry] {
    var entries: [Entry] = []
    for row in try transaction.query("SELECT position, event FROM outbox ORDER BY position LIMIT ?", [limit]) {
      entries.append(Entry(position: try row.integer("position"), event: try row.blob("event")))
    }
    return entries
  }

  /// Forgets an event that the bus has.
  public static func markSent(_ position: Int64, _ transaction: any Transaction) throws(StorageError) {
    try transaction.execute("DELETE FROM outbox WHERE position = ?", [position])
  }

  /// How many events are still unsent.
  public static func count(_ transaction: any Transaction) throws(StorageError) -> Int {
    try transaction.queryOne("SELECT count(*) AS n FROM outbox")?.int("n") ?? 0
  }
}
