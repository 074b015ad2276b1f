import LaunchModel
import Storage

extension PostgreSQLEventLog {
  /// Moves the log's beginning on, makes the sources and ids of what lies before it free again, and drops the partitions that lie
  /// before it as a whole, in one transaction. What lies before it in the partition that it stands in stays there, where nobody
  /// reads it, until that partition goes.
  func deleteOldest(through offset: Int64, atMost count: Int64) throws(LogFault) -> LogEnds {
    try database.transaction("cannot prune") { transaction in
      var ends = try LogEnds(transaction.queryOne(LogEnds.lock))
      try ends.check(after: bounds)
      let old = ends.bounds.first
      let first = min(offset, ends.bounds.head, old - 1 + count) + 1
      guard first > old else { return ends }
      var searched = old - 1
      while searched < first - 1 {
        let rows = try transaction.query(Self.select, Self.arguments(after: searched, through: first - 1))
        searched = try rows.last?.integer("offset") ?? first - 1
        try release(try rows.map { (try $0.integer("offset"), try $0.blob("bytes")) }, transaction)
      }
      _ = try transaction.query(
        "UPDATE log_bounds SET first = ? RETURNING CAST(pg_notify(?, ?) AS TEXT) AS told",
        [first, database.channel, notice.payload(.appended)])
      try dropPartitions(before: first, transaction)
      ends.bounds.first = first
      return ends
    }
  }

  /// A damaged event cannot say its source and id; then its offset finds them, slowly.
  private func release(_ doomed: [(offset: Int64, bytes: [UInt8])], _ transaction: BlockingTransaction) throws {
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    var events: [ScannedEvent] = []
    for (offset, bytes) in doomed {
      if let event = try? scanner.scan(bytes) {
        events.append(event)
      } else {
        try transaction.execute("DELETE FROM event_keys WHERE \"offset\" = ?", [offset])
      }
    }
    let keys = KeyColumns(events)
    // One look-up by the index for each, whatever the planner thinks of the table.
    try transaction.execute(
      """
      DELETE FROM event_keys WHERE ctid = ANY (ARRAY(
        SELECT found.place FROM unnest(?, ?) AS doomed (source, id)
        CROSS JOIN LATERAL (
          SELECT ctid AS place FROM event_keys WHERE source = doomed.source AND id = doomed.id OFFSET 0) AS found))
      """, arrays: [keys.sources, keys.ids])
  }
}
