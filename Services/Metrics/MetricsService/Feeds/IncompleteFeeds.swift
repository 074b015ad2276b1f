import Contract
import LaunchModel
import Storage

/// The types that figures rest on of which a source was not followed, because there was no room for it.
///
/// What such a source delivered or left out is not known, so neither is any figure of the type whose window overlaps
/// its events or gaps.
struct IncompleteFeeds {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Records that events or a gap of a type were refused.
  func note(_ type: String, during span: ClosedRange<Timestamp>, at moment: Timestamp) throws {
    try db.execute(
      """
      INSERT INTO incomplete_feed_types (type, since, until_at, noted_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (type) DO UPDATE SET
        since = CASE WHEN excluded.since < incomplete_feed_types.since
          THEN excluded.since ELSE incomplete_feed_types.since END,
        until_at = CASE WHEN excluded.until_at > incomplete_feed_types.until_at
          THEN excluded.until_at ELSE incomplete_feed_types.until_at END
      """, [type, span.lowerBound, span.upperBound, moment])
  }

  /// The types, each with the span of what was refused.
  ///
  /// - Parameter moment: the moment by which the first of it was stored; nil for all.
  func all(knownAt moment: Timestamp? = nil) throws -> [String: ClosedRange<Timestamp>] {
    let rows = try db.query("SELECT type, since, until_at, noted_at FROM incomplete_feed_types ORDER BY type")
    var spans: [String: ClosedRange<Timestamp>] = [:]
    for row in rows {
      if let moment, moment < (try row.timestamp("noted_at")) { continue }
      let since = try row.timestamp("since")
      spans[try row.text("type")] = since...max(since, try row.timestamp("until_at"))
    }
    return spans
  }
}
