import JSON
import LaunchModel
import ReviewCore
import Storage

/// The reviews, one for each attempt.
struct ReviewTable {
  let db: any Transaction

  private static let byKey = "SELECT * FROM reviews WHERE launch = ? AND attempt = ?"
  private static let byLaunch = "SELECT * FROM reviews WHERE launch = ? ORDER BY attempt"
  private static let inOrder = "SELECT * FROM reviews ORDER BY opens_at, launch, attempt"
  private static let due =
    "SELECT * FROM reviews WHERE state = 'scheduled' AND opens_at <= ? AND calendar_known = 1 ORDER BY opens_at, launch, attempt"

  func review(_ launch: LaunchID, _ attempt: Int) throws -> ReviewRow? {
    try db.queryOne(Self.byKey, [launch, attempt]).map(ReviewRow.init)
  }

  func reviews(of launch: LaunchID) throws -> [ReviewRow] { try db.query(Self.byLaunch, [launch]).map(ReviewRow.init) }
  func all() throws -> [ReviewRow] { try db.query(Self.inOrder).map(ReviewRow.init) }

  /// The scheduled ones whose opening has come.
  func due(at now: Timestamp) throws -> [ReviewRow] { try db.query(Self.due, [now]).map(ReviewRow.init) }

  /// Sets when the reviews of a launch open, as far as they have not opened yet, from what is known of it now.
  func schedule(_ launch: LaunchID) throws {
    guard let record = try LaunchTable(db: db).launch(launch) else { return }
    let zone = try ZoneRules(record.plan.timeZone)
    let calendar = try CalendarTable(db: db).calendar(record.plan.calendar)
    let attempts = try LaunchTable(db: db).attempts(of: launch)
    for attempt in attempts {
      let opening = ReviewSchedule.opening(exposure: attempt.startedAt, calendar: calendar ?? .standard, zone: zone)
      try db.execute(
        """
        INSERT INTO reviews (launch, attempt, state, opens_at, opens_on, calendar_known, version)
        VALUES (?, ?, 'scheduled', ?, ?, ?, 1)
        ON CONFLICT (launch, attempt) DO UPDATE
        SET opens_at = excluded.opens_at, opens_on = excluded.opens_on, calendar_known = excluded.calendar_known
        WHERE reviews.state = 'scheduled'
        """, [launch, attempt.attempt, opening.at, opening.on, calendar != nil])
    }
    try db.execute(
      "DELETE FROM reviews WHERE launch = ? AND state = 'scheduled' AND attempt > ?",
      [launch, attempts.last?.attempt ?? 0])
  }

  func open(_ review: ReviewRow, at now: Timestamp) throws {
    try db.execute(
      "UPDATE reviews SET state = 'open', opened_at = ?, version = version + 1 WHERE launch = ? AND attempt = ?",
      [now, review.launch, review.attempt])
  }

  func close(_ review: ReviewRow, agenda: AgendaView, digest: String, by: String, at now: Timestamp) throws {
    try db.execute(
      """
      UPDATE reviews SET state = 'closed', closed_at = ?, closed_by = ?, digest = ?, agenda = ?, version = version + 1
      WHERE launch = ? AND attempt = ?
      """, [now, by, digest, try SQLValue.json(agenda), review.launch, review.attempt])
  }

  /// Counts a change of what was recorded.
  func touch(_ review: ReviewRow) throws {
    try db.execute(
      "UPDATE reviews SET version = version + 1 WHERE launch = ? AND attempt = ?", [review.launch, review.attempt])
  }
}
