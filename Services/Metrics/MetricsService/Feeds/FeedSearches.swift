import Contract
import LaunchModel
import Messaging
import MetricsCore
import Storage

/// The types whose events were not followed because there were too many feeds, and the searches of the log for those
/// that a plan turns out to need.
///
/// While a type is searched for, the consumer leaves the feeds that were not followed to the search. This continues
/// until it has reached the consumer, so that each event and each reported gap is added once, in the order of the log.
struct FeedSearches {
  /// The most types that are listed as not followed; if there are more, any type may have been.
  static let maximum = 1_000
  /// Stands for any type.
  private static let anyType = "*"

  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// A search of the log for the events of a type.
  struct Search: Sendable, Hashable {
    /// The type.
    var type: String
    /// The next offset to be searched.
    var next: Int64
    /// The lowest id of a feed that the search adds to; those before it were followed all the time.
    var firstFeed: Int64
  }

  /// The searches that are not complete, by type.
  func all() throws -> [String: Search] {
    let rows = try db.query("SELECT type, next_offset, first_feed FROM feed_type_searches ORDER BY type")
    let searches = try rows.map { row in
      Search(
        type: try row.text("type"), next: try row.integer("next_offset"), firstFeed: try row.integer("first_feed"))
    }
    return Dictionary(searches.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Notes that events of a type were not followed, or that a feed of it was dropped.
  func noteUnfollowed(_ type: String) throws {
    let known = try db.queryOne(
      "SELECT count(*) AS n FROM unfollowed_feed_types WHERE type = ? OR type = ?", [type, Self.anyType])
    guard try known?.int("n") == 0 else { return }
    let all = try db.queryOne("SELECT count(*) AS n FROM unfollowed_feed_types")
    let isFull = try all?.int("n") ?? 0 >= Self.maximum
    try db.execute("INSERT INTO unfollowed_feed_types (type) VALUES (?)", [isFull ? Self.anyType : type])
  }

  /// Begins a search for those of a plan's types that no plan has needed so far, if events of them were not followed.
  ///
  /// To be called before the plan is stored. The types of earlier plans were followed since, or are being searched for.
  func begin(for types: Set<String>) throws {
    let rows = try db.query("SELECT type FROM unfollowed_feed_types ORDER BY type")
    let unfollowed = Set(try rows.map { try $0.text("type") })
    let affected = unfollowed.contains(Self.anyType) ? types : types.intersection(unfollowed)
    guard !affected.isEmpty else { return }
    let last = try db.queryOne("SELECT coalesce(max(id), 0) AS id FROM feeds")?.integer("id") ?? 0
    for type in affected.subtracting(try PlannedFeeds(db).types).sorted() {
      try db.execute("DELETE FROM unfollowed_feed_types WHERE type = ?", [type])
      try db.execute(
        """
        INSERT INTO feed_type_searches (type, next_offset, first_feed) VALUES (?, 1, ?) ON CONFLICT (type) DO NOTHING
        """, [type, last + 1])
    }
  }

  /// Notes how far the log has been searched.
  ///
  /// - Parameter processed: the offset up to which the consumer has processed the log, at which the search is complete.
  /// - Returns: false if another worker has searched that part already.
  func advance(_ search: Search, to offset: Int64, processed: Int64) throws -> Bool {
    if offset >= processed {
      return try db.execute(
        "DELETE FROM feed_type_searches WHERE type = ? AND next_offset = ?", [search.type, search.next]) == 1
    }
    return try db.execute(
      "UPDATE feed_type_searches SET next_offset = ? WHERE type = ? AND next_offset = ?",
      [offset + 1, search.type, search.next]) == 1
  }
}

extension FeedRepository {
  /// Adds what a search found: the events of feeds that were not followed, and what bridges reported of these.
  func add(_ events: [StoredEvent], of search: FeedSearches.Search) throws {
    var batch = FeedBatch()
    for event in events { batch.add(event) }
    var planned: Set<String>?
    for (name, addition) in batch.additions where name.type == search.type {
      guard try isAdded(name, by: search) else { continue }
      let refused = Refusable(span: addition.first...addition.last, at: addition.lastStoredAt)
      if let id = try id(of: name, &planned, refused) { try add(addition, to: id) }
    }
    for event in events {
      guard let signal = MetricEvent.counted(event, readsDocument: { _ in false })?.signal else { continue }
      switch signal {
      case .feedGap(let gap) where gap.feed.type == search.type:
        try add(gap, by: try event.event().source, at: event.storedAt, of: search)
      case .feedFilled(let gap) where gap.feed.type == search.type:
        try fill(gap, by: try event.event().source, at: event.storedAt, of: search)
      default: break
      }
    }
  }

  /// Whether the events of a feed are added by a search, and not by the consumer: it was not followed when the search
  /// began.
  func isAdded(_ name: FeedName, by search: FeedSearches.Search?) throws -> Bool {
    guard let search else { return false }
    return try knownID(of: name).map { $0 >= search.firstFeed } ?? true
  }
}
