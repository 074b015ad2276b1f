import CPostgres
import Glibc
import Synchronization

/// One session with the server, in pipeline mode: commands that need not wait for each other share one round trip.
///
/// Every call blocks, so that it must be used only on a worker's thread, by one caller at a time.
final class PostgreSQLConnection {
  /// A command to the server.
  enum Command {
    /// One statement without arguments, such as `BEGIN`.
    case control(String)
    case prepare(name: String, sql: String, types: [PostgreSQLType?])
    case execute(name: String, PostgreSQLArguments)
  }

  private let handle: OpaquePointer
  /// The statements prepared in this session.
  var statements = PreparedStatements()
  /// Whether the session has ended and can no longer be used.
  private(set) var isLost = false
  /// How long the server may take to answer commands that were sent together; nil for as long as its own time limits
  /// allow.
  var answerLimit: Duration?
  /// Ends the session from another thread.
  let breaker: SessionBreaker

  /// Connects; if the URL names several hosts, tries them in turn.
  ///
  /// - Parameter timeout: how long connecting to each host may take, in seconds, unless the URL sets a limit.
  init(to address: PostgreSQLAddress, timeout: Int = 3) throws(StorageError) {
    let started = ContinuousClock.now
    guard let handle = Self.connect(address.parameters(timeout: timeout)) else {
      throw StorageError(.unavailable, "out of memory: libpq cannot allocate a connection")
    }
    guard PQstatus(handle) == CONNECTION_OK, PQenterPipelineMode(handle) == 1 else {
      defer { PQfinish(handle) }
      throw Self.connectionError(handle, wasQuick: .now - started < .seconds(1), address)
    }
    gonogo_ignore_notices(handle)
    self.handle = handle
    breaker = SessionBreaker(socket: PQsocket(handle))
  }

  deinit {
    breaker.disarm()
    PQfinish(handle)
  }

  /// Sends the commands together and waits for all results. If a command fails, the later ones are not run.
  func run(_ commands: [Command]) throws -> [PostgreSQLResult] {
    guard !isLost else { throw PostgreSQLError.lost("") }
    for command in commands { guard send(command) == 1 else { throw ended() } }
    guard PQpipelineSync(handle) == 1 else { throw ended() }
    return try collect(commands.count)
  }

  /// The connection's socket, which becomes readable when the server sends something.
  var socket: Int32 { PQsocket(handle) }

  /// Returns and removes the payloads of notifications received so far on the channels to which this session listens.
  func notifications() throws -> [String] {
    guard !isLost, PQconsumeInput(handle) == 1 else { throw ended() }
    var payloads: [String] = []
    while let notification = PQnotifies(handle) {
      payloads.append(String(cString: notification.pointee.extra))
      PQfreemem(notification)
    }
    return payloads
  }

  private func send(_ command: Command) -> Int32 {
    switch command {
    case .control(let sql): return PQsendQueryParams(handle, sql, 0, nil, nil, nil, nil, 0)
    case .prepare(let name, let sql, let types):
      return PQsendPrepare(handle, name, sql, Int32(types.count), types.map { Oid($0?.rawValue ?? 0) })
    case .execute(let name, let arguments):
      return arguments.withPointers { values, lengths, formats in
        PQsendQueryPrepared(handle, name, Int32(values.count), values, lengths, formats, 0)
      }
    }
  }

  private func collect(_ count: Int) throws -> [PostgreSQLResult] {
    var results: [PostgreSQLResult] = []
    var failure: (any Error)?
    var ends = 0
    let deadline = answerLimit.map { ContinuousClock.now + $0 }
    while true {
      if let deadline, !isAnswered(by: deadline) {
        isLost = true
        throw PostgreSQLError.silent(answerLimit)
      }
      guard let result = PQgetResult(handle) else {
        // Nil marks the end of a command's results; more nils than commands mean that no further results will arrive.
        ends += 1
        guard PQstatus(handle) == CONNECTION_OK, ends <= count + 1 else { throw ended(failure) }
        continue
      }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
        do { results.append(try PostgreSQLResult(result)) } catch { failure = failure ?? error }
      case PGRES_PIPELINE_ABORTED: break
      case PGRES_PIPELINE_SYNC:
        if let failure { throw recording(failure) }
        return results
      default:
        var error = PostgreSQLError(result)
        error.index = results.count
        failure = failure ?? error
      }
    }
  }

  /// Waits until the next result can be read without blocking; false if the deadline passes first.
  private func isAnswered(by deadline: ContinuousClock.Instant) -> Bool {
    while PQisBusy(handle) == 1 {
      let left = (deadline - .now).milliseconds
      guard left > 0 else { return false }
      var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
      _ = poll(&descriptor, 1, Int32(clamping: left))
      // If the session has ended, the following read reports it.
      guard PQconsumeInput(handle) == 1 else { return true }
    }
    return true
  }

  /// Marks the session as lost, and returns the error: the known one, or else libpq's last message.
  private func ended(_ known: (any Error)? = nil) -> PostgreSQLError {
    isLost = true
    var failure = known as? PostgreSQLError ?? .lost(Self.message(handle))
    failure.isLost = true
    return failure
  }

  /// Marks the session as lost if the error ended it, and returns the error.
  private func recording(_ error: any Error) -> any Error {
    if let failure = error as? PostgreSQLError, failure.isLost { isLost = true }
    return error
  }

  private static func message(_ handle: OpaquePointer) -> String {
    PQerrorMessage(handle).map { String(cString: $0).onOneLine } ?? ""
  }
}

extension PostgreSQLConnection {
  private static func connect(_ parameters: [(String, String)]) -> OpaquePointer? {
    // One buffer holds all keywords and values, each NUL-terminated.
    var bytes: [CChar] = []
    var offsets: [(Int, Int)] = []
    for (keyword, value) in parameters {
      offsets.append((bytes.count, bytes.count + keyword.utf8.count + 1))
      bytes.append(contentsOf: keyword.utf8CString)
      bytes.append(contentsOf: value.utf8CString)
    }
    return bytes.withUnsafeBufferPointer { buffer in
      let start = buffer.baseAddress
      let keywords = offsets.map { offset in start.map { $0 + offset.0 } } + [nil]
      let values = offsets.map { offset in start.map { $0 + offset.1 } } + [nil]
      return PQconnectdbParams(keywords, values, 1)
    }
  }

  /// Creates the error for a failed connection.
  ///
  /// libpq's connection message is in the server's language and lacks the SQLSTATE, so a second attempt with verbose
  /// errors reads the state from the message. It is skipped after a slow failure, in which no server answered and there
  /// is no state.
  private static func connectionError(
    _ handle: OpaquePointer, wasQuick: Bool, _ address: PostgreSQLAddress
  ) -> StorageError {
    var failure = PostgreSQLError(state: nil, message: message(handle))
    let needsPassword = PQconnectionNeedsPassword(handle) == 1
    if wasQuick {
      _ = PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
      PQreset(handle)
      let state = message(handle).firstMatch(of: #/: +(?=[A-Z]*[0-9])([0-9A-Z]{5}): /#).map { String($0.1) }
      failure = PostgreSQLError(state: state, message: failure.message)
    }
    return PostgreSQLErrors.connecting(failure, needsPassword: needsPassword, address)
  }
}

/// Ends a session from another thread, so that a caller that waits for the server fails at once.
final class SessionBreaker: Sendable {
  /// The session's socket; nil once the session closes it.
  private let socket: Mutex<Int32?>

  init(socket: Int32) { self.socket = Mutex(socket >= 0 ? socket : nil) }

  /// Ends the session. The server rolls back uncommitted changes.
  func end() { socket.withLock { socket in if let socket { _ = shutdown(socket, Int32(SHUT_RDWR)) } } }

  /// Must be called before the session closes its socket, because the socket's number may then be reused for another
  /// file.
  func disarm() { socket.withLock { $0 = nil } }
}

extension Duration {
  /// The duration in whole milliseconds, rounded up.
  var milliseconds: Int64 {
    components.seconds * 1_000 + (components.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }
}

/// The settings of every session, and the checks of the server, which are made before a session is used.
enum PostgreSQLSession {
  /// Version 13, the oldest maintained version at the time of writing; it supports every statement used here.
  private static let oldestVersion: Int64 = 130_000

  /// Reads the server's settings and applies the session's. The argument is the schema's name.
  ///
  /// Time limits apply only if the URL, the role and the server set none. TCP keep-alive lets the server detect a
  /// vanished client within half a minute.
  private static let settings = """
    SELECT current_setting('server_version_num')::int8 AS version, current_setting('server_encoding') AS encoding,
      current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
      current_setting('transaction_read_only') AS read_only,
      set_config('search_path', ?, false), set_config('bytea_output', 'hex', false),
      set_config('extra_float_digits', '1', false), set_config('standard_conforming_strings', 'on', false),
      set_config('statement_timeout', CASE current_setting('statement_timeout')
        WHEN '0' THEN '30s' ELSE current_setting('statement_timeout') END, false),
      set_config('lock_timeout', CASE current_setting('lock_timeout')
        WHEN '0' THEN '10s' ELSE current_setting('lock_timeout') END, false),
      set_config('idle_in_transaction_session_timeout', CASE current_setting('idle_in_transaction_session_timeout')
        WHEN '0' THEN '2s' ELSE current_setting('idle_in_transaction_session_timeout') END, false),
      set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),
      set_config('tcp_keepalives_count', '3', false)
    """

  /// Applies the settings and checks the server.
  ///
  /// - Throws: `StorageError` with code `.notDurable` if the server acknowledges commits that are not on disk,
  ///   `.unsupported` if its version or encoding is unsupported, `.unavailable` if it is read-only.
  static func begin(_ connection: PostgreSQLConnection, _ address: PostgreSQLAddress) throws(StorageError) {
    let row: Row
    let limit = connection.answerLimit
    connection.answerLimit = limit ?? .seconds(5)
    defer { connection.answerLimit = limit }
    do {
      let transaction = PostgreSQLTransaction(connection, begin: [])
      guard let first = try transaction.queryOne(settings, [address.quotedSchema]) else {
        throw StorageError(.unsupported, "PostgreSQL at \(address.displayName) returned no settings")
      }
      row = first
      try check(row, address)
    } catch {
      throw error as? StorageError ?? StorageError(.unavailable, "\(error)")
    }
  }

  private static func check(_ row: Row, _ address: PostgreSQLAddress) throws {
    let server = "PostgreSQL at \(address.displayName)"
    guard try row.integer("version") >= oldestVersion else {
      throw StorageError(.unsupported, "\(server) is older than version 13; upgrade it to version 13 or later")
    }
    guard try row.text("encoding") == "UTF8" else {
      throw StorageError(
        .unsupported,
        "\(server) has the encoding \(try row.text("encoding")); "
          + "create the database with ENCODING 'UTF8' TEMPLATE template0"
      )
    }
    guard try row.text("read_only") == "off" else {
      throw StorageError(
        .unavailable, "\(server) is read-only: it is a standby, or default_transaction_read_only is on")
    }
    for setting in ["synchronous_commit", "fsync"] where try row.text(setting) == "off" {
      throw StorageError(
        .notDurable,
        "\(server) could lose acknowledged changes: \(setting) is off; set it to on for this user or server"
      )
    }
  }
}

/// The prepared statements of one connection: one per SQL text, and further ones only for other argument types.
///
/// Null has no type and matches any. A statement that was prepared with a null is prepared again once the type is
/// known.
struct PreparedStatements {
  /// The statement to run, and the preparation that it needs first, if any.
  struct Plan {
    let name: String
    let preparation: (sql: String, types: [PostgreSQLType?])?
  }

  private struct Text {
    let rewritten: PlaceholderRewriter
    var statements: [(name: String, types: [PostgreSQLType?])] = []
  }

  private var texts: [String: Text] = [:]
  private var prepared = 0

  /// Returns the plan for arguments of these types, and records its statement as prepared.
  ///
  /// - Throws: `StorageError` with code `.statement` for a wrong number of arguments.
  mutating func plan(_ sql: String, _ types: [PostgreSQLType?]) throws(StorageError) -> Plan {
    var text = texts[sql] ?? Text(rewritten: PlaceholderRewriter(sql))
    guard text.rewritten.count == types.count else {
      throw StorageError(
        .statement,
        "the statement has \(text.rewritten.count) placeholders but got \(types.count) arguments, in: \(sql)")
    }
    if let known = text.statements.first(where: { Self.accepts($0.types, types) }) {
      return Plan(name: known.name, preparation: nil)
    }
    prepared += 1
    let name = "s\(prepared)"
    var merged = types
    if let index = text.statements.firstIndex(where: { Self.isCompatible($0.types, types) }) {
      merged = zip(text.statements[index].types, types).map { $0 ?? $1 }
      text.statements.remove(at: index)
    }
    text.statements.append((name, merged))
    texts[sql] = text
    return Plan(name: name, preparation: (text.rewritten.sql, merged))
  }

  /// Removes the statements of an SQL text, e.g. if they were planned but not prepared.
  mutating func remove(_ sql: String) { texts[sql]?.statements = [] }

  /// Removes all statements, e.g. after `DEALLOCATE ALL`.
  mutating func removeAll() {
    for sql in texts.keys { remove(sql) }
  }

  /// Returns whether a statement prepared for some types can run with the wanted ones.
  private static func accepts(_ prepared: [PostgreSQLType?], _ wanted: [PostgreSQLType?]) -> Bool {
    zip(prepared, wanted).allSatisfy { $1 == nil || $0 == $1 }
  }

  /// Returns whether the types differ only where one of them is unknown.
  private static func isCompatible(_ prepared: [PostgreSQLType?], _ wanted: [PostgreSQLType?]) -> Bool {
    zip(prepared, wanted).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }
}
