/// An exclusive right that one process holds until another takes it over. Of several replicas, the holder is the one
/// that applies events and runs jobs.
public struct Lease: Sendable, Hashable {
  /// The lease's name, such as `work`.
  public let name: String
  /// The holder's name, unique among all processes at all times.
  public let holder: String
  /// The fencing epoch, which increases each time the lease changes hands.
  public let epoch: Int64

  public init(name: String, holder: String, epoch: Int64) {
    self.name = name
    self.holder = holder
    self.epoch = epoch
  }
}

/// The leases of a store, one row each.
///
/// A holder keeps its lease by heartbeats, which any of its transactions can include. A process that has seen no
/// heartbeat for long enough takes the lease over, which increases the epoch. A write is fenced by a heartbeat in its
/// own transaction: if that finds another epoch, nothing is committed.
public enum Leases {
  /// The stored state of a lease.
  public struct Standing: Sendable, Hashable {
    /// The lease as it was last taken.
    public let lease: Lease
    /// The number of heartbeats since then.
    public let beats: Int64
    /// Whether the holder has released it.
    public let isFree: Bool
  }

  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  public static let migrations = [
    Migration(
      id: "leases/001-leases",
      sql: [
        """
        CREATE TABLE leases (
          name TEXT PRIMARY KEY, holder TEXT NOT NULL, epoch BIGINT NOT NULL, beats BIGINT NOT NULL,
          free BIGINT NOT NULL)
        """
      ])
  ]

  /// Returns the state of the lease; nil if it has never been taken.
  public static func standing(_ name: String, _ transaction: any Transaction) throws -> Standing? {
    let row = try transaction.queryOne("SELECT holder, epoch, beats, free FROM leases WHERE name = ?", [name])
    guard let row else { return nil }
    return Standing(
      lease: Lease(name: name, holder: try row.text("holder"), epoch: try row.integer("epoch")),
      beats: try row.integer("beats"), isFree: try row.integer("free") != 0)
  }

  /// Takes the lease if its state has not changed since it was observed.
  ///
  /// - Parameter standing: the observed state; nil if the lease did not exist.
  /// - Returns: the new lease; nil if the holder has sent a heartbeat since, or another process has taken the lease.
  public static func take(
    _ name: String, for holder: String, over standing: Standing?, _ transaction: any Transaction
  ) throws -> Lease? {
    guard try self.standing(name, transaction) == standing else { return nil }
    let lease = Lease(name: name, holder: holder, epoch: (standing?.lease.epoch ?? 0) + 1)
    try transaction.execute(
      """
      INSERT INTO leases (name, holder, epoch, beats, free) VALUES (?, ?, ?, 0, 0)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, beats = 0, free = 0
      """, [name, holder, lease.epoch])
    return lease
  }

  /// Records a heartbeat of the holder. Returns false if it no longer holds the lease.
  public static func beat(_ lease: Lease, _ transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      "UPDATE leases SET beats = beats + 1 WHERE name = ? AND holder = ? AND epoch = ? AND free = 0",
      [lease.name, lease.holder, lease.epoch]) == 1
  }

  /// Releases the lease so that the next holder need not wait. Has no effect if another process has already taken it.
  public static func release(_ lease: Lease, _ transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE leases SET free = 1 WHERE name = ? AND holder = ? AND epoch = ?",
      [lease.name, lease.holder, lease.epoch])
  }
}
