import CZeroMQ

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
