/// How far each consumer of the bus has come, kept in the same transaction as what its events did.
public enum ConsumerOffsets {
  /// The tables; give them to `Database.migrate` before a service's own.
  public static let migrations = [
    Migration(
      id: "offsets/001-offsets",
      sql: ["CREATE TABLE consumer_offsets (consumer TEXT PRIMARY KEY, processed BIGINT NOT NULL)"])
  ]

  /// The last offset whose effect is stored; 0 for a consumer that has none.
  public static func offset(_ consumer: String, _ transaction: any Transaction) throws -> Int64 {
    let row = try transaction.queryOne("SELECT processed FROM consumer_offsets WHERE consumer = ?", [consumer])
    return try row?.integer("processed") ?? 0
  }

  /// Moves the offset forward; an earlier one is left as it is.
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

  /// Sets the offset wherever it stood, as a rebuild does.
  public static func reset(_ consumer: String, to offset: Int64, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO consumer_offsets (consumer, processed) VALUES (?, ?)
      ON CONFLICT (consumer) DO UPDATE SET processed = excluded.processed
      """, [consumer, offset])
  }
}
