import Contract
import LaunchModel
import MetricsCore
import Storage

/// The stored feeds: when each delivered, the gaps that were reported, the silences that were noticed, and what Product Ops decided.
struct FeedRepository {
  /// The most feeds that are followed; events of further ones are not, so that a producer that makes up sources cannot fill the
  /// store.
  static let maximum = 1_000

  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// A feed as it is stored.
  struct Feed: Sendable {
    var id: Int64
    var name: FeedName
    var firstSeen: Timestamp?
    var lastSeen: Timestamp?
    /// When its first event was stored.
    var firstStored: Timestamp?
    var gaps: [FeedState.ReportedGap] = []
    var ruling: FeedState.Ruling?
    /// Who decided, and why.
    var ruledBy: String?
    var reason: String?
  }

  // MARK: Events

  /// Adds the events of a batch.
  func add(_ batch: FeedBatch) throws {
    for (name, addition) in batch.additions {
      guard let id = try id(of: name) else { continue }
      try db.execute(
        """
        UPDATE feeds SET
          first_seen = CASE WHEN first_seen IS NULL OR first_seen > ? THEN ? ELSE first_seen END,
          last_seen = CASE WHEN last_seen IS NULL OR last_seen < ? THEN ? ELSE last_seen END,
          first_stored = CASE WHEN first_stored IS NULL OR first_stored > ? THEN ? ELSE first_stored END
        WHERE id = ?
        """,
        [
          addition.first, addition.first, addition.last, addition.last, addition.storedAt, addition.storedAt, id,
        ])
      try db.execute(
        """
        INSERT INTO feed_hours (feed, hour, events) VALUES (?, ?, ?)
        ON CONFLICT (feed, hour) DO UPDATE SET events = feed_hours.events + excluded.events
        """, each: addition.hours.sorted { $0.key < $1.key }.map { [id, $0.key, $0.value] })
    }
  }

  /// Records a gap that a bridge reported; one that is open already only begins earlier.
  func add(_ gap: FeedGap) throws {
    guard let id = try id(of: gap.feed) else { return }
    let open = try db.queryOne("SELECT since FROM feed_gaps WHERE feed = ? AND filled_at IS NULL", [id])
    if let since = try open?.timestamp("since") {
      guard gap.from < since else { return }
      try db.execute("DELETE FROM feed_gaps WHERE feed = ? AND since = ?", [id, since])
    }
    try db.execute(
      """
      INSERT INTO feed_gaps (feed, since, filled_at) VALUES (?, ?, NULL)
      ON CONFLICT (feed, since) DO UPDATE SET filled_at = NULL
      """, [id, gap.from])
  }

  /// Ends the reported gap of a feed.
  func fill(_ gap: FeedFilled, at moment: Timestamp) throws {
    guard let id = try id(of: gap.feed) else { return }
    try db.execute("UPDATE feed_gaps SET filled_at = ? WHERE feed = ? AND filled_at IS NULL", [moment, id])
  }

  /// The id of a feed, which is created if need be; nil if there are too many.
  private func id(of name: FeedName) throws -> Int64? {
    let known = try db.queryOne("SELECT id FROM feeds WHERE type = ? AND source = ?", [name.type, name.source])
    if let id = try known?.integer("id") { return id }
    let row = try db.queryOne("SELECT count(*) AS n, coalesce(max(id), 0) AS last FROM feeds")
    guard let row, try row.int("n") < Self.maximum else { return nil }
    let id = try row.integer("last") + 1
    try db.execute("INSERT INTO feeds (id, type, source) VALUES (?, ?, ?)", [id, name.type, name.source])
    return id
  }

  /// Drops the hours that no rhythm is learnt from any more.
  func prune() throws {
    try db.execute(
      """
      DELETE FROM feed_hours WHERE hour <= ? + (SELECT coalesce(max(hour), 0) FROM feed_hours AS later
        WHERE later.feed = feed_hours.feed)
      """, [-FeedHistory.hours])
  }

  // MARK: Reading

  /// All feeds, by type and source.
  func all() throws -> [Feed] {
    let gaps = try Dictionary(
      grouping: db.query("SELECT feed, since, filled_at FROM feed_gaps ORDER BY feed, since").map { row in
        (
          try row.integer("feed"),
          FeedState.ReportedGap(since: try row.timestamp("since"), filledAt: try row.optionalTimestamp("filled_at"))
        )
      }, by: \.0
    ).mapValues { $0.map(\.1) }
    let rows = try db.query(
      """
      SELECT id, feeds.type AS type, feeds.source AS source, first_seen, last_seen, first_stored, ruling,
        feed_rulings.at AS ruled_at, actor, reason
      FROM feeds LEFT JOIN feed_rulings ON feed_rulings.type = feeds.type AND feed_rulings.source = feeds.source
      ORDER BY feeds.type, feeds.source
      """)
    return try rows.map { row in
      let id = try row.integer("id")
      let decision = try row.optionalText("ruling").flatMap { FeedDecision(rawValue: $0) }
      let ruledAt = try row.optionalTimestamp("ruled_at")
      return Feed(
        id: id, name: FeedName(type: try row.text("type"), source: try row.text("source")),
        firstSeen: try row.optionalTimestamp("first_seen"), lastSeen: try row.optionalTimestamp("last_seen"),
        firstStored: try row.optionalTimestamp("first_stored"), gaps: gaps[id] ?? [],
        ruling: decision.flatMap { decision in ruledAt.map { FeedState.Ruling(decision.ruling, at: $0) } },
        ruledBy: try row.optionalText("actor"), reason: try row.optionalText("reason"))
    }
  }

  /// The events of a feed by hour, up to but not including an hour.
  func hours(of id: Int64, before hour: Int) throws -> [Int: Int] {
    let rows = try db.query(
      "SELECT hour, events FROM feed_hours WHERE feed = ? AND hour < ? AND hour > ?",
      [id, hour, hour - FeedHistory.hours - 24])
    return try Dictionary(
      rows.map { (try $0.int("hour"), try $0.int("events")) }, uniquingKeysWith: { first, _ in first })
  }

  /// When the last event of a feed happened, as of a moment: of a feed that delivered later, the beginning of the last hour that had
  /// ended by then and has events.
  func lastSeen(_ feed: Feed, asOf moment: Timestamp) throws -> Timestamp? {
    guard let last = feed.lastSeen, last > moment else { return feed.lastSeen }
    let hour = moment.microseconds / 3_600_000_000
    let row = try db.queryOne("SELECT max(hour) AS hour FROM feed_hours WHERE feed = ? AND hour < ?", [feed.id, hour])
    return try row?.optionalInteger("hour").map { Timestamp(microseconds: $0 * 3_600_000_000) }
  }

  // MARK: Decisions and silences

  /// Stores a decision of Product Ops.
  func rule(_ feed: Feed, _ decision: FeedDecision, by actor: String, at moment: Timestamp, reason: String) throws {
    try db.execute(
      """
      INSERT INTO feed_rulings (type, source, ruling, at, actor, reason) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (type, source) DO UPDATE SET
        ruling = excluded.ruling, at = excluded.at, actor = excluded.actor, reason = excluded.reason
      """, [feed.name.type, feed.name.source, decision.rawValue, moment, actor, reason])
  }

  /// The feeds that were silent as it was known at a moment, with the beginnings of their silences.
  func silences(knownAt moment: Timestamp) throws -> [Int64: Timestamp] {
    let rows = try db.query(
      "SELECT feed, since FROM feed_silences WHERE noticed_at <= ? AND (ended_at IS NULL OR ended_at > ?)",
      [moment, moment])
    return try Dictionary(
      rows.map { (try $0.integer("feed"), try $0.timestamp("since")) }, uniquingKeysWith: { min($0, $1) })
  }

  /// The silences that were noticed and have not ended: their beginnings by feed.
  func openSilences() throws -> [Int64: Timestamp] {
    let rows = try db.query("SELECT feed, since FROM feed_silences WHERE ended_at IS NULL")
    return try Dictionary(
      rows.map { (try $0.integer("feed"), try $0.timestamp("since")) }, uniquingKeysWith: { min($0, $1) })
  }

  func begin(silenceOf feed: Int64, since: Timestamp, noticedAt: Timestamp) throws {
    try db.execute(
      """
      INSERT INTO feed_silences (feed, since, noticed_at, ended_at) VALUES (?, ?, ?, NULL)
      ON CONFLICT (feed, since) DO UPDATE SET ended_at = NULL
      """, [feed, since, noticedAt])
  }

  func end(silenceOf feed: Int64, at moment: Timestamp) throws {
    try db.execute("UPDATE feed_silences SET ended_at = ? WHERE feed = ? AND ended_at IS NULL", [moment, feed])
  }

  // MARK: Searching the log

  /// The offsets that are still to be searched for events that feeds delivered before they were followed; nil if there are none.
  func unsearched() throws -> ClosedRange<Int64>? {
    guard let row = try db.queryOne("SELECT next_offset, until_offset FROM feed_search") else { return nil }
    let (next, until) = (try row.integer("next_offset"), try row.integer("until_offset"))
    return next <= until ? next...until : nil
  }

  /// Notes how far the log has been searched.
  ///
  /// - Returns: false if another worker has searched that part already.
  func advance(from next: Int64, to offset: Int64) throws -> Bool {
    try db.execute(
      "UPDATE feed_search SET next_offset = ? WHERE one = 1 AND next_offset = ?", [offset + 1, next]) == 1
  }
}

extension FeedDecision {
  fileprivate var ruling: FeedState.Ruling.Decision {
    switch self {
    case .retired: .retired
    case .accepted: .accepted
    }
  }
}
