import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite(
  "The partitions of a log on PostgreSQL", .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct PartitionTests {
  private static let noTime = Timestamp(microseconds: 0)

  /// Runs the body with a log that has 10 offsets per partition, and a second connection to its database.
  private func withSmallPartitions(_ body: (PostgreSQLEventLog, any Storage.Database) async throws -> Void) async throws
  {
    try await StorageEngine.postgreSQL.withFolder { folder in
      guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else { return }
      let database = try PostgreSQLBusDatabase(url: url, schema: schema)
      let beside = try await StorageEngine.postgreSQL.open(in: folder)
      try await body(try PostgreSQLEventLog(database, partitionSize: 10), beside)
      try await beside.close()
      database.close()
    }
  }

  private static func events(_ numbers: ClosedRange<Int>) throws -> [ScannedEvent] {
    try numbers.map { try LogFixture.event("\($0)") }
  }

  /// The existing partitions, by their first offset.
  private static func partitions(_ database: any Storage.Database) async throws -> [Int] {
    try await database.read { tx in
      let tables = try tx.query(
        """
        SELECT child.relname AS name FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
        JOIN pg_class AS parent ON parent.oid = inhparent
        WHERE parent.relname = 'events' AND parent.relkind = 'p'
          AND parent.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
        """)
      return try tables.compactMap { Int(try $0.text("name").dropFirst("events_".count)) }.sorted()
    }
  }

  @Test("Partitions are created ahead of need, and a batch may span several")
  func areMadeAhead() async throws {
    try await withSmallPartitions { log, beside in
      #expect(try await Self.partitions(beside) == [])
      _ = try log.append(Self.events(1...3), at: Self.noTime)
      #expect(try await Self.partitions(beside) == [1])
      _ = try log.append(Self.events(4...9), at: Self.noTime)
      #expect(
        try await Self.partitions(beside) == [1, 11], "the next partition is created once 9 of 10 offsets are used")
      _ = try log.append(Self.events(10...44), at: Self.noTime)
      #expect(try await Self.partitions(beside) == [1, 11, 21, 31, 41])
      let offsets = try log.read(after: 0, matching: .all, limits: ReadLimits()).events.map(\.offset)
      #expect(offsets == Array(1...44))
    }
  }

  @Test("Pruning drops whole partitions before the log's first offset and hides the rest")
  func areDropped() async throws {
    try await withSmallPartitions { log, beside in
      _ = try log.append(Self.events(1...35), at: Self.noTime)
      #expect(try log.prune(through: 15, atMost: 100) == LogBounds(head: 35, first: 16))
      #expect(try await Self.partitions(beside) == [11, 21, 31])
      let offsets = try log.read(after: 0, matching: .all, limits: ReadLimits()).events.map(\.offset)
      #expect(offsets == Array(16...35))
      #expect(try log.append(Self.events(15...16), at: Self.noTime) == [.stored(36), .duplicate(16)])
      _ = try log.prune(through: 36, atMost: 100)
      #expect(try await Self.partitions(beside) == [31])
      #expect(try log.append(Self.events(1...1), at: Self.noTime) == [.stored(37)])
    }
  }

  @Test("A log from before partitioning becomes the first partition, with all its events")
  func areAddedToALog() async throws {
    for count in [0, 25] {
      try await StorageEngine.postgreSQL.withFolder { folder in
        guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else { return }
        let old = try BlockingStore(url: url, schema: schema)
        try old.migrate(PostgreSQLBusSchema.migrations.filter { $0.id < "bus/003" })
        try old.transaction { tx in try Self.fill(tx, count) }
        old.close()
        let database = try PostgreSQLBusDatabase(url: url, schema: schema)
        let log = try PostgreSQLEventLog(database, partitionSize: 10)
        let kept = try log.read(after: 0, matching: .all, limits: ReadLimits()).events.map(\.offset)
        #expect(kept == (0..<count).map { Int64($0) + 1 })
        let next = try log.append(Self.events(1...30), at: Self.noTime)
        #expect(next == (0..<30).map { $0 < count ? .duplicate(Int64($0) + 1) : .stored(Int64($0) + 1) })
        database.close()
      }
    }
  }

  /// Inserts events the way a bus with the previous schema did.
  private static func fill(_ tx: BlockingTransaction, _ count: Int) throws {
    guard count > 0 else { return }
    let events = try events(1...count)
    let offsets = SQLArray.integers((0..<count).map { Int64($0) + 1 })
    let keys = KeyColumns(events)
    try tx.execute("UPDATE log_bounds SET head = ?, newest_at = 0", [count])
    try tx.execute(
      "INSERT INTO event_keys (source, id, \"offset\") SELECT * FROM unnest(?, ?, ?)",
      arrays: [keys.sources, keys.ids, offsets])
    try tx.execute(
      """
      INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes)
      SELECT * FROM unnest(?, ?, ?, ?, ?, ?)
      """, arrays: [offsets] + EventColumns(events, after: 0, storedAt: noTime).arrays)
  }
}
