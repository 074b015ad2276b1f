import CZeroMQ
import Glibc

/// The callbacks of a socket. They are called on the reactor's thread and must not block.
struct SocketEvents: Sendable {
  var messages: @Sendable ([InboundMessage]) -> Void
  var change: @Sendable (ConnectionChange) -> Void
}

/// A socket that the reactor's loop polls.
protocol ReactorSocket: AnyObject {
  var raw: RawSocket { get }
  /// What to poll for: `ZMQ_POLLIN`, `ZMQ_POLLOUT`, both or neither.
  var interest: Int32 { get }
  /// When to call `retry` even without activity on the socket.
  var retryAt: ContinuousClock.Instant? { get }
  /// The socket monitor, polled for reading as well.
  var monitor: RawSocket? { get }

  func readable(_ buffer: ReceiveBuffer)
  func writable()
  func monitorReadable(_ buffer: ReceiveBuffer)
  func retry(at now: ContinuousClock.Instant)
  func close()
  /// Notifies its owner that the reactor is shutting down.
  func announceClosing()
}

/// The number of messages read from a socket before the loop serves the others.
let readBatch = 256

extension ReactorSocket {
  /// Reads the available messages, up to `readBatch`.
  func receive(_ buffer: ReceiveBuffer, limits: SocketLimits) -> [InboundMessage] {
    var messages: [InboundMessage] = []
    while messages.count < readBatch, buffer.receive(from: raw) {
      messages.append(receiveRest(buffer, limits: limits))
    }
    return messages
  }

  /// Reads the rest of the message whose first frame is in the buffer.
  ///
  /// - Parameter frame: called with the bytes of each frame, dropped ones included.
  func receiveRest(
    _ buffer: ReceiveBuffer, limits: SocketLimits, peer: PeerID? = nil, sender: MessageSender? = nil,
    frame: (Int) -> Void = { _ in }
  ) -> InboundMessage {
    var message = InboundMessage(peer: peer, sender: sender, frames: [], byteCount: 0, frameCount: 0)
    while true {
      frame(buffer.count)
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

  /// Sends messages, each atomically and in order per peer, with a single wake-up of the reactor.
  ///
  /// A message is dropped if its peer has disconnected. A peer that does not read its replies is disconnected.
  public func send(_ messages: [OutboundMessage]) { mailbox.post(.send(id, messages, bytes: 0)) }

  /// Pauses or resumes reading. While paused, messages wait in their senders' queues.
  public func setReading(_ isReading: Bool) {
    let id = id
    mailbox.post(.perform { ($0.socket(id) as? RouterSocket)?.isPaused = !isReading })
  }

  /// Waits until the reactor has executed every command posted so far.
  func flushCommands() async { await perform { _ in } }

  /// Removes the socket files so that no new client connects. Connected peers can still send requests and receive
  /// replies.
  public func unlinkSocketFiles() async {
    let id = id
    await perform { ($0.socket(id) as? RouterSocket)?.unlinkSocketFiles() }
  }

  /// Closes the socket after passing everything sent so far to libzmq, which has one second to deliver it.
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

  /// The bytes sent that libzmq has not accepted yet, because the peer is disconnected or not reading.
  public var queuedBytes: Int { queued.value }

  /// Sends a message atomically. Messages still queued when the connection is lost are dropped.
  public func send(_ frames: [[UInt8]]) {
    let bytes = frames.reduce(0) { $0 + $1.count }
    queued.add(bytes)
    mailbox.post(.sendToPeer(id, frames: frames, bytes: bytes))
  }

  /// Closes the socket immediately.
  public func close() {
    let id = id
    mailbox.post(.perform { $0.close(id) })
  }
}

/// The mode of socket files: read and write for owner and group (0660).
enum SocketMode {
  /// Gives the calling thread its own umask, if the system allows it.
  ///
  /// The umask normally belongs to the whole process: without this, files that other threads create during a bind would
  /// get too few permissions.
  static func unshareUmask() { _ = gonogo_unshare_file_system_attributes() }

  /// Runs the body under umask 0117.
  static func withGroupAccessOnly(_ body: () throws(ZeroMQError) -> Void) throws(ZeroMQError) {
    let before = umask(0o117)
    defer { umask(before) }
    try body()
  }
}
