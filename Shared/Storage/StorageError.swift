/// What went wrong in the store.
public struct StorageError: Error, Sendable, CustomStringConvertible {
  /// What callers may act on.
  public enum Code: String, Sendable, Hashable {
    /// A unique, foreign key, not-null or check constraint.
    case constraint
    /// No room on the disk: the transaction was undone, and a later one may succeed.
    case diskFull = "disk-full"
    /// The disk failed to read, write or flush: what it holds is unknown until the process has started again.
    case ioFailure = "io-failure"
    /// The file is damaged or no database.
    case corrupt
    /// Another process has it.
    case locked
    /// The store cannot promise what `write` promises.
    case notDurable = "not-durable"
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
    /// An engine or address that this build does not have.
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
