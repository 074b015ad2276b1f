/// An error from the store.
public struct StorageError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable {
    /// A unique, foreign-key, not-null or check constraint was violated.
    case constraint
    /// A value cannot be stored: a text with U+0000, a number out of range, a text too long for a key.
    case value
    /// The disk is full. The transaction was rolled back; a later one may succeed.
    case diskFull = "disk-full"
    /// The disk failed to read, write or flush. Its contents are unknown until the process restarts.
    case ioFailure = "io-failure"
    /// The file is damaged or not a database.
    case corrupt
    /// Another process or transaction holds a lock.
    case locked
    /// A statement exceeded the server's time limit. The transaction was rolled back.
    case timeout
    /// The server is unreachable, or the connection was lost before the commit. Nothing was changed, and a retry may
    /// succeed.
    case unavailable
    /// The connection was lost during the commit. Whether the change was made can only be determined by checking the
    /// data; never retry without checking.
    case outcomeUnknown = "outcome-unknown"
    /// The server rejects this user, because of a wrong password or missing permission.
    case forbidden
    /// The URL is invalid, or names a database that does not exist.
    case address
    /// The store cannot guarantee the durability that `write` promises.
    case notDurable = "not-durable"
    /// The schema that a store is to be copied into contains other data.
    case occupied
    /// The schema does not match this program's migrations.
    case schema
    /// A column is missing or has another type.
    case column
    /// The file or folder cannot be opened.
    case cannotOpen = "cannot-open"
    /// The store has been closed.
    case closed
    /// The engine rejected a statement.
    case statement
    /// Stored JSON or a stored audit link cannot be decoded.
    case unreadable
    /// This build does not include the engine, or does not support the server.
    case unsupported
  }

  /// The kind of failure, for callers to switch on.
  public let code: Code
  /// What is wrong, where, and how to fix it.
  public let message: String
  /// The engine's own error, for the log.
  public let underlying: (any Error)?

  public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.underlying = underlying
  }

  /// Whether the process must exit and recover, because a retry could acknowledge data that is not on disk.
  public var isFatal: Bool { code == .ioFailure || code == .corrupt }

  public var description: String {
    guard let underlying else { return "\(code.rawValue): \(message)" }
    return "\(code.rawValue): \(message) (\(underlying))"
  }
}
