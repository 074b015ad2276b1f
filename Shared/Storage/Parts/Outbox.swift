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
        """
        CREATE TABLE outbox_rejected (
          position BIGINT PRIMARY KEY, event BYTES NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL)
        """,
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
  public static func enqueue(_ event: [UInt8], _ transaction: any Transaction) throws -> Int64 {
    let row = try transaction.queryOne("UPDATE outbox_position SET last = last + 1 WHERE one = 1 RETURNING last")
    guard let position = try row?.integer("last") else {
      throw StorageError(.schema, "the table outbox_position has lost its row")
    }
    try transaction.execute("INSERT INTO outbox (position, event) VALUES (?, ?)", [position, event])
    return position
  }

  /// The first events that are still unsent, at most that many.
  public static func unsent(_ limit: Int, _ transaction: any Transaction) throws -> [Entry] {
    var entries: [Entry] = []
    for row in try transaction.query("SELECT position, event FROM outbox ORDER BY position LIMIT ?", [limit]) {
      entries.append(Entry(position: try row.integer("position"), event: try row.blob("event")))
    }
    return entries
  }

  /// Forgets an event that the bus has.
  public static func markSent(_ position: Int64, _ transaction: any Transaction) throws {
    try markSent([position], transaction)
  }

  /// Forgets events that the bus has.
  public static func markSent(_ positions: [Int64], _ transaction: any Transaction) throws {
    try transaction.execute("DELETE FROM outbox WHERE position = ?", each: positions.map { [$0] })
  }

  /// Puts an event aside that the bus refused, so that it does not hold up those after it; one that another relay has settled
  /// meanwhile is left as that one had it.
  public static func quarantine(
    _ entry: Entry, code: String, detail: String, _ transaction: any Transaction
  ) throws {
    guard try transaction.execute("DELETE FROM outbox WHERE position = ?", [entry.position]) > 0 else { return }
    try transaction.execute(
      "INSERT INTO outbox_rejected (position, event, code, detail) VALUES (?, ?, ?, ?)",
      [entry.position, entry.event, code, detail])
  }

  /// Makes the events unsent again that were put aside, in their old places.
  public static func takeBackRejected(_ transaction: any Transaction) throws {
    try transaction.execute("INSERT INTO outbox (position, event) SELECT position, event FROM outbox_rejected")
    try transaction.execute("DELETE FROM outbox_rejected")
  }

  /// The last position that was given; 0 before the first.
  public static func lastPosition(_ transaction: any Transaction) throws -> Int64 {
    try transaction.queryOne("SELECT last FROM outbox_position WHERE one = 1")?.integer("last") ?? 0
  }

  /// How many events are unsent, and how many were put aside.
  public static func counts(_ transaction: any Transaction) throws -> (unsent: Int, rejected: Int) {
    let unsent = try transaction.queryOne("SELECT count(*) AS n FROM outbox")?.int("n") ?? 0
    let rejected = try transaction.queryOne("SELECT count(*) AS n FROM outbox_rejected")?.int("n") ?? 0
    return (unsent, rejected)
  }
}
