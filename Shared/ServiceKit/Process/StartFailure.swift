/// Why a process does not start or cannot go on: what is wrong, and the mend.
public struct StartFailure: Error, Sendable, CustomStringConvertible {
  /// The exit status (sysexits.h).
  public enum Status: Int32, Sendable {
    case badConfiguration = 65
    /// A lock, a socket, a folder: what is needed is not to be had.
    case unavailable = 69
    case internalError = 70
    case ioFailure = 74
    /// A database that a store is to be moved to holds other data.
    case conflict = 76
    /// A folder or a database refuses this user.
    case noPermission = 77
    /// The data does not belong to this program or this clock.
    case wrongData = 78
  }

  /// What the process exits with.
  public let status: Status
  /// What is wrong and how to mend it, in words for the operator.
  public let message: String

  public init(_ status: Status, _ message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { message }
}
