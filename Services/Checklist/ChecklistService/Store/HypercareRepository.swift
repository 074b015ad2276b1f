import ChecklistCore
import LaunchModel
import Storage

/// The stored rosters of hypercare shifts, in every version, and the daily checks.
///
/// The launch's document says how many of them count, so that nothing is read for a launch without hypercare, and
/// revisions can answer `asOf` queries.
struct HypercareRepository {
  let db: any Transaction

  /// Returns the recorded hypercare of a launch.
  ///
  /// - Parameter extent: how much of it counts, from the launch's document.
  func load(_ launch: LaunchID, upTo extent: HypercareExtent?) throws -> Hypercare {
    var hypercare = Hypercare()
    guard let extent else { return hypercare }
    if extent.rosterVersion > 0 {
      let row = try db.queryOne(
        "SELECT at, actor, document FROM hypercare_rosters WHERE launch = ? AND version = ?",
        [launch, extent.rosterVersion])
      hypercare.rosterVersion = extent.rosterVersion
      hypercare.roster = try row?.json("document", as: HypercareRoster.self)
      hypercare.setBy = try row?.text("actor")
      hypercare.setAt = try row?.timestamp("at")
    }
    if extent.checks > 0 {
      hypercare.checks = try db.query(
        "SELECT document FROM hypercare_checks WHERE launch = ? AND entry <= ? ORDER BY entry", [launch, extent.checks]
      ).map { try $0.json("document", as: HypercareCheck.self) }
    }
    return hypercare
  }

  /// Adds a version of the roster.
  func add(_ roster: HypercareRoster, version: Int, of launch: LaunchID, by actor: String, at now: Timestamp) throws {
    try db.execute(
      "INSERT INTO hypercare_rosters (launch, version, at, actor, document) VALUES (?, ?, ?, ?, ?)",
      [launch, version, now, actor, try SQLValue.json(roster)])
  }

  /// Adds a check.
  func add(_ check: HypercareCheck, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO hypercare_checks (launch, entry, document) VALUES (?, ?, ?)",
      [launch, check.sequence, try SQLValue.json(check)])
  }
}

/// How much of a launch's hypercare is recorded.
struct HypercareExtent: Sendable, Hashable, Codable {
  /// The version of the roster; 0 if none was set.
  var rosterVersion: Int
  /// The number of checks.
  var checks: Int

  /// Returns nil if nothing is recorded.
  init?(of hypercare: Hypercare) {
    guard hypercare.rosterVersion > 0 || !hypercare.checks.isEmpty else { return nil }
    rosterVersion = hypercare.rosterVersion
    checks = hypercare.checks.count
  }
}
