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
    guard !isLost else { throw PostgreSQLFailure.lost("") }
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
        var answer = PostgreSQLFailure(result)
        answer.index = results.count
        failure = failure ?? answer
      }
    }
  }

  /// The session is over, for the reason that was told last or before.
  private func ended(_ known: (any Error)? = nil) -> PostgreSQLFailure {
    isLost = true
    var failure = known as? PostgreSQLFailure ?? .lost(Self.message(handle))
    failure.isLost = true
    return failure
  }

  private func noting(_ error: any Error) -> any Error {
    if let failure = error as? PostgreSQLFailure, failure.isLost { isLost = true }
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
    var failure = PostgreSQLFailure(state: nil, message: message(handle))
    let needsPassword = PQconnectionNeedsPassword(handle) == 1
    if wasQuick {
      _ = PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
      PQreset(handle)
      let state = message(handle).firstMatch(of: #/: +(?=[A-Z]*[0-9])([0-9A-Z]{5}): /#).map { String($0.1) }
      failure = PostgreSQLFailure(state: state, message: failure.message)
    }
    return PostgreSQLErrors.connecting(failure, needsPassword: needsPassword, address)
  }
}
