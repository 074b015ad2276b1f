import CConnections

/// One peer of a server's socket: its connection, and the replies that wait for it.
final class RouterPeer {
  let id: PeerID
  /// The authenticated sender of its messages.
  let sender: MessageSender?
  private let descriptor: Int32
  /// The claim on the connection; 0 if it has ended.
  private let claim: UInt64
  /// Whether its user or key is not on the roster, so that everything it sends is charged.
  private(set) var isStranger = false

  private var replies: [(frames: [[UInt8]], cost: Int)] = []
  private var firstReply = 0
  /// The memory used by the waiting replies.
  private(set) var waitingBytes = 0
  private var isDropped = false

  /// The number of bytes that libzmq may hold for the peer before further replies have to wait.
  private static let window = 128 << 10

  init(id: PeerID, sender: MessageSender?, descriptor: Int32, eventfd: Int32) {
    self.id = id
    self.sender = sender
    self.descriptor = descriptor
    let pid: Int32 = if case .process(let credentials) = sender { credentials.pid } else { -1 }
    claim = gonogo_connection_claim(descriptor, pid, eventfd)
  }

  /// Whether the connection is open; also true if it was never seen.
  var isOpen: Bool { gonogo_connection_is_open(descriptor, claim) }

  var isWaiting: Bool { firstReply < replies.count }

  /// The bytes that libzmq holds for the peer and has not written to the system yet.
  var unsentBytes: Int { max(0, Int(gonogo_connection_unsent(descriptor, claim))) }

  /// The memory used by all of its unread replies.
  var heldBytes: Int { waitingBytes + unsentBytes }

  func setStranger(_ isStranger: Bool) {
    guard isStranger != self.isStranger else { return }
    self.isStranger = isStranger
    gonogo_connection_set_stranger(descriptor, claim, isStranger)
  }

  /// Counts a message as delivered, and charges for it if the peer is a stranger.
  func delivered(cost: Int) {
    gonogo_connection_delivered(descriptor, claim, Int64(cost))
    if isStranger { charge(ConnectionLimits.messageUnits) }
  }

  /// Charges units; while the user or address owes units, the connection is not read.
  func charge(_ units: Int) { gonogo_connection_charge(descriptor, claim, Int64(units)) }

  /// Ends the connection, and discards the replies that wait for it.
  func drop() {
    isDropped = true
    gonogo_connection_drop(descriptor, claim)
    discardReplies()
  }

  private func discardReplies() {
    replies = []
    firstReply = 0
    waitingBytes = 0
  }

  // MARK: Replies

  /// Passes a reply to libzmq, or stores it until libzmq has accepted the earlier ones.
  func send(_ frames: [[UInt8]], on socket: RawSocket) {
    guard !isDropped else { return }
    if isWaiting || !pass(frames, on: socket) {
      let cost = Self.memory(of: frames)
      replies.append((frames, cost))
      waitingBytes += cost
      wakeWhenWritten()
    }
  }

  /// Passes as many of the waiting replies to libzmq as it may hold; returns whether none are left waiting.
  func sendWaiting(on socket: RawSocket) -> Bool {
    while isWaiting {
      let reply = replies[firstReply]
      guard pass(reply.frames, on: socket) else {
        wakeWhenWritten()
        return false
      }
      replies[firstReply].frames = []
      firstReply += 1
      waitingBytes -= reply.cost
      // Appending copies the whole array, so that replies already sent must be removed in time.
      if firstReply > 64, firstReply > replies.count / 2 {
        replies.removeFirst(firstReply)
        firstReply = 0
      }
    }
    discardReplies()
    return true
  }

  private func wakeWhenWritten() { gonogo_connection_wake_below(descriptor, claim, Int64(Self.window / 2)) }

  /// Passes a reply to libzmq; returns false if libzmq already holds enough for the peer. A reply to a peer that has
  /// disconnected is discarded.
  private func pass(_ frames: [[UInt8]], on socket: RawSocket) -> Bool {
    let bytes = wireBytes(of: frames)
    let unsent = gonogo_connection_unsent(descriptor, claim)
    if unsent > 0, Int(unsent) + bytes > Self.window { return false }
    // Must precede the send, because libzmq's thread may write the reply at once.
    gonogo_connection_passed(descriptor, claim, Int64(bytes))
    switch socket.send(id.routingID, frames) {
    case .sent: return true
    case .unreachable, .failed: break
    case .full:
      gonogo_connection_passed(descriptor, claim, -Int64(bytes))
      return false
    }
    gonogo_connection_passed(descriptor, claim, -Int64(bytes))
    return true
  }

  /// Returns the bytes on the wire: each frame has a header of 2 or 9 bytes, and over TCP 33 bytes of encryption.
  private func wireBytes(of frames: [[UInt8]]) -> Int { frames.reduce(0) { $0 + wireBytes(ofFrame: $1.count) } }

  /// Returns the bytes on the wire of a frame in either direction.
  func wireBytes(ofFrame count: Int) -> Int {
    let body = if case .key = sender { count + 33 } else { count }
    return body + (body > 255 ? 9 : 2)
  }

  /// Returns the memory used by a reply, including the overhead of arrays.
  private static func memory(of frames: [[UInt8]]) -> Int { frames.reduce(128) { $0 + $1.count + 64 } }
}
