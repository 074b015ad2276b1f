import JSON
import LaunchModel
import Storage

/// One version of a launch, with the change that created it.
struct LaunchVersion {
  var version: Int
  var at: Timestamp
  var by: String
  var changed: [String]
  /// The record as it was announced.
  var record: JSONValue
}

/// The stored versions of launches.
struct VersionRepository {
  let db: any Transaction

  func add(_ record: LaunchRecord, changed: [String], at: Timestamp, by: String) throws {
    try db.execute(
      "INSERT INTO launch_versions (launch, version, at, actor, changed, record) VALUES (?, ?, ?, ?, ?, ?)",
      [record.plan.launch, record.version, at, by, try SQLValue.json(changed), try SQLValue.json(record)])
  }

  /// Stores a record whose conflicts another launch has changed.
  func addConflicts(_ record: LaunchRecord, at: Timestamp) throws {
    try db.execute(
      "INSERT INTO launch_conflicts (launch, version, conflicts_version, at, record) VALUES (?, ?, ?, ?, ?)",
      [record.plan.launch, record.version, record.conflictsVersion, at, try SQLValue.json(record)])
  }

  /// This version, if it exists, and all later ones, ascending.
  func from(_ version: Int, of launch: LaunchID) throws -> [LaunchVersion] {
    try db.query(
      """
      SELECT version, at, actor, changed, record FROM launch_versions WHERE launch = ? AND version >= ? ORDER BY version
      """,
      [launch, version]
    ).map {
      LaunchVersion(
        version: try $0.int("version"), at: try $0.timestamp("at"), by: try $0.text("actor"),
        changed: try $0.json("changed", as: [String].self), record: try $0.json("record"))
    }
  }

  /// The record at a moment; nil if there was none yet.
  func record(of launch: LaunchID, asOf moment: Timestamp) throws -> LaunchRecord? {
    let row = try db.queryOne(
      "SELECT version, record FROM launch_versions WHERE launch = ? AND at <= ? ORDER BY version DESC LIMIT 1",
      [launch, moment])
    let later = try row.flatMap { row in
      try db.queryOne(
        """
        SELECT record FROM launch_conflicts WHERE launch = ? AND version = ? AND at <= ?
        ORDER BY conflicts_version DESC LIMIT 1
        """, [launch, try row.int("version"), moment])
    }
    return try (later ?? row)?.json("record", as: LaunchRecord.self)
  }
}
