import Contract
import LaunchModel
import ReviewCore
import Storage

/// The stored launches, as last announced by tiering, and their attempts.
struct LaunchRepository {
  let db: any Transaction

  func launch(_ id: LaunchID) throws -> LaunchRecord? {
    try db.queryOne("SELECT record FROM launches WHERE id = ?", [id])?.json("record", as: LaunchRecord.self)
  }

  /// The launch with an id.
  ///
  /// - Throws: `launch-not-found`.
  func required(_ id: LaunchID) throws -> LaunchRecord {
    guard let launch = try launch(id) else {
      throw Problem.noLaunch(id, among: try db.query("SELECT id FROM launches").map { try $0.text("id") })
    }
    return launch
  }

  /// Stores a record if it is newer than the stored one, and returns whether it was.
  func save(_ record: LaunchRecord) throws -> Bool {
    try db.execute(
      """
      INSERT INTO launches (id, version, record) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record
      WHERE launches.version < excluded.version
      """, [record.plan.launch, record.version, try SQLValue.json(record)]) > 0
  }

  func attempts(of launch: LaunchID) throws -> [ExposureAttempt] {
    try db.query(
      "SELECT attempt, started_at, rolled_back_at FROM attempts WHERE launch = ? ORDER BY attempt", [launch]
    ).map {
      ExposureAttempt(
        attempt: try $0.int("attempt"), startedAt: try $0.timestamp("started_at"),
        rolledBackAt: try $0.optionalTimestamp("rolled_back_at"))
    }
  }

  /// Replaces all attempts.
  func replaceAttempts(of launch: LaunchID, with attempts: [ExposureAttempt]) throws {
    try db.execute("DELETE FROM attempts WHERE launch = ?", [launch])
    for attempt in attempts {
      try db.execute(
        "INSERT INTO attempts (launch, attempt, started_at, rolled_back_at) VALUES (?, ?, ?, ?)",
        [launch, attempt.attempt, attempt.startedAt, attempt.rolledBackAt])
    }
  }
}
