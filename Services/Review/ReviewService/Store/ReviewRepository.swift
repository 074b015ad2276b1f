import JSON
import Contract
import LaunchModel
import ReviewCore
import Storage

/// The stored reviews, one for each attempt.
struct ReviewRepository {
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

  /// The scheduled reviews whose opening has come.
  func due(at now: Timestamp) throws -> [ReviewRow] { try db.query(Self.due, [now]).map(ReviewRow.init) }

  /// Schedules a review for each attempt of a launch, and reschedules those that have not opened yet.
  func schedule(_ launch: LaunchID) throws {
    guard let record = try LaunchRepository(db: db).launch(launch) else { return }
    let zone = try ZoneRules(record.plan.timeZone)
    let calendar = try KnownCalendarRepository(db: db).calendar(record.plan.calendar)
    let attempts = try LaunchRepository(db: db).attempts(of: launch)
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

  /// Increments the review's version.
  func touch(_ review: ReviewRow) throws {
    try db.execute(
      "UPDATE reviews SET version = version + 1 WHERE launch = ? AND attempt = ?", [review.launch, review.attempt])
  }
}

/// A stored review.
struct ReviewRow: Sendable {
  var launch: LaunchID
  var attempt: Int
  var state: ReviewState
  var opensAt: Timestamp
  var opensOn: LocalDate
  /// Whether the opening was computed with the launch's own calendar, not with Monday to Friday in its place.
  var calendarKnown: Bool
  var openedAt: Timestamp?
  var closedAt: Timestamp?
  var closedBy: String?
  var digest: String?
  /// The agenda as it was when the review was closed.
  var agenda: AgendaView?
  var version: Int

  init(_ row: Row) throws {
    guard let launch = LaunchID(try row.text("launch")), let state = ReviewState(rawValue: try row.text("state")) else {
      throw StorageError(.unreadable, "a row of the table reviews has an invalid launch or state")
    }
    self.launch = launch
    self.state = state
    attempt = try row.int("attempt")
    opensAt = try row.timestamp("opens_at")
    opensOn = try row.date("opens_on")
    calendarKnown = try row.bool("calendar_known")
    openedAt = try row.optionalTimestamp("opened_at")
    closedAt = try row.optionalTimestamp("closed_at")
    closedBy = try row.optionalText("closed_by")
    digest = try row.optionalText("digest")
    agenda = try row.optionalText("agenda") == nil ? nil : try row.json("agenda", as: AgendaView.self)
    version = try row.int("version")
  }
}
