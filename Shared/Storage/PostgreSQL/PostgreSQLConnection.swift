import CPostgres

/// One session with the server. Everything is sent in pipeline mode: commands that need not wait for each other share one
/// trip to the server and back.
///
/// Every call blocks, so it is used on a lane's thread only, by one caller at a time.
final class PostgreSQLConnection {
  /// What can be sent.
  enum Command {
    /// One statement without arguments, as `BEGIN`.
    case control(String)
    case prepare(name: String, sql: String, types: [PostgreSQLType?])
    case execute(name: String, PostgreSQLArguments)
  }

  private let handle: OpaquePointer
  /// What is prepared in this session.
  var statements = PreparedStatements()
  /// Whether the session has ended; it is of no use any more.
  private(set) var isLost = false

  /// Connects, trying several hosts in turn where there are several.
  init(to address: PostgreSQLAddress) throws(StorageError) {
    let started = ContinuousClock.now
    guard let handle = Self.connect(address.parameters) else {
      throw StorageError(.unavailable, "libpq has no memory left for a connection")
    }
    guard PQstatus(handle) == CONNECTION_OK, PQenterPipelineMode(handle) == 1 else {
      defer { PQfinish(handle) }
      throw Self.connectionError(handle, wasQuick: .now - started < .seconds(1), address)
    }
    gonogo_ignore_notices(handle)
    self.handle = handle
  }

  deinit { PQfinish(handle) }

  /// Sends the commands together and waits for all of their results. After a command that fails, the later ones are not run.
  func run(_ commands: [Command]) throws -> [PostgreSQLResult] {
    guard !isLost else { throw PostgreSQLError.lost("") }
    for command in commands { guard send(command) == 1 else { throw ended() } }
    guard PQpipelineSync(handle) == 1 else { throw ended() }
    return try collect(commands.count)
  }

  /// What is readable when the server has sent something.
  var socket: Int32 { PQsocket(handle) }

  /// What other sessions have notified on the channels that this one listens to, and was not taken before.
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
    while true {
      guard let result = PQgetResult(handle) else {
        // Nil ends the results of each command; more of them than commands means that there is nothing left to come.
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
        if let failure { throw noting(failure) }
        return results
      default:
        var answer = PostgreSQLError(result)
        answer.index = results.count
        failure = failure ?? answer
      }
    }
  }

  /// The session is over, for the reason that was told last or before.
  private func ended(_ known: (any Error)? = nil) -> PostgreSQLError {
    isLost = true
    var failure = known as? PostgreSQLError ?? .lost(Self.message(handle))
    failure.isLost = true
    return failure
  }

  private func noting(_ error: any Error) -> any Error {
    if let failure = error as? PostgreSQLError, failure.isLost { isLost = true }
    return error
  }

  private static func message(_ handle: OpaquePointer) -> String {
    PQerrorMessage(handle).map { String(cString: $0).onOneLine } ?? ""
  }
}

extension PostgreSQLConnection {
  private static func connect(_ parameters: [(String, String)]) -> OpaquePointer? {
    // One allocation for all keywords and values, each with its zero.
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

  /// libpq tells the server's message in the server's language, and not its state; asked once more to be verbose, it tells
  /// both. Where nobody answered there is no state to be had.
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

/// What every session is set to, and what the server must be, before it is used.
enum PostgreSQLSession {
  /// Readable by every statement here: 13 is the oldest that is maintained when this is written.
  private static let oldestVersion: Int64 = 130_000

  /// A client that is gone without a word is noticed within half a minute. Limits apply only where URL, role and server set none. The schema's name is an argument.
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
        WHEN '0' THEN '5s' ELSE current_setting('idle_in_transaction_session_timeout') END, false),
      set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),
      set_config('tcp_keepalives_count', '3', false)
    """

  /// - Throws: `StorageError` with code `.notDurable` for a server that acknowledges what is not on disk, `.unsupported` for
  ///   one that cannot be worked with, `.unavailable` for one that takes no writes.
  static func begin(_ connection: PostgreSQLConnection, _ address: PostgreSQLAddress) throws(StorageError) {
    let row: Row
    do {
      let transaction = PostgreSQLTransaction(connection, begin: [])
      guard let first = try transaction.queryOne(settings, [address.quotedSchema]) else {
        throw StorageError(.unsupported, "PostgreSQL at \(address.place) tells nothing of its settings")
      }
      row = first
      try check(row, address)
    } catch {
      throw error as? StorageError ?? StorageError(.unavailable, "\(error)")
    }
  }

  private static func check(_ row: Row, _ address: PostgreSQLAddress) throws {
    let server = "PostgreSQL at \(address.place)"
    guard try row.integer("version") >= oldestVersion else {
      throw StorageError(.unsupported, "\(server) is older than version 13; use a newer one")
    }
    guard try row.text("encoding") == "UTF8" else {
      throw StorageError(
        .unsupported,
        "\(server) has the encoding \(try row.text("encoding")); make the database with ENCODING 'UTF8' TEMPLATE template0"
      )
    }
    guard try row.text("read_only") == "off" else {
      throw StorageError(.unavailable, "\(server) takes no writes: it is a standby, or read-only by its settings")
    }
    for setting in ["synchronous_commit", "fsync"] where try row.text(setting) == "off" {
      throw StorageError(
        .notDurable,
        "\(server) would acknowledge changes that are not on disk: \(setting) is off; set it to on for this user or server"
      )
    }
  }
}

/// What is prepared on one connection: for each SQL text a statement, and further ones only where the arguments' types differ.
///
/// A null has no type of its own and fits all; a statement prepared with one is prepared again when its type is known.
struct PreparedStatements {
  /// The statement to run, and what must be prepared for it first.
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

  /// The plan for arguments of these types, which counts as prepared from now on.
  ///
  /// - Throws: `StorageError` with code `.statement` for a wrong number of arguments.
  mutating func plan(_ sql: String, _ types: [PostgreSQLType?]) throws(StorageError) -> Plan {
    var text = texts[sql] ?? Text(rewritten: PlaceholderRewriter(sql))
    guard text.rewritten.count == types.count else {
      throw StorageError(
        .statement, "the statement takes \(text.rewritten.count) arguments and was given \(types.count), in: \(sql)")
    }
    if let known = text.statements.first(where: { Self.fits($0.types, types) }) {
      return Plan(name: known.name, preparation: nil)
    }
    prepared += 1
    let name = "s\(prepared)"
    var merged = types
    if let index = text.statements.firstIndex(where: { Self.agrees($0.types, types) }) {
      merged = zip(text.statements[index].types, types).map { $0 ?? $1 }
      text.statements.remove(at: index)
    }
    text.statements.append((name, merged))
    texts[sql] = text
    return Plan(name: name, preparation: (text.rewritten.sql, merged))
  }

  /// Forgets what was planned and then not prepared.
  mutating func forget(_ sql: String) { texts[sql]?.statements = [] }

  /// Forgets everything, as after `DEALLOCATE ALL`.
  mutating func forgetAll() {
    for sql in texts.keys { forget(sql) }
  }

  private static func fits(_ prepared: [PostgreSQLType?], _ wanted: [PostgreSQLType?]) -> Bool {
    zip(prepared, wanted).allSatisfy { $1 == nil || $0 == $1 }
  }

  private static func agrees(_ prepared: [PostgreSQLType?], _ wanted: [PostgreSQLType?]) -> Bool {
    zip(prepared, wanted).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }
}
