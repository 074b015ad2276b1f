import CZeroMQ

/// The reason why a socket could not be created or used.
public struct ZeroMQError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure.
  public enum Code: String, Sendable, Hashable {
    /// The endpoint is malformed or its path is too long.
    case invalidEndpoint = "invalid-endpoint"
    /// A running process already uses this endpoint.
    case inUse = "in-use"
    /// A file that is not a socket exists at the path; it is left untouched.
    case notASocket = "not-a-socket"
    /// The operating system denies access.
    case permissionDenied = "permission-denied"
    /// A key or a key file is missing or unusable.
    case badKeys = "bad-keys"
    /// A TCP server admits unknown keys.
    case unguarded
    /// The limit of open files leaves too few descriptors for connections.
    case tooFewDescriptors = "too-few-descriptors"
    /// The reactor or the socket has been closed.
    case closed
    /// Anything else that libzmq or the operating system reports.
    case system
  }

  /// The kind of failure, for callers to switch on.
  public var code: Code
  /// What is wrong and how to fix it.
  public var detail: String

  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  public var description: String { detail }
}

/// A version of libzmq.
public struct ZeroMQVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The major version: 4 in `4.3.5`.
  public var major: Int
  /// The minor version: 3 in `4.3.5`.
  public var minor: Int
  /// The patch version: 5 in `4.3.5`.
  public var patch: Int

  public init(major: Int, minor: Int, patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// The version of the library in use by this process.
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
