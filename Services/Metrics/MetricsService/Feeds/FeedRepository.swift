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
    var gaps = FeedGaps()
    var silences: [FeedState.NoticedSilence] = []
    var ruling: FeedState.Ruling?
    /// When Product Ops last accepted what was missing.
    var acceptedAt: Timestamp?
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

  /// Records a gap that a bridge reported.
  func add(_ gap: FeedGap, at moment: Timestamp) throws {
    guard gap.from < gap.to, let id = try id(of: gap.feed) else { return }
    try changeGaps(of: id) { $0.report(gap.from..<gap.to, at: moment) }
  }

  /// Fills what a bridge says that it delivered of the gaps that it reported.
  func fill(_ gap: FeedFilled, at moment: Timestamp) throws {
    guard gap.from < gap.to, let id = try knownID(of: gap.feed) else { return }
    try changeGaps(of: id) { $0.fill(gap.from..<gap.to, at: moment) }
  }

  /// Notes that the people concerned were notified of the open gaps of a feed.
  func noticeGaps(of feed: Int64, at moment: Timestamp) throws {
    try changeGaps(of: feed) { $0.notice(at: moment) }
  }

  private func changeGaps(of id: Int64, _ change: (inout FeedGaps) -> Void) throws {
    var gaps = FeedGaps(try self.gaps(of: id...id).map(\.gap))
    change(&gaps)
    try db.execute("DELETE FROM feed_gaps WHERE feed = ?", [id])
    try db.execute(
      """
      INSERT INTO feed_gaps (feed, since, until_at, reported_at, filled_at, noticed_at) VALUES (?, ?, ?, ?, ?, ?)
      """,
      each: gaps.all.map { [id, $0.since, $0.until, $0.reportedAt, $0.filledAt, $0.noticedAt] })
  }

  /// The gaps of feeds, each with its feed.
  private func gaps(of feeds: ClosedRange<Int64> = 0 ... .max) throws -> [(feed: Int64, gap: FeedGaps.Gap)] {
    let rows = try db.query(
      """
      SELECT feed, since, until_at, reported_at, filled_at, noticed_at FROM feed_gaps WHERE feed >= ? AND feed <= ?
      ORDER BY feed, since
      """, [feeds.lowerBound, feeds.upperBound])
    return try rows.map { row in
      let since = try row.timestamp("since")
      return (
        feed: try row.integer("feed"),
        gap: FeedGaps.Gap(
          since: since, until: try row.optionalTimestamp("until_at"),
          reportedAt: try row.optionalTimestamp("reported_at") ?? since,
          filledAt: try row.optionalTimestamp("filled_at"), noticedAt: try row.optionalTimestamp("noticed_at"))
      )
    }
  }

  /// The id of a feed, which is created if need be; nil if there are too many.
  private func id(of name: FeedName) throws -> Int64? {
    if let id = try knownID(of: name) { return id }
    let row = try db.queryOne("SELECT count(*) AS n, coalesce(max(id), 0) AS last FROM feeds")
    guard let row, try row.int("n") < Self.maximum else { return nil }
    let id = try row.integer("last") + 1
    try db.execute("INSERT INTO feeds (id, type, source) VALUES (?, ?, ?)", [id, name.type, name.source])
    return id
  }

  private func knownID(of name: FeedName) throws -> Int64? {
    try db.queryOne("SELECT id FROM feeds WHERE type = ? AND source = ?", [name.type, name.source])?.integer("id")
  }

  /// Whether no further feeds are followed.
  func isFull() throws -> Bool {
    try db.queryOne("SELECT count(*) AS n FROM feeds").map { try $0.int("n") >= Self.maximum } ?? false
  }

  /// Drops the hours that no rhythm is learnt from any more, but for those of silences: they show which late events came.
  func prune() throws {
    try db.execute(
      """
      DELETE FROM feed_hours WHERE hour <= ? + (SELECT coalesce(max(hour), 0) FROM feed_hours AS later
        WHERE later.feed = feed_hours.feed)
        AND NOT EXISTS (SELECT 1 FROM feed_silences WHERE feed_silences.feed = feed_hours.feed
          AND (feed_hours.hour + 1) * 3600000000 > feed_silences.since
          AND (feed_silences.ended_at IS NULL OR feed_hours.hour * 3600000000 < feed_silences.ended_at))
      """, [-FeedHistory.hours])
  }

  // MARK: Reading

  /// All feeds, by type and source.
  func all() throws -> [Feed] {
    let gaps = Dictionary(grouping: try gaps(), by: \.feed).mapValues { FeedGaps($0.map(\.gap)) }
    let silences = Dictionary(grouping: try silences(), by: \.feed).mapValues { $0.map(\.silence) }
    let rows = try db.query(
      """
      SELECT id, feeds.type AS type, feeds.source AS source, first_seen, last_seen, first_stored, ruling,
        feed_rulings.at AS ruled_at, accepted_at, actor, reason
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
        firstStored: try row.optionalTimestamp("first_stored"), gaps: gaps[id] ?? FeedGaps(),
        silences: silences[id] ?? [],
        ruling: decision.flatMap { decision in ruledAt.map { FeedState.Ruling(decision.ruling, at: $0) } },
        acceptedAt: try row.optionalTimestamp("accepted_at"), ruledBy: try row.optionalText("actor"),
        reason: try row.optionalText("reason"))
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

  /// The hours of a feed with events that overlap a span, ascending.
  func hours(of id: Int64, in span: Range<Timestamp>) throws -> [Int] {
    try db.query(
      "SELECT hour FROM feed_hours WHERE feed = ? AND hour >= ? AND hour <= ? ORDER BY hour",
      [id, Self.hour(of: span.lowerBound), Self.hour(of: span.upperBound)]
    ).map { try $0.int("hour") }
  }

  /// The last hour of a feed that began by a moment and has events; nil if there is none.
  func lastHour(of id: Int64, at moment: Timestamp) throws -> Range<Timestamp>? {
    let row = try db.queryOne(
      "SELECT max(hour) AS hour FROM feed_hours WHERE feed = ? AND hour <= ?", [id, Self.hour(of: moment)])
    return try row?.optionalInteger("hour").map { hour in
      let start = Timestamp(microseconds: hour * 3_600_000_000)
      return start..<start.adding(seconds: 3_600)
    }
  }

  private static func hour(of moment: Timestamp) -> Int64 { moment.microseconds / 3_600_000_000 }

  // MARK: Decisions and silences

  /// Stores a decision of Product Ops. When it accepted what was missing stays, whatever it decides later.
  func rule(_ feed: Feed, _ decision: FeedDecision, by actor: String, at moment: Timestamp, reason: String) throws {
    try db.execute(
      """
      INSERT INTO feed_rulings (type, source, ruling, at, accepted_at, actor, reason) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (type, source) DO UPDATE SET
        ruling = excluded.ruling, at = excluded.at, accepted_at = excluded.accepted_at, actor = excluded.actor,
        reason = excluded.reason
      """,
      [
        feed.name.type, feed.name.source, decision.rawValue, moment,
        decision == .accepted ? moment : feed.acceptedAt, actor, reason,
      ])
  }

  /// The silences that were noticed, each with its feed.
  private func silences() throws -> [(feed: Int64, silence: FeedState.NoticedSilence)] {
    try db.query("SELECT feed, since, noticed_at, ended_at FROM feed_silences ORDER BY feed, since").map { row in
      (
        feed: try row.integer("feed"),
        silence: FeedState.NoticedSilence(
          since: try row.timestamp("since"), noticedAt: try row.timestamp("noticed_at"),
          endedAt: try row.optionalTimestamp("ended_at"))
      )
    }
  }

  /// Notes a silence, which ends the one before it.
  func begin(silenceOf feed: Int64, since: Timestamp, noticedAt: Timestamp) throws {
    try end(silenceOf: feed, at: noticedAt)
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
