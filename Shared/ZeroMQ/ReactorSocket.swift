import CZeroMQ
import Glibc

/// What a socket does with what happens to it. Called on the reactor's thread: each must return at once.
struct SocketEvents: Sendable {
  var messages: @Sendable ([InboundMessage]) -> Void
  var change: @Sendable (ConnectionChange) -> Void
}

/// A socket as the reactor's thread keeps it.
protocol ReactorSocket: AnyObject {
  var raw: RawSocket { get }
  /// What to poll for: `ZMQ_POLLIN`, `ZMQ_POLLOUT`, both or neither.
  var interest: Int32 { get }
  /// When to be called even if nothing happens.
  var retryAt: ContinuousClock.Instant? { get }
  /// A second socket to poll for reading.
  var monitor: RawSocket? { get }

  func readable(_ buffer: ReceiveBuffer)
  func writable()
  func monitorReadable(_ buffer: ReceiveBuffer)
  func retry(at now: ContinuousClock.Instant)
  func close()
  /// Tells its user that the reactor is being shut down.
  func announceClosing()
}

/// How many messages are read from a socket before others get their turn.
let readBatch = 256

extension ReactorSocket {
  /// Reads what is there, up to a batch of messages.
  func receive(_ buffer: ReceiveBuffer, limits: SocketLimits, fromPeers: Bool) -> [InboundMessage] {
    var messages: [InboundMessage] = []
    while messages.count < readBatch, buffer.receive(from: raw) {
      var peer: PeerID?
      if fromPeers {
        peer = PeerID(routingID: buffer.bytes())
        guard buffer.hasMore, buffer.receive(from: raw) else { continue }
      }
      messages.append(receiveRest(buffer, limits: limits, peer: peer))
    }
    return messages
  }

  /// Reads the message whose first frame is in the buffer to its end.
  private func receiveRest(_ buffer: ReceiveBuffer, limits: SocketLimits, peer: PeerID?) -> InboundMessage {
    var message = InboundMessage(
      peer: peer, sender: peer == nil ? nil : buffer.sender(), frames: [], byteCount: 0, frameCount: 0)
    while true {
      message.frameCount += 1
      message.byteCount += buffer.count
      if message.frameCount <= limits.frames, message.byteCount <= limits.bytes {
        message.frames.append(buffer.bytes())
      }
      guard buffer.hasMore, buffer.receive(from: raw) else { return message }
    }
  }
}

/// A bound socket, for use from any thread.
public final class ServerSocket: Sendable {
  private let id: SocketID
  private let mailbox: Mailbox

  init(id: SocketID, mailbox: Mailbox) {
    self.id = id
    self.mailbox = mailbox
  }

  deinit {
    let id = id
    mailbox.post(.perform { $0.close(id) })
  }

  /// Sends messages, each whole, in order for each peer; one wake-up for all.
  ///
  /// A message is dropped when its peer is gone, or asks on and on without reading.
  public func send(_ messages: [OutboundMessage]) { mailbox.post(.send(id, messages, bytes: 0)) }

  /// Stops or resumes reading; what comes meanwhile waits with its senders.
  public func setReading(_ isReading: Bool) {
    let id = id
    mailbox.post(.perform { ($0.socket(id) as? RouterSocket)?.isPaused = !isReading })
  }

  /// Waits until everything asked of the socket so far has been done.
  func settle() async { await perform { _ in } }

  /// Removes the socket files, so that nobody else connects; peers that are connected can still ask and be answered.
  public func hide() async {
    let id = id
    await perform { ($0.socket(id) as? RouterSocket)?.hide() }
  }

  /// Closes the socket once everything sent before has been handed to libzmq, which has a second to deliver it.
  public func close() async {
    let id = id
    await perform { $0.close(id) }
  }

  private func perform(_ action: @escaping @Sendable (ReactorLoop) -> Void) async {
    await withCheckedContinuation { continuation in
      let isPosted = mailbox.post(
        .perform { loop in
          action(loop)
          continuation.resume()
        })
      if !isPosted { continuation.resume() }
    }
  }
}

/// A connecting socket, for use from any thread.
public final class ClientSocket: Sendable {
  private let id: SocketID
  private let mailbox: Mailbox
  private let queued: QueuedBytes

  init(id: SocketID, mailbox: Mailbox, queuedBytes: QueuedBytes) {
    self.id = id
    self.mailbox = mailbox
    queued = queuedBytes
  }

  deinit { close() }

  /// Bytes handed over that libzmq has not taken, because the peer does not read or is not there.
  public var queuedBytes: Int { queued.value }

  /// Sends a message, whole. What waits when the connection is lost is dropped.
  public func send(_ frames: [[UInt8]]) {
    let bytes = frames.reduce(0) { $0 + $1.count }
    queued.add(bytes)
    mailbox.post(.sendToPeer(id, frames: frames, bytes: bytes))
  }

  /// Closes the socket at once.
  public func close() {
    let id = id
    mailbox.post(.perform { $0.close(id) })
  }
}

/// The mode of socket files: read and write for owner and group (0660).
enum SocketMode {
  /// Gives the calling thread a umask of its own, where the system lets it.
  ///
  /// A umask belongs to the process; without this, files that other threads make during a bind would lose rights.
  static func separateThread() { _ = gonogo_unshare_file_system_attributes() }

  /// Runs the body under umask 0117.
  static func withGroupAccessOnly(_ body: () throws(ZeroMQError) -> Void) throws(ZeroMQError) {
    let before = umask(0o117)
    defer { umask(before) }
    try body()
  }
}
