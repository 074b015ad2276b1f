import Contract
import LaunchModel
import MetricsCore
import Storage

/// The stored feeds: their deliveries, reported gaps, noticed silences, and the decisions of Product Ops.
struct FeedRepository {
  /// The maximum number of feeds. Events of further feeds are not recorded, so that a producer
  /// with invented sources cannot fill the store.
  static let maximum = 1_000

  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// A stored feed.
  struct Feed: Sendable {
    var id: Int64
    var name: FeedName
    var firstSeen: Timestamp?
    var lastSeen: Timestamp?
    /// When its first event was stored.
    var firstStored: Timestamp?
    /// When its latest event was stored.
    var lastStored: Timestamp?
    var gaps = FeedGaps()
    var silences: [FeedState.NoticedSilence] = []
    var ruling: FeedState.Ruling?
    /// When Product Ops accepted missing events, ascending.
    var acceptances: [Timestamp] = []
    /// Who made the decision in `ruling`; `reason` is why.
    var ruledBy: String?
    var reason: String?
  }

  // MARK: Events

  /// Adds the events of a batch, but for those that a search of the log adds.
  func add(_ batch: FeedBatch) throws {
    let searches = try FeedSearches(db).all()
    var planned: Set<String>?
    for (name, addition) in batch.additions {
      guard try !isAdded(name, by: searches[name.type]) else { continue }
      let refused = Refusable(span: addition.first...addition.last, at: addition.lastStoredAt)
      if let id = try id(of: name, &planned, refused) { try add(addition, to: id) }
    }
  }

  /// Adds events to a feed.
  func add(_ addition: FeedBatch.Addition, to id: Int64) throws {
    try db.execute(
      """
      UPDATE feeds SET
        first_seen = CASE WHEN first_seen IS NULL OR first_seen > ? THEN ? ELSE first_seen END,
        last_seen = CASE WHEN last_seen IS NULL OR last_seen < ? THEN ? ELSE last_seen END,
        first_stored = CASE WHEN first_stored IS NULL OR first_stored > ? THEN ? ELSE first_stored END,
        last_stored = CASE WHEN last_stored IS NULL OR last_stored < ? THEN ? ELSE last_stored END
      WHERE id = ?
      """,
      [
        addition.first, addition.first, addition.last, addition.last, addition.storedAt, addition.storedAt,
        addition.lastStoredAt, addition.lastStoredAt, id,
      ])
    try db.execute(
      """
      INSERT INTO feed_events (feed, hour, stored_hour, events) VALUES (?, ?, ?, ?)
      ON CONFLICT (feed, hour, stored_hour) DO UPDATE SET events = feed_events.events + excluded.events
      """,
      each: addition.hours.sorted { $0.key < $1.key }.map { [id, $0.key.happened, $0.key.stored, $0.value] })
  }

  /// Records a gap that a bridge reported.
  ///
  /// - Parameters:
  ///   - reporter: the source of the report.
  ///   - search: the search of the log that found the report; nil if the consumer did.
  func add(
    _ gap: FeedGap, by reporter: String, at moment: Timestamp, of search: FeedSearches.Search? = nil
  ) throws {
    var planned: Set<String>?
    guard gap.from < gap.to, try isOwn(gap.feed, of: search) else { return }
    let refused = Refusable(span: gap.from...gap.to, at: moment)
    guard let id = try id(of: gap.feed, &planned, refused) else { return }
    try changeGaps(of: id) { $0.report(gap.from..<gap.to, at: moment, by: reporter) }
  }

  /// Fills what a bridge says that it delivered of the gaps that it reported, or what the feed says of its own.
  ///
  /// - Parameters:
  ///   - filler: the source of the report.
  ///   - search: the search of the log that found the report; nil if the consumer did.
  func fill(
    _ gap: FeedFilled, by filler: String, at moment: Timestamp, of search: FeedSearches.Search? = nil
  ) throws {
    guard gap.from < gap.to, try isOwn(gap.feed, of: search), let id = try knownID(of: gap.feed) else { return }
    let reporter = filler == gap.feed.source ? nil : filler
    try changeGaps(of: id) { $0.fill(gap.from..<gap.to, at: moment, by: reporter) }
  }

  /// Whether what is reported of a feed is added by that search, or else, if it is nil, by the consumer.
  private func isOwn(_ feed: FeedName, of search: FeedSearches.Search?) throws -> Bool {
    if let search { return try isAdded(feed, by: search) }
    return try !isAdded(feed, by: FeedSearches(db).all()[feed.type])
  }

  /// Notes that the people concerned were notified of the open gaps of a feed.
  func noticeGaps(of feed: Int64, at moment: Timestamp) throws {
    try changeGaps(of: feed) { $0.notice(at: moment) }
  }

  private func changeGaps(of id: Int64, _ change: (inout FeedGaps) -> Void) throws {
    var gaps = FeedGaps(try self.gaps(of: id...id).map(\.gap))
    change(&gaps)
    try db.execute("DELETE FROM feed_gap_spans WHERE feed = ?", [id])
    try db.execute(
      """
      INSERT INTO feed_gap_spans
        (feed, place, since, until_at, reported_at, filled_at, noticed_at, reporter, refused_filler)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      each: gaps.all.enumerated().map { place, gap in
        [
          id, place, gap.since, gap.until, gap.reportedAt, gap.filledAt, gap.noticedAt, gap.reporter,
          gap.refusedFiller,
        ]
      })
  }

  /// The gaps of feeds, each with its feed.
  private func gaps(of feeds: ClosedRange<Int64> = 0 ... .max) throws -> [(feed: Int64, gap: FeedGaps.Gap)] {
    let rows = try db.query(
      """
      SELECT feed, since, until_at, reported_at, filled_at, noticed_at, reporter, refused_filler FROM feed_gap_spans
      WHERE feed >= ? AND feed <= ? ORDER BY feed, place
      """, [feeds.lowerBound, feeds.upperBound])
    return try rows.map { row in
      let since = try row.timestamp("since")
      return (
        feed: try row.integer("feed"),
        gap: FeedGaps.Gap(
          since: since, until: try row.optionalTimestamp("until_at"),
          reportedAt: try row.optionalTimestamp("reported_at") ?? since,
          filledAt: try row.optionalTimestamp("filled_at"), noticedAt: try row.optionalTimestamp("noticed_at"),
          reporter: try row.optionalText("reporter"), refusedFiller: try row.optionalText("refused_filler"))
      )
    }
  }

  /// What is not recorded if there is no room for its feed.
  struct Refusable {
    /// From the earliest event to the latest, or a gap.
    var span: ClosedRange<Timestamp>
    /// When it was stored.
    var at: Timestamp
  }

  /// The id of a feed, which is created if necessary. Nil if there are too many feeds, and either no figure depends on
  /// its type or figures depend on all others; then its type is incomplete.
  ///
  /// Ids ascend and are not used again.
  ///
  /// - Parameters:
  ///   - planned: the types that figures rest on, which are looked up when they are needed.
  ///   - refused: what is not recorded if there is no room.
  func id(of name: FeedName, _ planned: inout Set<String>?, _ refused: Refusable) throws -> Int64? {
    if let id = try knownID(of: name) { return id }
    let row = try db.queryOne("SELECT count(*) AS n, coalesce(max(id), 0) AS last FROM feeds")
    guard let row else { return nil }
    if try row.int("n") >= Self.maximum {
      let wanted = try planned ?? PlannedFeeds(db).types.union(FeedSearches(db).all().keys)
      planned = wanted
      let isWanted = wanted.contains(name.type)
      guard isWanted, try dropOne(but: wanted) else {
        if isWanted { try IncompleteFeeds(db).note(name.type, during: refused.span, at: refused.at) }
        try FeedSearches(db).noteUnfollowed(name.type)
        return nil
      }
    }
    let id = try row.integer("last") + 1
    try db.execute("INSERT INTO feeds (id, type, source) VALUES (?, ?, ?)", [id, name.type, name.source])
    return id
  }

  /// Deletes the least recently seen feed of a type that no figure depends on.
  ///
  /// - Returns: false if there is no such feed.
  private func dropOne(but wanted: Set<String>) throws -> Bool {
    let rows = try db.query("SELECT id, type FROM feeds ORDER BY coalesce(last_seen, 0), id")
    guard let row = try rows.first(where: { !wanted.contains(try $0.text("type")) }) else { return false }
    let id = try row.integer("id")
    try FeedSearches(db).noteUnfollowed(try row.text("type"))
    try db.execute("DELETE FROM feed_events WHERE feed = ?", [id])
    try db.execute("DELETE FROM feed_gap_spans WHERE feed = ?", [id])
    try db.execute("DELETE FROM feed_silences WHERE feed = ?", [id])
    try db.execute("DELETE FROM feeds WHERE id = ?", [id])
    return true
  }

  func knownID(of name: FeedName) throws -> Int64? {
    try db.queryOne("SELECT id FROM feeds WHERE type = ? AND source = ?", [name.type, name.source])?.integer("id")
  }

  /// Whether the maximum number of feeds is reached.
  func isFull() throws -> Bool {
    try db.queryOne("SELECT count(*) AS n FROM feeds").map { try $0.int("n") >= Self.maximum } ?? false
  }

  /// Deletes counts that are too old for learning rhythms, except those needed to judge windows.
  func prune() throws {
    let planned = try PlannedFeeds(db)
    for row in try db.query("SELECT id, type FROM feeds ORDER BY id") {
      let (id, type) = (try row.integer("id"), try row.text("type"))
      guard
        let last = try db.queryOne("SELECT max(hour) AS hour FROM feed_events WHERE feed = ?", [id])?
          .optionalInteger("hour")
      else { continue }
      // For planned types, counts are kept from 13 weeks before the first window.
      let first = min(last, planned.firstHours[type] ?? last) - Int64(FeedHistory.hours) - 24
      try db.execute("DELETE FROM feed_events WHERE feed = ? AND hour <= ?", [id, first])
    }
  }

  // MARK: Reading

  /// All feeds, sorted by type and source.
  func all() throws -> [Feed] {
    let gaps = Dictionary(grouping: try gaps(), by: \.feed).mapValues { FeedGaps($0.map(\.gap)) }
    let acceptances = Dictionary(grouping: try acceptances(), by: \.name).mapValues { $0.map(\.at) }
    let silences = Dictionary(grouping: try silences(), by: \.feed).mapValues { $0.map(\.silence) }
    let rows = try db.query(
      """
      SELECT id, feeds.type AS type, feeds.source AS source, first_seen, last_seen, first_stored, last_stored, ruling,
        feed_rulings.at AS ruled_at, actor, reason
      FROM feeds LEFT JOIN feed_rulings ON feed_rulings.type = feeds.type AND feed_rulings.source = feeds.source
      ORDER BY feeds.type, feeds.source
      """)
    return try rows.map { row in
      let id = try row.integer("id")
      let decision = try row.optionalText("ruling").flatMap { FeedDecision(rawValue: $0) }
      let ruledAt = try row.optionalTimestamp("ruled_at")
      let name = FeedName(type: try row.text("type"), source: try row.text("source"))
      return Feed(
        id: id, name: name,
        firstSeen: try row.optionalTimestamp("first_seen"), lastSeen: try row.optionalTimestamp("last_seen"),
        firstStored: try row.optionalTimestamp("first_stored"), lastStored: try row.optionalTimestamp("last_stored"),
        gaps: gaps[id] ?? FeedGaps(),
        silences: silences[id] ?? [],
        ruling: decision.flatMap { decision in ruledAt.map { FeedState.Ruling(decision.ruling, at: $0) } },
        acceptances: acceptances[name] ?? [], ruledBy: try row.optionalText("actor"),
        reason: try row.optionalText("reason"))
    }
  }

  /// The events of a feed that happened in or after an hour.
  func deliveries(of id: Int64, since hour: Int) throws -> FeedDeliveries {
    FeedDeliveries(
      try db.query(
        "SELECT hour, stored_hour, events FROM feed_events WHERE feed = ? AND hour >= ? ORDER BY hour, stored_hour",
        [id, hour]
      ).map { row in
        FeedDeliveries.Row(
          hour: try row.int("hour"), storedHour: try row.int("stored_hour"), events: try row.int("events"))
      })
  }

  // MARK: Decisions and silences

  /// Stores a decision of Product Ops. Earlier acceptances remain in force, whatever is decided later.
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
        decision == .accepted ? moment : feed.acceptances.last, actor, reason,
      ])
    guard decision == .accepted else { return }
    try db.execute(
      """
      INSERT INTO feed_acceptances (type, source, at, actor, reason) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (type, source, at) DO NOTHING
      """, [feed.name.type, feed.name.source, moment, actor, reason])
  }

  /// When Product Ops accepted missing events, by feed.
  private func acceptances() throws -> [(name: FeedName, at: Timestamp)] {
    try db.query("SELECT type, source, at FROM feed_acceptances ORDER BY type, source, at").map { row in
      (FeedName(type: try row.text("type"), source: try row.text("source")), try row.timestamp("at"))
    }
  }

  /// The noticed silences, each with its feed's id.
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

  /// Records a new silence and ends the previous one.
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

  /// The offsets of the log that are still to be searched for deliveries from before
  /// feeds were recorded; nil if there are none.
  func unsearched() throws -> ClosedRange<Int64>? {
    guard let row = try db.queryOne("SELECT next_offset, until_offset FROM feed_search") else { return nil }
    let (next, until) = (try row.integer("next_offset"), try row.integer("until_offset"))
    return next <= until ? next...until : nil
  }

  /// Records how far the log was searched.
  ///
  /// - Returns: false if another worker has already searched this part.
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

/// The event types that the figures of defined or sealed plans depend on.
struct PlannedFeeds {
  /// The types.
  private(set) var types: Set<String> = []
  /// The hour in which the first window of each type began; types without a window are missing.
  private(set) var firstHours: [String: Int64] = [:]

  init(_ db: any Transaction) throws {
    let launches = LaunchRepository(db)
    for row in try db.query("SELECT DISTINCT launch FROM plans ORDER BY launch") {
      guard let launch = LaunchID(try row.text("launch")) else { continue }
      let history = try PlanRepository(db).history(of: launch)
      let plans = try history.plans(feature: try launches.launch(launch).feature)
      let types = Set(plans.flatMap(\.metrics).flatMap { $0.feedTypes { _ in true } })
      self.types.formUnion(types)
      guard let start = try launches.attempts(of: launch).map(\.startedAt).min() else { continue }
      let hour = start.microseconds / 3_600_000_000
      for type in types { firstHours[type] = min(firstHours[type] ?? hour, hour) }
    }
  }
}
