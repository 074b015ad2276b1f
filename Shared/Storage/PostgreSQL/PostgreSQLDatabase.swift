/// The engine for those who outgrow one machine: a schema on a PostgreSQL server, one session that writes and a few that read.
final class PostgreSQLDatabase: Database {
  /// Reads that run side by side.
  private static let readers = 4

  private let address: PostgreSQLAddress
  private let writer: PostgreSQLLane
  private let readers: PostgreSQLReaders
  private let writes: WriteQueue
  let isShared = true

  private init(_ connector: PostgreSQLConnector, onFatal: @escaping @Sendable (StorageError) -> Void) {
    address = connector.address
    let writer = PostgreSQLLane(connector, label: "\(connector.address.schema) writer")
    self.writer = writer
    readers = PostgreSQLReaders(connector, count: Self.readers)
    writes = WriteQueue(onFatal: onFatal) { writes in
      writer.async { PostgreSQLGroupCommit(lane: writer, writes: writes).drain() }
    }
  }

  /// Connects, so that what is wrong with the address, the user or the server is told at once.
  static func open(
    url: String, schema: String, onFatal: @escaping @Sendable (StorageError) -> Void
  ) async throws -> PostgreSQLDatabase {
    let address = try PostgreSQLAddress(url: url, schema: schema)
    let database = PostgreSQLDatabase(PostgreSQLConnector(address), onFatal: onFatal)
    try await database.writer.run { [writer = database.writer] in _ = try writer.connected() }
    return database
  }

  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try writes.check()
    do {
      return try await readers.read(body)
    } catch {
      throw writes.noting(error)
    }
  }

  @discardableResult
  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await writes.write(body)
  }

  func migrate(_ migrations: [Migration]) async throws {
    try await write { [address] transaction in
      // The lock that every write holds keeps other openers out.
      try PostgreSQLSchema.migrate(migrations, address, transaction)
    }
  }

  func close() async throws {
    guard writes.close() else { return }
    try await writer.run { [writer] in writer.disconnect() }
    try await readers.close()
  }
}
