import CZeroMQ

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

/// A version of libzmq.
public struct ZeroMQVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The first number: 4 in `4.3.5`.
  public var major: Int
  /// The second number: 3 in `4.3.5`.
  public var minor: Int
  /// The third number: 5 in `4.3.5`.
  public var patch: Int

  public init(major: Int, minor: Int, patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// The version of the library that this process is linked with.
  public static var current: ZeroMQVersion {
    var (major, minor, patch): (CInt, CInt, CInt) = (0, 0, 0)
    zmq_version(&major, &minor, &patch)
    return ZeroMQVersion(major: Int(major), minor: Int(minor), patch: Int(patch))
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }

  public var description: String { "\(major).\(minor).\(patch)" }
}
