import CPostgres

/// What a session has to say about a failure, before it is told in the interface's words.
struct PostgreSQLFailure: Error {
  /// The five characters of the SQLSTATE; nil for failures of the connection.
  let state: String?
  /// The server's message, or libpq's, on one line.
  let message: String
  /// Whether the session is gone, and with it the transaction.
  var isLost = false
  /// Which of the commands that were sent together failed, counted from 0; nil where that is not known.
  var index: Int?

  /// The session ended, for what libpq says.
  static func lost(_ message: String) -> PostgreSQLFailure {
    PostgreSQLFailure(state: nil, message: message.isEmpty ? "the connection was closed" : message, isLost: true)
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
