import Dispatch
import Synchronization

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

/// Makes a store's sessions. For a while after a try that failed everybody is told so at once, so that callers do not queue up
/// behind connections that fail slowly.
final class PostgreSQLConnector: Sendable {
  private struct State {
    var failures = 0
    var refusal: (error: StorageError, until: ContinuousClock.Instant)?
  }

  private static let backOff = [Duration.milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1)]

  let address: PostgreSQLAddress
  private let state = Mutex(State())

  init(_ address: PostgreSQLAddress) { self.address = address }

  /// A new session, set up and checked.
  func connect() throws(StorageError) -> PostgreSQLConnection {
    if let refusal = state.withLock({ $0.refusal }), refusal.until > .now { throw refusal.error }
    do {
      let connection = try PostgreSQLConnection(to: address)
      try PostgreSQLSession.begin(connection, address)
      state.withLock { $0 = State() }
      return connection
    } catch {
      state.withLock { state in
        let pause = Self.backOff[min(state.failures, Self.backOff.count - 1)]
        state.failures += 1
        state.refusal = (error, .now + pause * Double.random(in: 0.5...1))
      }
      throw error
    }
  }
}

/// A thread of its own for one session, which blocks on the server in its place and connects again after a loss.
// The session is touched in closures on `queue` only, which runs one at a time.
final class PostgreSQLLane: @unchecked Sendable {
  private let queue: DispatchQueue
  private let connector: PostgreSQLConnector
  private var session: PostgreSQLConnection?

  init(_ connector: PostgreSQLConnector, label: String) {
    self.connector = connector
    queue = DispatchQueue(label: label)
  }

  var address: PostgreSQLAddress { connector.address }

  /// Runs the work on the lane's thread after what was asked for before, and does not wait for it.
  func async(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  /// Runs the work on the lane's thread and waits without blocking.
  func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try work() }) }
    }
  }

  /// The session; a new one where there is none or it was lost. On the lane's thread only.
  func connected() throws(StorageError) -> PostgreSQLConnection {
    dispatchPrecondition(condition: .onQueue(queue))
    if let session, !session.isLost { return session }
    session = nil
    let new = try connector.connect()
    session = new
    return new
  }

  /// Ends the session. On the lane's thread only.
  func disconnect() {
    dispatchPrecondition(condition: .onQueue(queue))
    session = nil
  }
}

/// What is done to a schema as a whole.
enum PostgreSQLSchema {
  /// Applies the migrations that are missing. The caller sees to it that nobody else writes.
  static func migrate(
    _ migrations: [Migration], _ address: PostgreSQLAddress, _ transaction: any Transaction
  ) throws {
    // How long a migration takes is nobody's fault.
    _ = try transaction.query("SELECT set_config('statement_timeout', '0', true)")
    try make(address, transaction)
    let types = ColumnTypes(text: "TEXT COLLATE \"C\"", bytes: "BYTEA")
    try SchemaMigrator(types: types).migrate(migrations, transaction)
  }

  /// Only where it is not there: a user without the right to make it can be given one that is.
  private static func make(_ address: PostgreSQLAddress, _ transaction: any Transaction) throws {
    let found = try transaction.query("SELECT 1 AS one FROM pg_namespace WHERE nspname = ?", [address.schema])
    guard found.isEmpty else { return }
    do {
      try transaction.execute("CREATE SCHEMA \(address.quotedSchema)")
    } catch let error as StorageError where error.code == .forbidden {
      throw StorageError(
        .forbidden,
        "the user may not make the schema \(address.schema) in PostgreSQL at \(address.place): grant it CREATE on the "
          + "database, or make the schema with AUTHORIZATION for this user", underlying: error)
    }
  }
}
