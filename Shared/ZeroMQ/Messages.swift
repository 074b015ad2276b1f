/// Identifies the peer of a server's socket that sent a message or is to receive one. Each id belongs to one connection
/// and is never reused.
public struct PeerID: Sendable, Hashable {
  let routingID: [UInt8]
}

/// The credentials of a Unix socket's peer, as the kernel reports them.
public struct PeerCredentials: Sendable, Hashable {
  /// The effective user id of the peer's process when it connected.
  public var uid: UInt32
  /// The effective group id of the peer's process when it connected.
  public var gid: UInt32
  /// The process that connected; the system may reuse the number after it has exited.
  public var pid: Int32

  public init(uid: UInt32, gid: UInt32, pid: Int32) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }
}

/// The sender of a message, authenticated by the transport.
public enum MessageSender: Sendable, Hashable {
  /// A process on this host, connected to a Unix socket.
  case process(PeerCredentials)
  /// The holder of the secret key to this public key, connected over TCP.
  case key(CurveKey)
}

extension MessageSender: CustomStringConvertible {
  /// The sender as a principal, such as `uid:1000`.
  public var description: String {
    switch self {
    case .process(let credentials): "uid:\(credentials.uid)"
    case .key(let key): "key:\(key)"
    }
  }
}

/// A complete received message.
public struct InboundMessage: Sendable {
  /// The peer that sent it; nil on a client's socket, which has only one.
  public var peer: PeerID?
  /// The authenticated sender; nil on a client's socket.
  public var sender: MessageSender?
  /// The frames without the routing id; frames beyond the limits have been dropped.
  public var frames: [[UInt8]]
  /// The total size of all frames in bytes, including dropped ones.
  public var byteCount: Int
  /// The number of frames, including dropped ones.
  public var frameCount: Int

  public init(
    peer: PeerID? = nil, sender: MessageSender? = nil, frames: [[UInt8]], byteCount: Int, frameCount: Int
  ) {
    self.peer = peer
    self.sender = sender
    self.frames = frames
    self.byteCount = byteCount
    self.frameCount = frameCount
  }
}

/// A message to one peer of a server's socket.
public struct OutboundMessage: Sendable {
  /// The recipient, taken from a message that it sent.
  public var peer: PeerID
  /// The frames without the routing id.
  public var frames: [[UInt8]]
  /// The number of refusals in it; a peer that causes more than a few hundred per second is read more slowly.
  public var refusals: Int

  public init(peer: PeerID, frames: [[UInt8]], refusals: Int = 0) {
    self.peer = peer
    self.frames = frames
    self.refusals = refusals
  }
}

/// Limits on what a socket accepts and buffers.
public struct SocketLimits: Sendable, Hashable {
  /// The maximum frame size in bytes; libzmq disconnects a peer that sends a larger frame. Default 4 MiB.
  public var disconnectFrame: Int
  /// The maximum number of frames of a message; further frames are dropped. Default 1,026.
  public var frames: Int
  /// The maximum size of a message in bytes; frames beyond it are dropped. Default 4 MiB.
  public var bytes: Int
  /// The number of messages that libzmq queues per peer and direction. Default 256.
  public var highWaterMark: Int
  /// The bytes of replies that are buffered for all peers together; beyond it, the peer with the most is disconnected.
  /// Default 64 MiB.
  public var replyBytes: Int

  public init(
    disconnectFrame: Int = 4 << 20, frames: Int = 1_026, bytes: Int = 4 << 20, highWaterMark: Int = 256,
    replyBytes: Int = 64 << 20
  ) {
    self.disconnectFrame = disconnectFrame
    self.frames = frames
    self.bytes = bytes
    self.highWaterMark = highWaterMark
    self.replyBytes = replyBytes
  }
}

/// A change in the state of a client's connection.
public enum ConnectionChange: Sendable, Hashable {
  /// The connection is up and the ZMTP handshake is complete.
  case connected
  /// The connection is lost, and pending requests will not be answered. libzmq reconnects automatically.
  case disconnected
  /// Connecting failed. libzmq retries automatically.
  case failed(ConnectError)
  /// The reactor is shutting down, and has closed the socket.
  case closed
}

/// Why a client's socket cannot connect.
public struct ConnectError: Sendable, Hashable {
  /// The kind of failure.
  public enum Reason: Sendable, Hashable {
    /// The endpoint has no socket, or no process is listening on it.
    case notListening
    /// The operating system denies access to the socket, or the server rejects this process's key.
    case permissionDenied
    /// The endpoint accepts connections, or at least does not refuse them, but completes no handshake.
    case notAnswering
    /// Any other reason.
    case other
  }

  /// The kind of failure, for callers to switch on.
  public var reason: Reason
  /// What is wrong and how to fix it.
  public var detail: String

  public init(_ reason: Reason, _ detail: String) {
    self.reason = reason
    self.detail = detail
  }
}
