import LaunchModel
import MetricsCore
import Storage

/// The stored rows of projections.
struct ProjectionRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Adds the counts of a batch of events. Activities are merged, which is idempotent; tallies are summed, which is
  /// not.
  func add(_ projection: Projection, to id: Int64) throws {
    try add(projection.activities, to: id)
    try add(projection.tallies, to: id)
    let isChange = !projection.activities.isEmpty || !projection.tallies.isEmpty
    try db.execute(
      """
      UPDATE projections SET revision = revision + ?,
        watermark = CASE WHEN watermark IS NULL OR watermark < ? THEN ? ELSE watermark END
      WHERE id = ?
      """, [isChange ? 1 : 0, projection.watermark, projection.watermark, id])
  }

  private func add(_ activities: [String: AccountActivity], to id: Int64) throws {
    try db.execute(
      """
      INSERT INTO account_activities (projection, account, first_activity, first_use, activity_stored, use_stored)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (projection, account) DO UPDATE SET
        first_activity = CASE WHEN excluded.first_activity < account_activities.first_activity
          THEN excluded.first_activity ELSE account_activities.first_activity END,
        activity_stored = CASE WHEN excluded.activity_stored < account_activities.activity_stored
          THEN excluded.activity_stored ELSE account_activities.activity_stored END,
        first_use = CASE WHEN account_activities.first_use IS NULL
          OR excluded.first_use < account_activities.first_use
          THEN excluded.first_use ELSE account_activities.first_use END,
        use_stored = CASE WHEN account_activities.use_stored IS NULL
          OR excluded.use_stored < account_activities.use_stored
          THEN excluded.use_stored ELSE account_activities.use_stored END
      """,
      each: activities.map { account, activity in
        [id, account, activity.firstActivity, activity.firstUse, activity.activityStored, activity.useStored]
      })
  }

  private func add(_ tallies: [TallyKey: Tally], to id: Int64) throws {
    try db.execute(
      """
      INSERT INTO tallies (projection, day, account, subject, locale, hits, total, last_stored)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (projection, day, account, subject, locale) DO UPDATE SET
        hits = tallies.hits + excluded.hits, total = tallies.total + excluded.total,
        last_stored = CASE WHEN excluded.last_stored > tallies.last_stored
          THEN excluded.last_stored ELSE tallies.last_stored END
      """,
      each: tallies.map { key, tally in
        [id, key.day, key.account, key.subject, key.locale, tally.hits, tally.total, tally.lastStored]
      })
  }

  /// Loads a whole projection.
  func load(_ row: ProjectionRow) throws -> Projection {
    Projection(
      activities: try activities(row.id), tallies: try tallies(row.id), watermark: row.watermark,
      prunedBefore: row.prunedBefore)
  }

  private func activities(_ id: Int64) throws -> [String: AccountActivity] {
    let rows = try db.query(
      """
      SELECT account, first_activity, first_use, activity_stored, use_stored
      FROM account_activities WHERE projection = ?
      """, [id])
    var activities = [String: AccountActivity](minimumCapacity: rows.count)
    for row in rows {
      activities[try row.text("account")] = AccountActivity(
        firstActivity: try row.timestamp("first_activity"), firstUse: try row.optionalTimestamp("first_use"),
        activityStored: try row.timestamp("activity_stored"), useStored: try row.optionalTimestamp("use_stored"))
    }
    return activities
  }

  private func tallies(_ id: Int64) throws -> [TallyKey: Tally] {
    let rows = try db.query(
      "SELECT day, account, subject, locale, hits, total, last_stored FROM tallies WHERE projection = ?", [id])
    var tallies = [TallyKey: Tally](minimumCapacity: rows.count)
    for row in rows {
      let key = TallyKey(
        day: try row.int("day"), account: try row.text("account"), subject: try row.text("subject"),
        locale: try row.text("locale"))
      tallies[key] = Tally(
        hits: try row.int("hits"), total: try row.int("total"), lastStored: try row.timestamp("last_stored"))
    }
    return tallies
  }

  /// Deletes rows of one discarded projection, at most `limit` of its activities; returns false if nothing was left to
  /// delete.
  func clear(_ limit: Int) throws -> Bool {
    guard let id = try db.queryOne("SELECT id FROM discarded_projections ORDER BY id LIMIT 1")?.integer("id") else {
      return false
    }
    let activities = try db.execute(
      """
      DELETE FROM account_activities WHERE projection = ? AND account IN
        (SELECT account FROM account_activities WHERE projection = ? LIMIT ?)
      """, [id, id, limit])
    guard activities < limit else { return true }
    try db.execute("DELETE FROM tallies WHERE projection = ?", [id])
    try db.execute("DELETE FROM discarded_projections WHERE id = ?", [id])
    return true
  }
}
