import Contract
import LaunchModel

/// A schema that a store is copied into; every call blocks.
final class MoveTarget {
  /// What goes to the server at once, at most: rows, and bytes of them.
  private static let batch = (rows: 1_000, bytes: 4 << 20)
  /// Rows that are read back at once; of the largest events still a bearable amount.
  private static let fetched = 100

  private let store: BlockingStore
  private let address: PostgreSQLAddress

  /// Connects.
  init(url: String, schema: String) throws(StorageError) {
    address = try PostgreSQLAddress(url: url, schema: schema)
    store = try BlockingStore(url: url, schema: schema)
  }

  /// The schema as messages name it.
  var place: String { "the schema \(address.schema) in PostgreSQL at \(address.place)" }

  func close() { store.close() }

  /// Runs the body as one transaction in which no service writes.
  func transaction<R>(_ body: (BlockingTransaction) throws -> R) throws -> R {
    try store.transaction { transaction in
      // Reading the source takes as long as it takes.
      _ = try transaction.query(
        """
        SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)
        """, [])
      _ = try transaction.query("SELECT pg_advisory_xact_lock(?)", [address.lockKey])
      return try body(transaction)
    }
  }

  /// Makes the tables, or brings them up to date.
  ///
  /// - Returns: whether there were none before.
  func migrate(_ migrations: [Migration], _ transaction: BlockingTransaction) throws -> Bool {
    let isThere = try transaction.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS is_there", [])
    let isFresh = try isThere.first?.bool("is_there") != true
    try PostgreSQLSchema.migrate(migrations, address, transaction)
    return isFresh
  }

  /// Copies a table whole, in place of what the migrations have put there.
  func copy(_ table: TableReading, from source: SQLiteSource, _ transaction: BlockingTransaction) throws {
    let shape = table.shape
    try transaction.execute("DELETE FROM \(TableShape.quoted(shape.name))", [])
    var batch = RowBatch(shape)
    try source.forEachRow(table.sourceQuery) { row in
      batch.append(try table.values(row))
      guard batch.rows >= Self.batch.rows || batch.bytes >= Self.batch.bytes else { return }
      try batch.flush(transaction)
    }
    try batch.flush(transaction)
    try continueNumbers(of: shape, after: try source.lastNumber(of: shape.name), transaction)
  }

  /// Digests a table as it is in the target now.
  func digest(_ table: TableReading, _ transaction: BlockingTransaction) throws -> MovedTable {
    var digest = table.digest
    let cursor = TableShape.quoted("reading \(table.shape.name)")
    try transaction.execute("DECLARE \(cursor) NO SCROLL CURSOR FOR \(table.targetQuery)", [])
    while true {
      let rows = try transaction.query("FETCH \(Self.fetched) FROM \(cursor)", [])
      for row in rows { digest.add(try table.values(row)) }
      if rows.count < Self.fetched { break }
    }
    try transaction.execute("CLOSE \(cursor)", [])
    return digest.finished()
  }

  /// Lets the database number new rows from where SQLite would have.
  private func continueNumbers(of shape: TableShape, after last: Int64?, _ transaction: BlockingTransaction) throws {
    guard let last, last > 0 else { return }
    for column in shape.columns where column.isIdentity {
      _ = try transaction.query(
        "SELECT setval(pg_get_serial_sequence(?, ?), ?)", [TableShape.quoted(shape.name), column.name, last])
    }
  }
}

/// Rows on their way into a table, as one array for each column.
private struct RowBatch {
  private let shape: TableShape
  private let statement: String
  private var arrays: [SQLArray]
  private(set) var rows = 0

  init(_ shape: TableShape) {
    self.shape = shape
    let places = shape.columns.map { _ in "?" }.joined(separator: ", ")
    statement = """
      INSERT INTO \(TableShape.quoted(shape.name)) (\(shape.columnList)) OVERRIDING SYSTEM VALUE
      SELECT * FROM unnest(\(places))
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
