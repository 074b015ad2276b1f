public import LaunchModel

/// The latest service-clock time of any change. A clock that reads earlier than this is wrong.
public enum ClockMark {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  public static let migrations = [
    Migration(
      id: "clock/001-mark",
      sql: ["CREATE TABLE clock_mark (one BIGINT PRIMARY KEY, latest BIGINT NOT NULL)"])
  ]

  /// Returns the latest time of any change, or nil before the first change.
  public static func latest(_ transaction: any Transaction) throws -> Timestamp? {
    try transaction.queryOne("SELECT latest FROM clock_mark WHERE one = 1")?.timestamp("latest")
  }

  /// Moves the mark forward to the time of a change; an earlier time has no effect.
  public static func advance(to now: Timestamp, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO clock_mark (one, latest) VALUES (1, ?)
      ON CONFLICT (one) DO UPDATE SET latest = excluded.latest WHERE clock_mark.latest < excluded.latest
      """, [now])
  }
}
