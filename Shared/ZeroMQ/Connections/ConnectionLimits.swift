import CConnections
import Glibc

/// The number of connections that this process accepts, and the bytes that it buffers for them; what exceeds this is
/// refused or ended.
///
/// The limits apply to the process rather than to a socket, because they protect its memory and its file descriptors.
public struct ConnectionLimits: Sendable, Hashable {
  /// The maximum number of simultaneous connections.
  public var connections: Int
  /// The maximum number of simultaneous connections from one user or one remote address.
  public var connectionsEach: Int
  /// The number of connections that are reserved for this process's own user, so that services can reach each other.
  public var reserved: Int
  /// The time after which a connection is ended if it has delivered no message since it was accepted. Default 30 s.
  public var silence = Duration.seconds(30)
  /// The maximum number of bytes received but not delivered, in total: those of unfinished messages, and of messages
  /// that wait. Default 48 MiB.
  public var unreadBytes = 48 << 20
  /// The maximum number of bytes received but not delivered on one connection. Default 16 MiB.
  public var unreadBytesEach = 16 << 20
  /// The units that a user or an address regains per second. A refusal costs 1,024 units. A sender who is not on the
  /// roster pays for everything: 1,024 units per message and 1 per byte. Default 256 refusals per second.
  public var rate = 256 << 10
  /// The maximum number of units that a user or an address can have. Default 1,024 refusals.
  public var burst = 1 << 20

  /// The cost of a refusal, or of a stranger's message, in units.
  static let messageUnits = 1_024

  /// Creates limits with the defaults.
  ///
  /// - Parameters:
  ///   - connections: the maximum number in total.
  ///   - each: the maximum number from one user or one remote address; by default half of the total.
  public init(connections: Int, each: Int? = nil) {
    self.connections = connections
    connectionsEach = min(each ?? max(1, connections / 2), connections)
    reserved = connections / 4
  }

  /// The number of descriptors for other purposes than accepted connections: stores, outgoing connections, logs.
  static let otherDescriptors = 192
  /// The minimum number of connections with which a service works.
  public static let fewest = 64
  /// The number of connections that are accepted if nothing else is set and the limit of open files allows it.
  public static let usual = 512

  /// Returns the limits for a process that may open the given number of files.
  ///
  /// - Parameters:
  ///   - files: the limit of open files, such as `DescriptorLimit.raise()`.
  ///   - connections: the wanted number of connections; by default 512, or fewer if the limit of open files is low.
  ///   - each: the maximum number from one user or one remote address; by default half of the total.
  /// - Throws: `tooFewDescriptors` if the limit is too low, naming the one that is needed.
  public static func fitting(files: UInt64, connections: Int? = nil, each: Int? = nil) throws(ZeroMQError)
    -> ConnectionLimits
  {
    let available = Int(clamping: files) - otherDescriptors
    let needed = connections ?? fewest
    guard available >= needed else {
      let lower = connections == nil ? "" : ", or lower GONOGO_CONNECTION_LIMIT (at least \(fewest))"
      throw ZeroMQError(
        .tooFewDescriptors,
        "the limit of open files is \(files), but \(needed) connections need \(needed + otherDescriptors): raise it "
          + "with ulimit -n, or LimitNOFILE in a systemd unit\(lower)")
    }
    return ConnectionLimits(connections: connections ?? min(usual, available), each: each)
  }

  /// Puts these limits into force for this process.
  public func apply() {
    var limits = gonogo_connection_limits()
    limits.connections = UInt32(clamping: connections)
    limits.connections_each = UInt32(clamping: connectionsEach)
    limits.reserved = UInt32(clamping: reserved)
    limits.silent_seconds = UInt32(clamping: silence.components.seconds)
    limits.unread = Int64(unreadBytes)
    limits.unread_each = Int64(unreadBytesEach)
    limits.rate = Int64(rate)
    limits.burst = Int64(burst)
    gonogo_connections_configure(&limits)
  }
}
