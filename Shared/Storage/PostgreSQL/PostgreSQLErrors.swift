import CPostgres

/// Maps SQLSTATEs (https://www.postgresql.org/docs/current/errcodes-appendix.html) to `StorageError`.
enum PostgreSQLErrors {
  /// Creates the error for a failed statement; `context` identifies it.
  static func storageError(_ failure: PostgreSQLError, _ context: String) -> StorageError {
    let code = code(failure)
    switch code {
    case .diskFull: return StorageError(code, "the disk is full: the server's, \(failure.message)")
    case .schema:
      return StorageError(
        code,
        "the database was emptied or replaced (\(failure.message)); restore it, or set up the services again on an "
          + "empty database"
      )
    default: return StorageError(code, "\(failure.message), \(context)")
    }
  }

  /// Creates the error for a connection that was lost before the commit.
  static func lost(_ failure: PostgreSQLError, _ address: PostgreSQLAddress) -> StorageError {
    StorageError(
      .unavailable,
      "the connection to PostgreSQL at \(address.displayName) was lost before the commit; nothing was changed: "
        + failure.message)
  }

  /// Creates the error for a connection that was lost during the commit.
  static func outcomeUnknown(_ failure: PostgreSQLError, _ address: PostgreSQLAddress) -> StorageError {
    StorageError(
      .outcomeUnknown,
      "the connection to PostgreSQL at \(address.displayName) was lost during the commit, so it is unknown whether the "
        + "change was made; check before you repeat it (\(failure.message))")
  }

  /// Creates the error for a failed connection attempt.
  ///
  /// - Parameter needsPassword: whether the server asked for a password and none was given.
  static func connecting(
    _ failure: PostgreSQLError, needsPassword: Bool, _ address: PostgreSQLAddress
  ) -> StorageError {
    let server = "PostgreSQL at \(address.displayName)"
    switch failure.state {
    case "3D000":
      return StorageError(
        .address, "\(server): \(failure.message); create the database, or correct GONOGO_DATABASE_URL")
    case let state where state?.hasPrefix("28") == true || state == "42501" || (state == nil && needsPassword):
      return StorageError(
        .forbidden,
        "\(server) rejected this user: \(failure.message); check the user and password in GONOGO_DATABASE_URL, "
          + "the user's permissions and the server's pg_hba.conf")
    case _ where failure.state == nil && isMalformed(failure.message):
      return StorageError(
        .address, "invalid GONOGO_DATABASE_URL: \(failure.message); correct it, as PostgreSQL's manual describes it")
    default:
      return StorageError(.unavailable, "\(server) cannot be reached: \(failure.message)")
    }
  }

  /// Returns whether libpq has refused the URL's own values, without trying to connect.
  private static func isMalformed(_ message: String) -> Bool {
    message.hasPrefix("could not match ") || message.firstMatch(of: #/^invalid [^:]*(value|number)\b/#) != nil
  }

  private static func code(_ failure: PostgreSQLError) -> StorageError.Code {
    if failure.isLost { return .unavailable }
    guard let state = failure.state else { return .statement }
    switch state {
    case "53100": return .diskFull
    case "57014": return .timeout
    case "55P03", "40001", "40P01": return .locked
    case "42501": return .forbidden
    case "XX001", "XX002": return .corrupt
    // The tables existed at the start, so that the database or the schema must have been replaced.
    case "42P01", "3F000": return .schema
    default: break
    }
    switch state.prefix(2) {
    case "23": return .constraint
    // Class 54 includes a text that is too long for an index.
    case "22", "54": return .value
    // The server lacks resources, or its disk fails. The server itself is responsible for acknowledged data, so that
    // this is not fatal for the process.
    case "53", "57", "58": return .unavailable
    default: return .statement
    }
  }
}

/// An error of a session, before it is mapped to `StorageError`.
struct PostgreSQLError: Error {
  /// The five-character SQLSTATE; nil for connection failures.
  let state: String?
  /// The server's or libpq's message, on one line.
  let message: String
  /// Whether the session is lost, and its transaction with it.
  var isLost = false
  /// Whether the server did not answer in time, so that its other sessions may never be answered either.
  var isSilent = false
  /// The 0-based index of the failed command among those sent together; nil if unknown.
  var index: Int?

  /// Creates the error for a lost session, with libpq's message.
  static func lost(_ message: String) -> PostgreSQLError {
    PostgreSQLError(state: nil, message: message.isEmpty ? "the connection was closed" : message, isLost: true)
  }

  /// Creates the error for a server that did not answer in time.
  static func silent(_ limit: Duration?) -> PostgreSQLError {
    let time = limit.map { " within \(Double($0.milliseconds) / 1_000) s" } ?? ""
    return PostgreSQLError(state: nil, message: "the server did not answer\(time)", isLost: true, isSilent: true)
  }

  init(state: String?, message: String, isLost: Bool = false, isSilent: Bool = false) {
    self.isSilent = isSilent
    self.state = state
    self.message = message
    self.isLost = isLost
  }

  /// Creates the error from a server's error response.
  init(_ result: OpaquePointer) {
    state = gonogo_sqlstate(result).map { String(cString: $0) }
    let primary = gonogo_primary_message(result) ?? UnsafePointer(PQresultErrorMessage(result))
    message = (primary.map { String(cString: $0) } ?? "no message from PostgreSQL").onOneLine
    isLost = state.map(Self.endsSession) ?? false
  }

  /// Whether the whole transaction may succeed if it is retried: it conflicted with another one, or a schema change
  /// made a prepared plan stale.
  var isTransient: Bool {
    ["40001", "40P01", "0A000", "26000"].contains(state ?? "")
  }

  /// Returns whether the state ends the session: shutdown, crash or idle timeout of its server process, or a connection
  /// failure.
  private static func endsSession(_ state: String) -> Bool {
    state.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"].contains(state)
  }
}
