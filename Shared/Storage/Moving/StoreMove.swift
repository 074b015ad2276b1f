import Dispatch
public import Contract
import LaunchModel

/// Copies a stopped process's SQLite store into a schema on PostgreSQL, whole or not at all, and proves that it has arrived.
///
/// The source is only read. A table's rows, their number and their digest are those of the source, or nothing was copied; what is
/// there already is compared and left alone, so that a move that stopped half-way is simply made again.
public struct StoreMove: Sendable {
  /// Where the store is.
  public var source: StorePlace
  /// Where it goes, as `DatabaseLocation` takes it.
  public var url: String
  /// The schema, made where it is not there.
  public var schema: String
  /// The target's tables.
  public var migrations: [Migration]
  /// Throws where the source is not of this program's version.
  public var checkSourceSchema: @Sendable (any Transaction) throws -> Void
  /// For each pass over the tables, those that are read in another way, by name.
  public var conversions: @Sendable () -> [String: TableConversion]
  /// Makes the fresh tables of the target fit for what the source has.
  public var prepare: @Sendable (_ source: any Transaction, _ target: BlockingTransaction) throws -> Void
  /// What must hold of the content as a whole, in the source before anything is copied and in the target afterwards.
  public var verify: @Sendable (any Transaction) throws -> Void

  public init(
    source: StorePlace, url: String, schema: String, migrations: [Migration],
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

  /// Makes the move, on a thread of its own.
  ///
  /// - Returns: all tables, by name, as they are on both sides.
  /// - Throws: `StorageError`: `.locked` for a source in use, `.cannotOpen` where there is no source, `.schema` for another
  ///   version's, `.corrupt` or `.unreadable` for a damaged one, `.occupied` for a target with other data, and what keeps a server
  ///   from being worked with; what `verify` and the conversions throw.
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
      // What went wrong before is what to tell; the file was only read.
      try? source.close()
      throw error
    }
  }

  private func run(from source: SQLiteSource) throws -> [MovedTable] {
    // What is wrong with the server is told before a long look at the source.
    let target = try MoveTarget(url: url, schema: schema)
    defer { target.close() }
    try source.checkIntegrity()
    try source.read(checkSourceSchema)
    try source.read(verify)
    let (expected, wasThere) = try target.transaction { transaction in
      let isFresh = try target.migrate(migrations, transaction)
      let shapes = try TableShape.all(transaction)
      try refuseOtherTables(shapes, source)
      let expected = try readings(shapes).map { try Self.digest($0, of: source) }
      if isFresh {
        try source.read { try prepare($0, transaction) }
        for table in readings(shapes) { try target.copy(table, from: source, transaction) }
      } else {
        try refuseOtherData(shapes, expected, target, transaction)
      }
      return (expected, !isFresh)
    }
    try target.transaction { transaction in
      let found = try readings(try TableShape.all(transaction)).map { try target.digest($0, transaction) }
      try refuseDifference(expected, found, target)
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

  /// Both sides must have the same tables and columns, where no conversion says otherwise.
  private func refuseOtherTables(_ shapes: [TableShape], _ source: SQLiteSource) throws {
    let conversions = conversions()
    let given = try source.tables()
    let made = Set(conversions.filter { $0.value.source != nil }.keys)
    var missing = Set(given.keys).symmetricDifference(shapes.map(\.name)).subtracting(made).sorted()
    for shape in shapes where conversions[shape.name]?.source == nil {
      guard let columns = given[shape.name], columns != shape.columns.map(\.name) else { continue }
      missing.append(shape.name)
    }
    guard missing.isEmpty else {
      throw StorageError(
        .schema,
        "\(source.path) and this program differ in the tables \(missing.joined(separator: ", ")); nothing was copied")
    }
  }

  private func refuseOtherData(
    _ shapes: [TableShape], _ expected: [MovedTable], _ target: MoveTarget, _ transaction: BlockingTransaction
  ) throws {
    for (table, expected) in zip(readings(shapes), expected) {
      guard try target.digest(table, transaction) != expected else { continue }
      throw StorageError(
        .occupied,
        "\(target.place) holds other data already (table \(expected.table)), and nothing was changed; name another database, or "
          + "drop that schema if nobody needs it")
    }
  }

  private func refuseDifference(_ expected: [MovedTable], _ found: [MovedTable], _ target: MoveTarget) throws {
    let different = zip(expected, found).first { $0 != $1 }
    guard expected.count == found.count, different == nil else {
      throw StorageError(
        .unreadable,
        "\(target.place) does not give back what was copied (table \(different?.0.table ?? "of another number")); drop that schema "
          + "and do not use it")
    }
  }
}

/// A stopped process's SQLite file.
public struct StorePlace: Sendable, Hashable {
  /// The file.
  public var path: String
  /// The file that a process locks for as long as it works with the store.
  public var lockPath: String
  /// What it is, as a person would say it: `the bus's log in /var/lib/gonogo/bus`.
  public var purpose: String

  public init(path: String, lockPath: String, purpose: String) {
    self.path = path
    self.lockPath = lockPath
    self.purpose = purpose
  }

  /// A service's store, as `Database` locks it.
  public init(servicePath path: String) {
    self.init(path: path, lockPath: "\(path).lock", purpose: "the store \(path)")
  }
}

extension Migration {
  /// Makes sure that a SQLite store has all of the program's migrations, and no others, without changing it.
  ///
  /// - Throws: `StorageError` with code `.schema` where it is older or newer.
  public static func requireCurrent(_ migrations: [Migration], _ transaction: any Transaction) throws {
    let recorded = try transaction.query("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'")
    let rows = recorded.isEmpty ? [] : try transaction.query("SELECT id, checksum FROM schema_migrations")
    var checksums: [String: String] = [:]
    for row in rows { checksums[try row.text("id")] = try row.text("checksum") }
    try SchemaMigrator.refuseNewer(checksums, migrations)
    try SchemaMigrator.refuseEdited(checksums, migrations)
    let missing = migrations.map(\.id).filter { checksums[$0] == nil }
    guard missing.isEmpty else { throw StorageError.olderStore(missing: missing) }
  }
}

extension StorageError {
  /// A store that this program would bring up to date first, which a move does not: the source stays as it is.
  public static func olderStore(missing: [String]) -> StorageError {
    StorageError(
      .schema,
      "the store was written by an older program: it lacks the migrations \(missing.joined(separator: ", ")). "
        + "Start this version on it once, stop it, and move it then")
  }
}
