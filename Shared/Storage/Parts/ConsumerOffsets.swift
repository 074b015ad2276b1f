/// The committed offset of each bus consumer, stored in the same transaction as the effects of its events.
public enum ConsumerOffsets {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  public static let migrations = [
    Migration(
      id: "offsets/001-offsets",
      sql: ["CREATE TABLE consumer_offsets (consumer TEXT PRIMARY KEY, processed BIGINT NOT NULL)"])
  ]

  /// Returns the last offset whose effect is stored; 0 for a consumer without one.
  public static func offset(_ consumer: String, _ transaction: any Transaction) throws -> Int64 {
    let row = try transaction.queryOne("SELECT processed FROM consumer_offsets WHERE consumer = ?", [consumer])
    return try row?.integer("processed") ?? 0
  }

  /// Moves the offset forward; an earlier offset has no effect.
  public static func advance(
    _ consumer: String, to offset: Int64, _ transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO consumer_offsets (consumer, processed) VALUES (?, ?)
      ON CONFLICT (consumer) DO UPDATE SET processed = excluded.processed
      WHERE consumer_offsets.processed < excluded.processed
      """, [consumer, offset])
  }

  /// Sets the offset unconditionally, even backwards, e.g. for a rebuild.
  public static func reset(_ consumer: String, to offset: Int64, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO consumer_offsets (consumer, processed) VALUES (?, ?)
      ON CONFLICT (consumer) DO UPDATE SET processed = excluded.processed
      """, [consumer, offset])
  }
}
