/// Why a socket could not be made or used.
public struct ZeroMQError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller may tell apart.
  public enum Code: String, Sendable, Hashable {
    /// The endpoint is not well-formed or its path is too long.
    case invalidEndpoint = "invalid-endpoint"
    /// Another process, alive, has this endpoint.
    case inUse = "in-use"
    /// There is a file at the path that is no socket; it is left alone.
    case notASocket = "not-a-socket"
    /// The operating system refuses access.
    case permissionDenied = "permission-denied"
    /// A key, or a file of keys, that cannot be used.
    case badKeys = "bad-keys"
    /// A server over TCP that lets strangers in.
    case unguarded
    /// The reactor or the socket has been closed.
    case closed
    /// Anything else that libzmq or the operating system reports.
    case system
  }

  /// Which kind of failure it is, for callers to switch on.
  public var code: Code
  /// What is wrong, and the mend.
  public var detail: String

  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  public var description: String { detail }
}
