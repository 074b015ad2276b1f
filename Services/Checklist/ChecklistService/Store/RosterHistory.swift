import LaunchModel
import Storage

/// Every version of the roster that was adopted.
struct RosterHistory {
  let db: any Transaction

  /// The adopted version; version 0 and empty before there is one.
  func current() throws -> RosterView {
    guard
      let row = try db.queryOne("SELECT version, at, actor, document FROM rosters ORDER BY version DESC LIMIT 1")
    else { return RosterView(rosterVersion: 0, document: Roster()) }
    return RosterView(
      rosterVersion: try row.int("version"), document: try row.json("document", as: Roster.self),
      adoptedAt: try row.timestamp("at"), adoptedBy: try row.text("actor"))
  }

  /// Adds a version.
  func add(_ adopted: RosterAdopted, by actor: String, at now: Timestamp) throws {
    try db.execute(
      "INSERT INTO rosters (version, at, actor, digest, document) VALUES (?, ?, ?, ?, ?)",
      [adopted.rosterVersion, now, actor, adopted.digest, try SQLValue.json(adopted.document)])
  }
}
