/// A right that one process has until another takes it: of several replicas it says which one applies events and sweeps.
public struct Lease: Sendable, Hashable {
  /// What it is for, as `work`.
  public let name: String
  /// The process that has it, by a name that no other process ever has.
  public let holder: String
  /// Grows each time that the lease changes hands: the fencing epoch.
  public let epoch: Int64

  public init(name: String, holder: String, epoch: Int64) {
    self.name = name
    self.holder = holder
    self.epoch = epoch
  }
}

/// The leases of a store: one row for each.
///
/// A lease is kept by beats, which any of the holder's transactions may be. Who has seen none for long enough takes it, and the
/// epoch grows. An effect is fenced by beating in its own transaction: where that finds another epoch, nothing is committed.
public enum Leases {
  /// A lease as it stands in the store.
  public struct Standing: Sendable, Hashable {
    /// As it was taken last.
    public let lease: Lease
    /// Grows with each beat.
    public let beats: Int64
    /// Whether the holder has given it up.
    public let isFree: Bool
  }

  /// The tables; give them to `Database.migrate` before a service's own.
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

  /// How the lease stands; nil before it was taken for the first time.
  public static func standing(_ name: String, _ transaction: any Transaction) throws -> Standing? {
    let row = try transaction.queryOne("SELECT holder, epoch, beats, free FROM leases WHERE name = ?", [name])
    guard let row else { return nil }
    return Standing(
      lease: Lease(name: name, holder: try row.text("holder"), epoch: try row.integer("epoch")),
      beats: try row.integer("beats"), isFree: try row.integer("free") != 0)
  }

  /// Takes the lease, unless it has changed since it stood like that.
  ///
  /// - Parameter standing: as it was seen; nil where it was not there.
  /// - Returns: the lease; nil where its holder has beaten, or another has taken it.
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

  /// Shows that the holder is there; false where the lease is not its any more.
  public static func beat(_ lease: Lease, _ transaction: any Transaction) throws -> Bool {
    try transaction.execute(
      "UPDATE leases SET beats = beats + 1 WHERE name = ? AND holder = ? AND epoch = ? AND free = 0",
      [lease.name, lease.holder, lease.epoch]) == 1
  }

  /// Gives the lease up, so that another need not wait; one that was taken already is left alone.
  public static func release(_ lease: Lease, _ transaction: any Transaction) throws {
    try transaction.execute(
      "UPDATE leases SET free = 1 WHERE name = ? AND holder = ? AND epoch = ?",
      [lease.name, lease.holder, lease.epoch])
  }
}
