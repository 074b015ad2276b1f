import Dispatch
import Synchronization

/// The engine for installations on several machines: a schema on a PostgreSQL server, with one session for writes and
/// several for reads.
final class PostgreSQLDatabase: Database {
  /// The number of reads that can run concurrently.
  private static let readers = 4

  private let address: PostgreSQLAddress
  private let writer: PostgreSQLWorker
  private let readers: PostgreSQLReaders
  private let writes: WriteQueue
  private let watch: PostgreSQLWatch
  let isShared = true
  var outage: StorageError? { watch.failure }

  private init(_ connector: PostgreSQLConnector, onFatal: @escaping @Sendable (StorageError) -> Void) {
    address = connector.address
    watch = PostgreSQLWatch(connector, query: "SELECT 1 AS one")
    let writer = PostgreSQLWorker(connector, label: "\(connector.address.schema) writer")
    self.writer = writer
    readers = PostgreSQLReaders(connector, count: Self.readers)
    writes = WriteQueue(onFatal: onFatal) { writes in
      writer.async { PostgreSQLGroupCommit(worker: writer, writes: writes).drain() }
    }
  }

  /// Opens the store and connects immediately, so that problems with the address, the user or the server are reported
  /// here.
  static func open(
    url: String, schema: String, onFatal: @escaping @Sendable (StorageError) -> Void
  ) async throws -> PostgreSQLDatabase {
    let address = try PostgreSQLAddress(url: url, schema: schema)
    let database = PostgreSQLDatabase(PostgreSQLConnector(address), onFatal: onFatal)
    try await database.writer.run { [writer = database.writer] in _ = try writer.connected() }
    database.watch.start()
    return database
  }

  func read<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try writes.check()
    do {
      return try await readers.read(body)
    } catch {
      throw writes.recording(error)
    }
  }

  @discardableResult
  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await writes.write(body)
  }

  func migrate(_ migrations: [Migration]) async throws {
    try await write { [address] transaction in
      // The lock that every write holds prevents concurrent migrations by other processes.
      try PostgreSQLSchema.migrate(migrations, address, transaction)
    }
  }

  func close() async throws {
    guard writes.close() else { return }
    watch.stop()
    try await writer.run { [writer] in writer.disconnect() }
    try await readers.close()
  }
}

/// Opens a store's sessions. For a short time after a failed attempt, further attempts fail immediately with the same
/// error, so that callers do not queue up behind connections that fail slowly.
final class PostgreSQLConnector: Sendable {
  private struct State {
    var failures = 0
    var lastFailure: (error: StorageError, until: ContinuousClock.Instant)?
  }

  private static let backoff = [Duration.milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1)]

  let address: PostgreSQLAddress
  private let state = Mutex(State())
  /// Whether the server is known not to answer, in which case no session is opened, and the sessions to end in that
  /// case.
  let outage = ServerOutage()

  private let connectTimeout: Int
  private let answerLimit: Duration?

  /// - Parameters:
  ///   - connectTimeout: how long opening a session may take, in seconds, unless the URL sets a limit.
  ///   - answerLimit: how long the server may take to answer in its sessions.
  init(_ address: PostgreSQLAddress, connectTimeout: Int = 3, answerLimit: Duration? = nil) {
    self.address = address
    self.connectTimeout = connectTimeout
    self.answerLimit = answerLimit
  }

  /// Opens a new session, configures it and checks the server.
  func connect() throws(StorageError) -> PostgreSQLConnection {
    if let failure = outage.silence { throw failure }
    if let failure = state.withLock({ $0.lastFailure }), failure.until > .now { throw failure.error }
    do {
      let connection = try PostgreSQLConnection(to: address, timeout: connectTimeout)
      connection.answerLimit = answerLimit
      try PostgreSQLSession.begin(connection, address)
      outage.add(connection.breaker)
      state.withLock { $0 = State() }
      return connection
    } catch {
      state.withLock { state in
        let pause = Self.backoff[min(state.failures, Self.backoff.count - 1)]
        state.failures += 1
        state.lastFailure = (error, .now + pause * Double.random(in: 0.5...1))
      }
      throw error
    }
  }
}

/// A serial queue that owns one session: it blocks on the server so that callers do not, and reconnects after a loss.
// Safe to send: the session is accessed only in closures on `queue`, which runs one at a time.
final class PostgreSQLWorker: @unchecked Sendable {
  private let queue: DispatchQueue
  private let connector: PostgreSQLConnector
  private var session: PostgreSQLConnection?

  init(_ connector: PostgreSQLConnector, label: String) {
    self.connector = connector
    queue = DispatchQueue(label: label)
  }

  var address: PostgreSQLAddress { connector.address }

  /// Queues the work behind earlier work on the worker's thread, and returns immediately.
  func async(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }

  /// Runs the work on the worker's thread and suspends until it is done.
  func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Result { try work() }) }
    }
  }

  /// Returns the session, after connecting if there is none or it was lost. Must be called on the worker's thread.
  func connected() throws(StorageError) -> PostgreSQLConnection {
    dispatchPrecondition(condition: .onQueue(queue))
    if let session, !session.isLost { return session }
    session = nil
    let new = try connector.connect()
    session = new
    return new
  }

  /// Ends the session. Must be called on the worker's thread.
  func disconnect() {
    dispatchPrecondition(condition: .onQueue(queue))
    session = nil
  }
}

/// Operations on a whole schema.
enum PostgreSQLSchema {
  /// Creates the schema if missing and applies pending migrations. The caller must hold the schema's write lock.
  static func migrate(
    _ migrations: [Migration], _ address: PostgreSQLAddress, _ transaction: any Transaction
  ) throws {
    // Migrations have no time limit: their duration depends on the amount of data.
    _ = try transaction.query("SELECT set_config('statement_timeout', '0', true)")
    try createIfMissing(address, transaction)
    let types = ColumnTypes(text: "TEXT COLLATE \"C\"", bytes: "BYTEA")
    try SchemaMigrator(types: types).migrate(migrations, transaction)
  }

  /// Checks for the schema first, instead of using `CREATE SCHEMA IF NOT EXISTS`, so that a user without permission to
  /// create it can use an existing one.
  private static func createIfMissing(_ address: PostgreSQLAddress, _ transaction: any Transaction) throws {
    let found = try transaction.query("SELECT 1 AS one FROM pg_namespace WHERE nspname = ?", [address.schema])
    guard found.isEmpty else { return }
    do {
      try transaction.execute("CREATE SCHEMA \(address.quotedSchema)")
    } catch let error as StorageError where error.code == .forbidden {
      throw StorageError(
        .forbidden,
        "the user lacks permission to create the schema \(address.schema) in PostgreSQL at \(address.displayName): "
          + "grant it CREATE on the database, or create the schema with AUTHORIZATION for this user", underlying: error)
    }
  }
}
