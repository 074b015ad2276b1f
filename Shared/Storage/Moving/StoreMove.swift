import Dispatch
public import Contract
import LaunchModel

/// Copies a stopped process's SQLite store atomically into a schema on PostgreSQL, and verifies the copy.
///
/// The source is only read. Each table of the target ends up with the same rows, row count and digest as the source, or
/// nothing is copied. Tables that were already copied are compared and left unchanged, so that an interrupted move can
/// simply be repeated.
public struct StoreMove: Sendable {
  /// The store to move.
  public var source: StoreFile
  /// The PostgreSQL URL, in the form that `DatabaseLocation` accepts.
  public var url: String
  /// The target schema, created if missing.
  public var schema: String
  /// The migrations that create the target's tables.
  public var migrations: [Migration]
  /// Throws if the source's schema is not that of this program's version.
  public var checkSourceSchema: @Sendable (any Transaction) throws -> Void
  /// Returns the conversions for one pass over the tables, by table name. Tables without one are read as they are.
  public var conversions: @Sendable () -> [String: TableConversion]
  /// Prepares the target's new tables for the source's content.
  public var prepare: @Sendable (_ source: any Transaction, _ target: BlockingTransaction) throws -> Void
  /// Throws if the content as a whole is invalid; called on the source before the copy and on the target after it.
  public var verify: @Sendable (any Transaction) throws -> Void

  public init(
    source: StoreFile, url: String, schema: String, migrations: [Migration],
    checkSourceSchema: @escaping @Sendable (any Transaction) throws -> Void,
    conversions: @escaping @Sendable () -> [String: TableConversion] = { [:] },
    prepare: @escaping @Sendable (any Transaction, BlockingTransaction) throws -> Void = { _, _ in },
    verify: @escaping @Sendable (any Transaction) throws -> Void
  ) {
    self.source = source
    self.url = url
    self.schema = schema
    self.migrations = migrations
    self.checkSourceSchema = checkSourceSchema
    self.conversions = conversions
    self.prepare = prepare
    self.verify = verify
  }

  /// Performs the move on its own thread.
  ///
  /// - Returns: all tables, sorted by name, identical on both sides.
  /// - Throws: `StorageError` with code `.locked` if the source is in use, `.cannotOpen` if it does not exist,
  ///   `.schema` if it is of another version, `.corrupt` or `.unreadable` if it is damaged, `.occupied` if the target
  ///   contains other data, and the codes of an unusable server; any error thrown by `verify` or a conversion.
  public func run() async throws -> [MovedTable] {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "gonogo.move").async { continuation.resume(with: Result { try runBlocking() }) }
    }
  }

  private func runBlocking() throws -> [MovedTable] {
    let source = try SQLiteSource(source)
    do {
      let tables = try run(from: source)
      try source.close()
      return tables
    } catch {
      // The earlier error is the one to report; failing to close the file does no harm, because it was only read.
      try? source.close()
      throw error
    }
  }

  private func run(from source: SQLiteSource) throws -> [MovedTable] {
    // Connects first, so that a problem with the server is reported before the long check of the source.
    let target = try MoveTarget(url: url, schema: schema)
    defer { target.close() }
    try source.checkIntegrity()
    try source.read(checkSourceSchema)
    try source.read(verify)
    let (expected, wasThere) = try target.transaction { transaction in
      let isFresh = try target.migrate(migrations, transaction)
      let shapes = try TableShape.all(transaction)
      try checkSameTables(shapes, source)
      let expected = try readings(shapes).map { try Self.digest($0, of: source) }
      if isFresh {
        try source.read { try prepare($0, transaction) }
        for table in readings(shapes) { try target.copy(table, from: source, transaction) }
      } else {
        try checkAlreadyCopied(shapes, expected, target, transaction)
      }
      return (expected, !isFresh)
    }
    try target.transaction { transaction in
      let found = try readings(try TableShape.all(transaction)).map { try target.digest($0, transaction) }
      try checkEqual(expected, found, target)
      try verify(transaction)
    }
    return expected.map { table in
      var table = table
      table.wasThere = wasThere
      return table
    }
  }

  private func readings(_ shapes: [TableShape]) -> [TableReading] {
    let conversions = conversions()
    return shapes.map { TableReading(shape: $0, conversion: conversions[$0.name] ?? TableConversion()) }
  }

  private static func digest(_ table: TableReading, of source: SQLiteSource) throws -> MovedTable {
    var digest = table.digest
    try source.forEachRow(table.sourceQuery) { digest.add(try table.values($0)) }
    return digest.finished()
  }

  /// Throws unless both sides have the same tables and columns, except for tables whose source query a conversion
  /// replaces.
  private func checkSameTables(_ shapes: [TableShape], _ source: SQLiteSource) throws {
    let conversions = conversions()
    let sourceTables = try source.tables()
    let converted = Set(conversions.filter { $0.value.source != nil }.keys)
    var different = Set(sourceTables.keys).symmetricDifference(shapes.map(\.name)).subtracting(converted).sorted()
    for shape in shapes where conversions[shape.name]?.source == nil {
      guard let columns = sourceTables[shape.name], columns != shape.columns.map(\.name) else { continue }
      different.append(shape.name)
    }
    guard different.isEmpty else {
      throw StorageError(
        .schema,
        "the schema of \(source.path) differs from this program's in the tables \(different.joined(separator: ", ")); "
          + "nothing was copied")
    }
  }

  private func checkAlreadyCopied(
    _ shapes: [TableShape], _ expected: [MovedTable], _ target: MoveTarget, _ transaction: BlockingTransaction
  ) throws {
    for (table, expected) in zip(readings(shapes), expected) {
      guard try target.digest(table, transaction) != expected else { continue }
      throw StorageError(
        .occupied,
        "\(target.displayName) already contains other data (table \(expected.table)); nothing was changed. "
          + "Use another database, or drop that schema if nobody needs it")
    }
  }

  private func checkEqual(_ expected: [MovedTable], _ found: [MovedTable], _ target: MoveTarget) throws {
    let different = zip(expected, found).first { $0 != $1 }.map { "table \($0.0.table)" }
    guard expected.count == found.count, different == nil else {
      throw StorageError(
        .unreadable,
        "\(target.displayName) does not return the copied data "
          + "(\(different ?? "different number of tables")); drop that schema and do not use it"
      )
    }
  }
}

/// The SQLite file of a stopped process's store.
public struct StoreFile: Sendable, Hashable {
  /// The path of the database file.
  public var path: String
  /// The path of the file that a process locks while it uses the store.
  public var lockPath: String
  /// What the lock protects, for messages, e.g. `the bus's log in /var/lib/gonogo/bus`.
  public var purpose: String

  public init(path: String, lockPath: String, purpose: String) {
    self.path = path
    self.lockPath = lockPath
    self.purpose = purpose
  }

  /// Creates the description of a service's store, with the lock file that `Database` uses.
  public init(servicePath path: String) {
    self.init(path: path, lockPath: "\(path).lock", purpose: "the store \(path)")
  }
}

extension Migration {
  /// Checks that a SQLite store has exactly the program's migrations, without changing it.
  ///
  /// - Throws: `StorageError` with code `.schema` if it is older or newer.
  public static func requireCurrent(_ migrations: [Migration], _ transaction: any Transaction) throws {
    let recorded = try transaction.query("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'")
    let rows = recorded.isEmpty ? [] : try transaction.query("SELECT id, checksum FROM schema_migrations")
    var checksums: [String: String] = [:]
    for row in rows { checksums[try row.text("id")] = try row.text("checksum") }
    try SchemaMigrator.checkNotNewer(checksums.keys, migrations)
    try SchemaMigrator.checkUnedited(checksums, migrations)
    let missing = migrations.map(\.id).filter { checksums[$0] == nil }
    guard missing.isEmpty else { throw StorageError.olderStore(missing: missing) }
  }
}

extension StorageError {
  /// Creates the error for a store with missing migrations. A move does not apply them, because it never changes its
  /// source.
  public static func olderStore(missing: [String]) -> StorageError {
    StorageError(
      .schema,
      "the store was written by an older program: it lacks the migrations \(missing.joined(separator: ", ")). "
        + "Start this version on it once, stop it, then repeat the move")
  }
}
