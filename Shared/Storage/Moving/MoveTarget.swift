import Contract
import LaunchModel

/// The PostgreSQL schema into which a store is copied. Every call blocks.
final class MoveTarget {
  /// The limits of one batch of inserted rows, which is sent once it reaches either of them.
  private static let batchLimit = (rows: 1_000, bytes: 4 << 20)
  /// The number of rows to read back at a time, small enough even for rows with the largest events.
  private static let fetchCount = 100

  private let store: BlockingStore
  private let address: PostgreSQLAddress

  init(url: String, schema: String) throws(StorageError) {
    address = try PostgreSQLAddress(url: url, schema: schema)
    store = try BlockingStore(url: url, schema: schema)
  }

  /// The schema's name for messages.
  var displayName: String { "the schema \(address.schema) in PostgreSQL at \(address.displayName)" }

  func close() { store.close() }

  /// Runs the body as one transaction, holding the lock that prevents services from writing in the meantime.
  func transaction<R>(_ body: (BlockingTransaction) throws -> R) throws -> R {
    try store.transaction { transaction in
      // There is no time limit: reading a large source can take long.
      _ = try transaction.query(
        """
        SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)
        """, [])
      _ = try transaction.query("SELECT pg_advisory_xact_lock(?)", [address.lockKey])
      return try body(transaction)
    }
  }

  /// Creates the tables, or brings them up to date.
  ///
  /// - Returns: whether the schema was empty before.
  func migrate(_ migrations: [Migration], _ transaction: BlockingTransaction) throws -> Bool {
    let rows = try transaction.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS is_migrated", [])
    let isFresh = try rows.first?.bool("is_migrated") != true
    try PostgreSQLSchema.migrate(migrations, address, transaction)
    return isFresh
  }

  /// Copies a whole table, replacing any rows that the migrations have inserted.
  func copy(_ table: TableReading, from source: SQLiteSource, _ transaction: BlockingTransaction) throws {
    let shape = table.shape
    try transaction.execute("DELETE FROM \(SQLIdentifier.quoted(shape.name))", [])
    var batch = RowBatch(shape)
    try source.forEachRow(table.sourceQuery) { row in
      batch.append(try table.values(row))
      guard batch.rows >= Self.batchLimit.rows || batch.bytes >= Self.batchLimit.bytes else { return }
      try batch.flush(transaction)
    }
    try batch.flush(transaction)
    try setSequences(of: shape, to: try source.lastAssignedNumber(of: shape.name), transaction)
  }

  /// Computes the digest of a table's current content in the target.
  func digest(_ table: TableReading, _ transaction: BlockingTransaction) throws -> MovedTable {
    var digest = table.digest
    let cursor = SQLIdentifier.quoted("reading \(table.shape.name)")
    try transaction.execute("DECLARE \(cursor) NO SCROLL CURSOR FOR \(table.targetQuery)", [])
    while true {
      let rows = try transaction.query("FETCH \(Self.fetchCount) FROM \(cursor)", [])
      for row in rows { digest.add(try table.values(row)) }
      if rows.count < Self.fetchCount { break }
    }
    try transaction.execute("CLOSE \(cursor)", [])
    return digest.finished()
  }

  /// Sets the table's identity sequences so that PostgreSQL continues numbering rows where SQLite would have.
  private func setSequences(of shape: TableShape, to last: Int64?, _ transaction: BlockingTransaction) throws {
    guard let last, last > 0 else { return }
    for column in shape.columns where column.isIdentity {
      _ = try transaction.query(
        "SELECT setval(pg_get_serial_sequence(?, ?), ?)", [SQLIdentifier.quoted(shape.name), column.name, last])
    }
  }
}

/// A batch of rows to insert into a table, stored as one array per column.
private struct RowBatch {
  private let shape: TableShape
  private let statement: String
  private var arrays: [SQLArray]
  private(set) var rows = 0

  init(_ shape: TableShape) {
    self.shape = shape
    let placeholders = shape.columns.map { _ in "?" }.joined(separator: ", ")
    statement = """
      INSERT INTO \(SQLIdentifier.quoted(shape.name)) (\(shape.columnList)) OVERRIDING SYSTEM VALUE
      SELECT * FROM unnest(\(placeholders))
      """
    arrays = shape.columns.compactMap { SQLArray(of: $0.type) }
  }

  var bytes: Int { arrays.reduce(0) { $0 + $1.size } }

  mutating func append(_ row: [SQLValue]) {
    rows += 1
    for index in arrays.indices { arrays[index].append(row[index]) }
  }

  mutating func flush(_ transaction: BlockingTransaction) throws {
    guard rows > 0 else { return }
    try transaction.execute(statement, arrays: arrays)
    arrays = shape.columns.compactMap { SQLArray(of: $0.type) }
    rows = 0
  }
}
