public import LaunchModel

/// The latest service-clock time that a change was made at; a clock behind it is wrong.
public enum ClockMark {
  /// The tables; give them to `Database.migrate` before a service's own.
  public static let migrations = [
    Migration(
      id: "clock/001-mark",
      sql: ["CREATE TABLE clock_mark (one BIGINT PRIMARY KEY, latest BIGINT NOT NULL)"])
  ]

  /// The latest time of any change, or nil before the first.
  public static func latest(_ transaction: any Transaction) throws -> Timestamp? {
    try transaction.queryOne("SELECT latest FROM clock_mark WHERE one = 1")?.timestamp("latest")
  }

  /// Notes that a change was made then; an earlier time leaves the mark as it is.
  public static func advance(to now: Timestamp, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO clock_mark (one, latest) VALUES (1, ?)
      ON CONFLICT (one) DO UPDATE SET latest = excluded.latest WHERE clock_mark.latest < excluded.latest
      """, [now])
  }
}
