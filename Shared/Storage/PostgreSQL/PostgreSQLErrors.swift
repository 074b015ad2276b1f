/// PostgreSQL's states (https://www.postgresql.org/docs/current/errcodes-appendix.html) in the interface's words.
enum PostgreSQLErrors {
  /// A failure of statements; `context` says which.
  static func storageError(_ failure: PostgreSQLFailure, _ context: String) -> StorageError {
    StorageError(code(failure), "\(failure.message), \(context)")
  }

  /// The connection was lost before anything was committed.
  static func lost(_ failure: PostgreSQLFailure, _ address: PostgreSQLAddress) -> StorageError {
    StorageError(
      .unavailable,
      "the connection to PostgreSQL at \(address.place) was lost before the commit, and nothing was changed: "
        + failure.message)
  }

  /// The connection was lost while the server was committing.
  static func outcomeUnknown(_ failure: PostgreSQLFailure, _ address: PostgreSQLAddress) -> StorageError {
    StorageError(
      .outcomeUnknown,
      "the connection to PostgreSQL at \(address.place) was lost during the commit: the change was made, or it was not; "
        + "look before you repeat it (\(failure.message))")
  }

  /// No connection could be made.
  ///
  /// - Parameter needsPassword: the server asked for a password, and there was none.
  static func connecting(
    _ failure: PostgreSQLFailure, needsPassword: Bool, _ address: PostgreSQLAddress
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

  private static func code(_ failure: PostgreSQLFailure) -> StorageError.Code {
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
