import CPostgres

/// PostgreSQL's states (https://www.postgresql.org/docs/current/errcodes-appendix.html) in the interface's words.
enum PostgreSQLErrors {
  /// A failure of statements; `context` says which.
  static func storageError(_ failure: PostgreSQLError, _ context: String) -> StorageError {
    StorageError(code(failure), "\(failure.message), \(context)")
  }

  /// The connection was lost before anything was committed.
  static func lost(_ failure: PostgreSQLError, _ address: PostgreSQLAddress) -> StorageError {
    StorageError(
      .unavailable,
      "the connection to PostgreSQL at \(address.place) was lost before the commit, and nothing was changed: "
        + failure.message)
  }

  /// The connection was lost while the server was committing.
  static func outcomeUnknown(_ failure: PostgreSQLError, _ address: PostgreSQLAddress) -> StorageError {
    StorageError(
      .outcomeUnknown,
      "the connection to PostgreSQL at \(address.place) was lost during the commit: the change was made, or it was not; "
        + "look before you repeat it (\(failure.message))")
  }

  /// No connection could be made.
  ///
  /// - Parameter needsPassword: the server asked for a password, and there was none.
  static func connecting(
    _ failure: PostgreSQLError, needsPassword: Bool, _ address: PostgreSQLAddress
  ) -> StorageError {
    let place = "PostgreSQL at \(address.place)"
    switch failure.state {
    case "3D000":
      return StorageError(.address, "\(place): \(failure.message); name one that is there in GONOGO_DATABASE_URL")
    case let state where state?.hasPrefix("28") == true || state == "42501" || (state == nil && needsPassword):
      return StorageError(
        .forbidden,
        "\(place) refuses this user: \(failure.message); check user and password in GONOGO_DATABASE_URL, the user's rights "
          + "and the server's pg_hba.conf")
    default:
      return StorageError(.unavailable, "\(place) cannot be reached: \(failure.message)")
    }
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
    default: break
    }
    switch state.prefix(2) {
    case "23": return .constraint
    // 54 is a text too long for an index, among others.
    case "22", "54": return .value
    // The server is short of something, or its disk fails; it keeps what it has acknowledged by itself.
    case "53", "57", "58": return .unavailable
    default: return .statement
    }
  }
}

/// What a session has to say about a failure, before it is told in the interface's words.
struct PostgreSQLError: Error {
  /// The five characters of the SQLSTATE; nil for failures of the connection.
  let state: String?
  /// The server's message, or libpq's, on one line.
  let message: String
  /// Whether the session is gone, and with it the transaction.
  var isLost = false
  /// Which of the commands that were sent together failed, counted from 0; nil where that is not known.
  var index: Int?

  /// The session ended, for what libpq says.
  static func lost(_ message: String) -> PostgreSQLError {
    PostgreSQLError(state: nil, message: message.isEmpty ? "the connection was closed" : message, isLost: true)
  }

  init(state: String?, message: String, isLost: Bool = false) {
    self.state = state
    self.message = message
    self.isLost = isLost
  }

  /// An error that the server answered with.
  init(_ result: OpaquePointer) {
    state = gonogo_sqlstate(result).map { String(cString: $0) }
    let primary = gonogo_primary_message(result) ?? UnsafePointer(PQresultErrorMessage(result))
    message = (primary.map { String(cString: $0) } ?? "no message from PostgreSQL").onOneLine
    isLost = state.map(Self.endsSession) ?? false
  }

  /// Whether the whole transaction may succeed when it is run once more: it ran into another, or into a plan that a change
  /// of the schema has made stale.
  var isPassing: Bool {
    ["40001", "40P01", "0A000", "26000"].contains(state ?? "")
  }

  /// Shutdown, crash and idle time-out of the server's process for this session, and failures of the connection.
  private static func endsSession(_ state: String) -> Bool {
    state.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05", "25P03", "25P04"].contains(state)
  }
}
