import CConnections
import Glibc

/// How many connections this process accepts, and how much of them it buffers; everything else is refused or ended.
///
/// They apply to the process, not to a socket: what they protect is its memory and its file descriptors.
public struct ConnectionLimits: Sendable, Hashable {
  /// Connections at once, in all.
  public var connections: Int
  /// Connections at once from one user or one remote address.
  public var connectionsEach: Int
  /// Of all connections, those that only this process's own user can have, so that services reach each other.
  public var reserved: Int
  /// A connection that has delivered no message for this long after it was accepted is ended. Default 30 s.
  public var silence = Duration.seconds(30)
  /// Bytes received and not delivered, in all: those of unfinished messages, and of messages that wait. Default 48 MiB.
  public var unreadBytes = 48 << 20
  /// The same of one connection. Default 16 MiB.
  public var unreadBytesEach = 16 << 20
  /// Units that a user or an address regains in a second. A refusal costs 1,024, and everything costs for someone who
  /// is on no roster: 1,024 a message and 1 a byte. Default 256 refusals a second.
  public var rate = 256 << 10
  /// Units that a user or an address has at most. Default 1,024 refusals.
  public var burst = 1 << 20

  /// The cost of a refusal, or of a stranger's message.
  static let messageUnits = 1_024

  /// Creates limits with the defaults.
  ///
  /// - Parameters:
  ///   - connections: in all.
  ///   - each: from one user or one remote address; by default half of all.
  public init(connections: Int, each: Int? = nil) {
    self.connections = connections
    connectionsEach = min(each ?? max(1, connections / 2), connections)
    reserved = connections / 4
  }

  /// Descriptors of the process that are no accepted connections: stores, its own connections to others, logs.
  static let otherDescriptors = 192
  /// The fewest connections with which a service works.
  public static let fewest = 64
  /// The connections that are accepted if nothing else is set and the limit of open files allows it.
  public static let usual = 512

  /// Returns the limits of a process that may open so many files.
  ///
  /// - Parameters:
  ///   - files: the limit of open files, such as `DescriptorLimit.raise()`.
  ///   - connections: the connections that were asked for; by default 512, or fewer if the limit of open files is low.
  ///   - each: as above.
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

  /// Makes these the limits of this process.
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
