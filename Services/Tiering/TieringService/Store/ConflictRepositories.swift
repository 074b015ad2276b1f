import LaunchModel
import Storage
import TieringCore

/// The stored blackouts with their exemptions.
struct BlackoutRepository {
  let db: any Transaction

  func all() throws -> [Blackout] {
    try db.query("SELECT document FROM blackouts ORDER BY blackout").map {
      try $0.json("document", as: Blackout.self)
    }
  }

  func find(_ key: LaunchID) throws -> Blackout? {
    try db.queryOne("SELECT document FROM blackouts WHERE blackout = ?", [key])?
      .json("document", as: Blackout.self)
  }

  /// - Throws: `blackout-not-found`.
  func required(_ key: LaunchID) throws -> Blackout {
    guard let blackout = try find(key) else {
      let hint = Suggestion.text(for: key.rawValue, among: try all().map(\.key.rawValue))
      throw Problem.notFound("blackout-not-found", title: "no such blackout", "no blackout \"\(key)\"\(hint)")
    }
    return blackout
  }

  func save(_ blackout: Blackout) throws {
    try db.execute(
      """
      INSERT INTO blackouts (blackout, document) VALUES (?, ?)
      ON CONFLICT (blackout) DO UPDATE SET document = excluded.document
      """, [blackout.key, try SQLValue.json(blackout)])
  }

  func remove(_ key: LaunchID) throws { try db.execute("DELETE FROM blackouts WHERE blackout = ?", [key]) }
}

/// The stored acceptances of conflicts.
struct AcceptanceRepository {
  let db: any Transaction

  /// The acceptances of one launch's conflicts; nil for all launches.
  func all(of launch: LaunchID? = nil) throws -> AcceptedConflicts {
    var accepted = AcceptedConflicts()
    let columns = "SELECT launch, kind, other, date, other_date, document FROM conflict_acceptances"
    let rows =
      try launch.map { try db.query(columns + " WHERE launch = ?", [$0]) } ?? db.query(columns)
    for row in rows {
      guard let launch = LaunchID(try row.text("launch")), let kind = ConflictKind(rawValue: try row.text("kind"))
      else {
        throw Problem.internalError("a stored conflict acceptance has an invalid launch or kind")
      }
      let key = AcceptedConflicts.Key(
        launch: launch, kind: kind, other: try row.text("other"),
        dates: [try row.date("date"), try row.date("other_date")])
      accepted.add(key, try row.json("document", as: Acceptance.self))
    }
    return accepted
  }

  /// Stores an acceptance, replacing an earlier one of the same conflict.
  func save(_ key: AcceptedConflicts.Key, _ acceptance: Acceptance) throws {
    try db.execute(
      """
      INSERT INTO conflict_acceptances (launch, kind, other, date, other_date, document) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (launch, kind, other) DO UPDATE SET date = excluded.date, other_date = excluded.other_date,
        document = excluded.document
      """,
      [key.launch, key.kind.rawValue, key.other, key.dates[0], key.dates[1], try SQLValue.json(acceptance)])
  }
}
