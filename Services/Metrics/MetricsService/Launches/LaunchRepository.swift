import JSON
import Contract
import LaunchModel
import MetricsCore
import Storage

/// The stored data about launches: their owners, features and exposures.
struct LaunchRepository {
  let db: any Transaction
  /// The offset of the last event to include; nil for all events.
  var limit: Int64?

  init(_ db: any Transaction, upTo limit: Int64? = nil) {
    self.db = db
    self.limit = limit
  }

  /// The data about a launch that metrics need.
  struct Known {
    var owner: PersonID
    var feature: String
    /// The launch's time zone, which determines its days and hours.
    var timeZone: String
    /// The tier in force; nil if it was announced before tiers were stored.
    var tier: Tier?
  }

  /// Stores an announced version of a launch, unless it is already stored.
  func save(_ record: LaunchRecord, offset: Int64) throws {
    try db.execute(
      """
      INSERT INTO launches (launch, version, log_offset, owner, feature, time_zone, tier)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (launch, version) DO NOTHING
      """,
      [
        record.plan.launch, record.version, offset, record.plan.owner, record.plan.feature, record.plan.timeZone,
        record.tier.rawValue,
      ])
  }

  /// The range of offsets with launch announcements whose tier was not stored; nil if every tier is stored.
  func offsetsWithoutTier() throws -> ClosedRange<Int64>? {
    let row = try db.queryOne(
      "SELECT min(log_offset) AS first, max(log_offset) AS last FROM launches WHERE tier IS NULL")
    guard let first = try row?.optionalInteger("first"), let last = try row?.optionalInteger("last") else { return nil }
    return first...last
  }

  /// Stores the tier of an announced version if it is missing.
  ///
  /// - Returns: whether the tier was stored.
  func setMissingTier(of record: LaunchRecord) throws -> Bool {
    try db.execute(
      "UPDATE launches SET tier = ? WHERE launch = ? AND version = ? AND tier IS NULL",
      [record.tier.rawValue, record.plan.launch, record.version]) > 0
  }

  /// The latest version of a launch.
  ///
  /// - Parameter moment: the moment to name in errors if the launch was proposed later; nil if the query has no moment.
  /// - Throws: `launch-not-found`.
  func launch(_ launch: LaunchID, asOf moment: Timestamp? = nil) throws -> Known {
    let row = try db.queryOne(
      """
      SELECT owner, feature, time_zone, tier FROM launches WHERE launch = ? AND log_offset <= ?
      ORDER BY version DESC LIMIT 1
      """, [launch, limit ?? .max])
    guard let row else {
      let known = try db.query("SELECT DISTINCT launch FROM launches").map { try $0.text("launch") }
      guard let moment, known.contains(launch.rawValue) else { throw Problem.noLaunch(launch, among: known) }
      throw Problem.notFound(
        "launch-not-found", title: "no such launch",
        "\(launch) was not known at \(moment): it was proposed later; choose a later --as-of")
    }
    return Known(
      owner: try row.text("owner"), feature: try row.text("feature"), timeZone: try row.text("time_zone"),
      tier: try row.optionalInteger("tier").flatMap { Tier(rawValue: Int($0)) })
  }

  /// The tier in force when an attempt's exposure was announced; nil if tiers were not stored yet.
  func tier(of launch: LaunchID, at attempt: Attempt) throws -> Tier? {
    let row = try db.queryOne(
      """
      SELECT tier FROM launches WHERE launch = ? AND log_offset <= (
        SELECT min(log_offset) FROM exposures WHERE launch = ? AND stored_at = ?)
      ORDER BY version DESC LIMIT 1
      """, [launch, launch, attempt.knownSince])
    return try row?.optionalInt("tier").flatMap { Tier(rawValue: $0) }
  }

  /// Stores a step of exposure, with the attempts that it announced.
  func save(_ exposure: ExposureAnnounced, launch: LaunchID, offset: Int64, storedAt: Timestamp) throws {
    try db.execute(
      """
      INSERT INTO exposures (launch, log_offset, stored_at, attempts) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, log_offset) DO NOTHING
      """, [launch, offset, storedAt, try SQLValue.json(exposure.attempts)])
  }

  /// The attempts in the latest announcement, preceded by earlier ones that it omits. Each is known since the first
  /// announcement that contains it.
  func attempts(of launch: LaunchID) throws -> [Attempt] {
    let rows = try db.query(
      "SELECT stored_at, attempts FROM exposures WHERE launch = ? AND log_offset <= ? ORDER BY log_offset",
      [launch, limit ?? .max])
    var knownSince: [Int: Timestamp] = [:]
    var latest: [ExposureAttempt] = []
    for row in rows {
      let announced = try row.json("attempts", as: [ExposureAttempt].self)
      let storedAt = try row.timestamp("stored_at")
      let first = announced.first?.attempt ?? 0
      latest = latest.filter { $0.attempt < first } + announced
      for attempt in announced where knownSince[attempt.attempt] == nil { knownSince[attempt.attempt] = storedAt }
    }
    return latest.map {
      Attempt(
        number: $0.attempt, startedAt: $0.startedAt, rolledBackAt: $0.rolledBackAt,
        knownSince: knownSince[$0.attempt] ?? $0.startedAt)
    }
  }

  /// The launches that were ever exposed.
  func exposed() throws -> [LaunchID] {
    try db.query("SELECT DISTINCT launch FROM exposures ORDER BY launch").compactMap { LaunchID(try $0.text("launch")) }
  }
}
