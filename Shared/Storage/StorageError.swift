/// What went wrong in the store.
public struct StorageError: Error, Sendable, CustomStringConvertible {
  /// What callers may act on.
  public enum Code: String, Sendable, Hashable {
    /// A unique, foreign key, not-null or check constraint.
    case constraint
    /// A value that cannot be kept: a text with U+0000, a number out of range, a text too long for a key.
    case value
    /// No room on the disk: the transaction was undone, and a later one may succeed.
    case diskFull = "disk-full"
    /// The disk failed to read, write or flush: what it holds is unknown until the process has started again.
    case ioFailure = "io-failure"
    /// The file is damaged or no database.
    case corrupt
    /// Another process has it.
    case locked
    /// A statement took longer than the server allows: the transaction was undone.
    case timeout
    /// The server cannot be reached, or the connection to it was lost before the commit: nothing was changed, and a later
    /// try may succeed.
    case unavailable
    /// The connection was lost during the commit: whether the change was made shows only by looking. It is never tried again
    /// without looking.
    case outcomeUnknown = "outcome-unknown"
    /// The server refuses this user: a wrong password, or a right that it lacks.
    case forbidden
    /// The URL is none, or names a database that is not there.
    case address
    /// The store cannot promise what `write` promises.
    case notDurable = "not-durable"
    /// The schema that a store is to be copied into holds other data.
    case occupied
    /// The schema is not this program's.
    case schema
    /// A column that is not there or holds another type.
    case column
    /// The file or folder cannot be opened.
    case cannotOpen = "cannot-open"
    /// The store was closed.
    case closed
    /// A statement that the engine refuses.
    case statement
    /// Stored JSON or a stored audit link that cannot be read.
    case unreadable
    /// An engine that this build does not have, or a server that it cannot work with.
    case unsupported
  }

  /// What callers switch on.
  public let code: Code
  /// What is wrong, where, and the mend.
  public let message: String
  /// The engine's own error, for the log.
  public let underlying: (any Error)?

  public init(_ code: Code, _ message: String, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.underlying = underlying
  }

  /// Whether the process must exit and recover: trying again could acknowledge what is not on disk.
  public var isFatal: Bool { code == .ioFailure || code == .corrupt }

  public var description: String {
    guard let underlying else { return "\(code.rawValue): \(message)" }
    return "\(code.rawValue): \(message) (\(underlying))"
  }
}
