import Contract
import JSON
import LaunchModel
import ReviewCore
import Storage

/// The stored topics of attempts, and the spikes whose topics are to be announced.
struct TopicRepository {
  let db: any Transaction

  /// The latest stored topics, with the fingerprint of their input; nil if none were found yet.
  func topics(of launch: LaunchID, _ attempt: Int) throws -> (topics: AttemptTopics, fingerprint: String)? {
    try db.queryOne(
      "SELECT fingerprint, topics FROM attempt_topics WHERE launch = ? AND attempt = ?", [launch, attempt]
    ).map { (try $0.json("topics", as: AttemptTopics.self), try $0.text("fingerprint")) }
  }

  func save(_ topics: AttemptTopics, fingerprint: String, of launch: LaunchID, _ attempt: Int) throws {
    try db.execute(
      """
      INSERT INTO attempt_topics (launch, attempt, fingerprint, topics) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, attempt) DO UPDATE SET fingerprint = excluded.fingerprint, topics = excluded.topics
      """, [launch, attempt, fingerprint, try SQLValue.json(topics)])
  }
}

/// The notice of a spike whose topics have not been announced yet.
struct SpikeRow: Sendable {
  var launch: LaunchID
  var attempt: Int
  /// When the notice was sent.
  var at: Timestamp
  var notice: Notice
}

extension TopicRepository {
  /// Stores a spike, unless its notice is already stored.
  func add(_ spike: SpikeRow) throws {
    try db.execute(
      "INSERT INTO spikes (key, launch, attempt, at, notice) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
      [spike.notice.key, spike.launch, spike.attempt, spike.at, try SQLValue.json(spike.notice)])
  }

  /// The spikes whose topics have not been announced, in the order of their notices.
  func unexplainedSpikes() throws -> [SpikeRow] {
    try db.query(
      "SELECT launch, attempt, at, notice FROM spikes WHERE explained_at IS NULL ORDER BY at, key"
    ).compactMap { row in
      try LaunchID(row.text("launch")).map {
        SpikeRow(
          launch: $0, attempt: try row.int("attempt"), at: try row.timestamp("at"),
          notice: try row.json("notice", as: Notice.self))
      }
    }
  }

  /// Records that a spike's topics were announced.
  ///
  /// - Returns: whether this call recorded it; false if it was already recorded.
  func explain(_ key: String, at now: Timestamp) throws -> Bool {
    try db.execute("UPDATE spikes SET explained_at = ? WHERE key = ? AND explained_at IS NULL", [now, key]) > 0
  }
}
