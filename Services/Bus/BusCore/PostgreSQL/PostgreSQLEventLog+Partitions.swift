import Storage

extension PostgreSQLEventLog {
  /// Makes sure that there are partitions for the offsets from the log's head to that one, and for some that come after it. The row
  /// of the log's ends is held, so no other bus makes any.
  func makePartitions(after head: Int64, through offset: Int64, _ transaction: BlockingTransaction) throws {
    let wanted = offset + partitionSize / 4
    guard wanted > partitionedThrough else { return }
    // What is rolled back is not there: it is read again, and noted only as far as it was there before.
    var last = try transaction.queryOne("SELECT max(last) AS last FROM log_partitions")?.optionalInteger("last") ?? 0
    partitionedThrough = last
    while last < wanted {
      let first = max(last, head) + 1
      last = first - 1 + partitionSize
      try Self.makePartition(first: first, last: last, transaction)
      try transaction.execute("INSERT INTO log_partitions (first, last) VALUES (?, ?)", [first, last])
    }
  }

  /// Drops the partitions whose offsets all lie before that one.
  func dropPartitions(before first: Int64, _ transaction: BlockingTransaction) throws {
    for row in try transaction.query("DELETE FROM log_partitions WHERE last < ? RETURNING first", [first]) {
      try transaction.execute("DROP TABLE \(Self.partition(try row.integer("first")))")
    }
  }

  /// Makes the partition for those offsets, and does not write it down.
  static func makePartition(first: Int64, last: Int64, _ transaction: BlockingTransaction) throws {
    try transaction.execute(
      "CREATE TABLE \(partition(first)) PARTITION OF events FOR VALUES FROM (\(first)) TO (\(last + 1))")
  }

  private static func partition(_ first: Int64) -> String { "events_\(first)" }
}
