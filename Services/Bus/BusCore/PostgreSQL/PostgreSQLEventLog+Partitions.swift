import Contract
import Storage

/// The partitions of the table of events, each for a range of offsets.
extension PostgreSQLEventLog {
  /// Creates the missing partitions for the offsets after the head up to an offset, and some more. The transaction has
  /// locked the `log_bounds` row, so no other bus can create partitions at the same time.
  func makePartitions(after head: Int64, through offset: Int64, _ transaction: BlockingTransaction) throws {
    let wanted = offset + partitionSize / 4
    guard wanted > partitionedThrough else { return }
    // A transaction that rolls back leaves no partitions, so `log_partitions` is read again each time, and only
    // partitions that existed before are remembered.
    var last = try transaction.queryOne("SELECT max(last) AS last FROM log_partitions")?.optionalInteger("last") ?? 0
    partitionedThrough = last
    while last < wanted {
      let first = max(last, head) + 1
      last = first - 1 + partitionSize
      try Self.makePartition(first: first, last: last, transaction)
      try transaction.execute("INSERT INTO log_partitions (first, last) VALUES (?, ?)", [first, last])
    }
  }

  /// Drops the partitions whose offsets all lie before an offset.
  func dropPartitions(before first: Int64, _ transaction: BlockingTransaction) throws {
    for row in try transaction.query("DELETE FROM log_partitions WHERE last < ? RETURNING first", [first]) {
      try transaction.execute("DROP TABLE \(Self.partition(try row.integer("first")))")
    }
  }

  /// Creates a partition for a range of offsets, without recording it in `log_partitions`.
  static func makePartition(first: Int64, last: Int64, _ transaction: BlockingTransaction) throws {
    try transaction.execute(
      "CREATE TABLE \(partition(first)) PARTITION OF events FOR VALUES FROM (\(first)) TO (\(last + 1))")
  }

  /// Creates the partitions that are recorded but missing, and one for the log's offsets that no record covers.
  static func restorePartitions(of bounds: LogBounds, _ transaction: BlockingTransaction) throws {
    let missing = try transaction.query(
      "SELECT first, last FROM log_partitions WHERE to_regclass('events_' || first) IS NULL ORDER BY first")
    for row in missing {
      try makePartition(first: try row.integer("first"), last: try row.integer("last"), transaction)
    }
    let recorded = try transaction.queryOne("SELECT max(last) AS last FROM log_partitions")?.optionalInteger("last")
    let first = max(bounds.first, (recorded ?? 0) + 1)
    guard first <= bounds.head else { return }
    try makePartition(first: first, last: bounds.head, transaction)
    try transaction.execute("INSERT INTO log_partitions (first, last) VALUES (?, ?)", [first, bounds.head])
  }

  private static func partition(_ first: Int64) -> String { "events_\(first)" }
}
