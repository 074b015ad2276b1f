/// Which peer of a server's socket a message came from or goes to; it means one connection, and is never used again.
public struct PeerID: Sendable, Hashable {
  let routingID: [UInt8]
}

/// Who is at the other end of a Unix socket, as the kernel says.
public struct PeerCredentials: Sendable, Hashable {
  /// The user that the peer's process ran as when it connected.
  public var uid: UInt32
  /// The group that it ran as.
  public var gid: UInt32
  /// The process that connected; the system may use the number again once it has ended.
  public var pid: Int32

  public init(uid: UInt32, gid: UInt32, pid: Int32) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }

  /// Reads libzmq's `Peer-Address` of an ipc connection, `localhost:UID:GID:PID`; nil where it is anything else.
  init?(peerAddress: String) {
    let fields = peerAddress.split(separator: ":", omittingEmptySubsequences: false)
    guard fields.count == 4, fields[0] == "localhost", let uid = UInt32(fields[1]), let gid = UInt32(fields[2]),
      let pid = Int32(fields[3])
    else { return nil }
    self.init(uid: uid, gid: gid, pid: pid)
  }
}

/// Who sent a message, as the transport has proved it.
public enum MessageSender: Sendable, Hashable {
  /// A process of this host, on a Unix socket.
  case process(PeerCredentials)
  /// Whoever has the secret key of this one, over TCP.
  case key(CurveKey)
}

/// A message that came in, whole.
public struct InboundMessage: Sendable {
  /// Who sent it; nil on a client's socket, which has one peer.
  public var peer: PeerID?
  /// Nil on a client's socket.
  public var sender: MessageSender?
  /// Its frames, without the routing id; those beyond the limits have been dropped.
  public var frames: [[UInt8]]
  /// The bytes of all frames, dropped ones included.
  public var byteCount: Int
  /// The number of all frames, dropped ones included.
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
  /// Who gets it, as a message from it was marked.
  public var peer: PeerID
  /// Its frames, without the routing id.
  public var frames: [[UInt8]]

  public init(peer: PeerID, frames: [[UInt8]]) {
    self.peer = peer
    self.frames = frames
  }
}

/// What a socket accepts and keeps.
public struct SocketLimits: Sendable, Hashable {
  /// Bytes of a frame beyond which libzmq drops the connection. Default 4 MiB.
  public var disconnectFrame: Int
  /// Frames of a message that are kept. Default 1,026.
  public var frames: Int
  /// Bytes of a message that are kept. Default 4 MiB.
  public var bytes: Int
  /// Messages that libzmq queues for each peer and direction. Default 256.
  public var highWaterMark: Int
  /// Bytes that wait for one peer beyond libzmq's queue; a message that does not fit is dropped. Default 8 MiB.
  public var backlogBytes: Int

  public init(
    disconnectFrame: Int = 4 << 20, frames: Int = 1_026, bytes: Int = 4 << 20, highWaterMark: Int = 256,
    backlogBytes: Int = 8 << 20
  ) {
    self.disconnectFrame = disconnectFrame
    self.frames = frames
    self.bytes = bytes
    self.highWaterMark = highWaterMark
    self.backlogBytes = backlogBytes
  }
}

/// What becomes of a client's connection.
public enum ConnectionChange: Sendable, Hashable {
  /// There is a peer, and it speaks ZMTP.
  case connected
  /// The peer is gone; what it had not answered it will not answer. libzmq connects again by itself.
  case disconnected
  /// Connecting did not succeed. libzmq tries again by itself.
  case failed(ConnectError)
  /// The reactor is being shut down, and the socket with it.
  case closed
}

/// Why a client's socket does not get a connection.
public struct ConnectError: Sendable, Hashable {
  /// What a caller may tell apart.
  public enum Reason: Sendable, Hashable {
    /// There is no socket at the path, or nobody listens on it.
    case nobodyBound
    /// The operating system refuses access to the socket, or the server does not let this key in.
    case permissionDenied
    /// Anything else.
    case other
  }

  /// Which kind of failure it is, for callers to switch on.
  public var reason: Reason
  /// What is wrong, and the mend.
  public var detail: String

  public init(_ reason: Reason, _ detail: String) {
    self.reason = reason
    self.detail = detail
  }
}
