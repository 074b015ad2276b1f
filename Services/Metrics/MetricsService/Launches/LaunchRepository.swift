import JSON
import Contract
import LaunchModel
import MetricsCore
import Storage

/// What the metrics service knows of launches: who owns them, their feature, and when they were exposed.
struct LaunchRepository {
  let db: any Transaction
  /// The last event that counts; nil for all.
  var limit: Int64?

  init(_ db: any Transaction, upTo limit: Int64? = nil) {
    self.db = db
    self.limit = limit
  }

  /// A launch as metrics need it.
  struct Known {
    var owner: PersonID
    var feature: String
  }

  /// Keeps a launch as it was announced; a version that is known already changes nothing.
  func keep(_ record: LaunchRecord, offset: Int64) throws {
    try db.execute(
      """
      INSERT INTO launches (launch, version, log_offset, owner, feature) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (launch, version) DO NOTHING
      """, [record.plan.launch, record.version, offset, record.plan.owner, record.plan.feature])
  }

  /// The launch by its latest version.
  ///
  /// - Throws: `not-found` where there is none.
  func launch(_ launch: LaunchID) throws -> Known {
    let row = try db.queryOne(
      "SELECT owner, feature FROM launches WHERE launch = ? AND log_offset <= ? ORDER BY version DESC LIMIT 1",
      [launch, limit ?? .max])
    guard let row else {
      throw Problem.notFound(
        "launch-not-found", title: "no such launch", "there is no launch \"\(launch)\"; gonogo launch list shows all")
    }
    return Known(owner: try row.text("owner"), feature: try row.text("feature"))
  }

  /// The key of every launch's feature.
  func features() throws -> Set<String> {
    Set(try db.query("SELECT DISTINCT feature FROM launches").map { try $0.text("feature") })
  }

  /// Keeps a step of exposure, with the fold of all steps so far.
  func keep(_ exposure: ExposureAnnounced, launch: LaunchID, offset: Int64, storedAt: Timestamp) throws {
    try db.execute(
      """
      INSERT INTO exposures (launch, log_offset, stored_at, attempts) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, log_offset) DO NOTHING
      """, [launch, offset, storedAt, try SQLValue.json(exposure.attempts)])
  }

  /// The attempts at launching by the latest announcement, each known since the first that mentions it.
  func attempts(of launch: LaunchID) throws -> [Attempt] {
    let rows = try db.query(
      "SELECT stored_at, attempts FROM exposures WHERE launch = ? AND log_offset <= ? ORDER BY log_offset",
      [launch, limit ?? .max])
    var knownSince: [Int: Timestamp] = [:]
    var latest: [ExposureAttempt] = []
    for row in rows {
      latest = try row.json("attempts", as: [ExposureAttempt].self)
      let storedAt = try row.timestamp("stored_at")
      for attempt in latest where knownSince[attempt.attempt] == nil { knownSince[attempt.attempt] = storedAt }
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
