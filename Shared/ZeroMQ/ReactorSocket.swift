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
  /// The events to poll for: `ZMQ_POLLIN`, `ZMQ_POLLOUT`, both or neither.
  var interest: Int32 { get }
  /// The time at which to call `retry` even without activity on the socket.
  var retryAt: ContinuousClock.Instant? { get }
  /// The socket monitor, which is also polled for reading.
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
  /// - Parameter frame: called with the bytes of each frame, including dropped ones.
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

/// A non-blocking libzmq socket. It may be used only on the reactor's thread.
struct RawSocket {
  let pointer: UnsafeMutableRawPointer

  init(_ kind: Int32, in context: UnsafeMutableRawPointer) throws(ZeroMQError) {
    guard let pointer = zmq_socket(context, kind) else { throw ZeroMQError.system("cannot create a ZeroMQ socket") }
    self.pointer = pointer
  }

  func close() { zmq_close(pointer) }

  func set(_ option: Int32, _ value: Int) throws(ZeroMQError) {
    var value = Int32(clamping: value)
    guard zmq_setsockopt(pointer, option, &value, MemoryLayout<Int32>.size) == 0 else {
      throw ZeroMQError.system("cannot set ZeroMQ socket option \(option)")
    }
  }

  func set(_ option: Int32, long value: Int) throws(ZeroMQError) {
    var value = Int64(value)
    guard zmq_setsockopt(pointer, option, &value, MemoryLayout<Int64>.size) == 0 else {
      throw ZeroMQError.system("cannot set ZeroMQ socket option \(option)")
    }
  }

  func set(_ option: Int32, text: String) throws(ZeroMQError) {
    guard zmq_setsockopt(pointer, option, text, text.utf8.count) == 0 else {
      throw ZeroMQError.system("cannot set ZeroMQ socket option \(option)")
    }
  }

  /// The outcome of a send.
  enum SendOutcome {
    case sent
    /// The queue is full; no part of the message has been sent.
    case full
    /// The peer has disconnected.
    case unreachable
    case failed(Int32)
  }

  /// Sends a message atomically; `first` is an optional frame before the others.
  func send(_ first: [UInt8]?, _ frames: [[UInt8]]) -> SendOutcome {
    if let first {
      let outcome = send(first, more: !frames.isEmpty)
      guard case .sent = outcome else { return outcome }
    }
    for (index, frame) in frames.enumerated() {
      let outcome = send(frame, more: index < frames.count - 1)
      guard case .sent = outcome else { return outcome }
    }
    return .sent
  }

  private func send(_ frame: [UInt8], more: Bool) -> SendOutcome {
    let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
    while true {
      let count = frame.withUnsafeBytes { zmq_send(pointer, $0.baseAddress, $0.count, flags) }
      if count >= 0 { return .sent }
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return .full
      case EHOSTUNREACH: return .unreachable
      case let code: return .failed(code)
      }
    }
  }
}

/// A reusable libzmq message into which frames are received.
final class ReceiveBuffer {
  private let message = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)

  init() { zmq_msg_init(message) }

  deinit {
    zmq_msg_close(message)
    message.deallocate()
  }

  /// Receives a frame without blocking; returns false if none is available.
  func receive(from socket: RawSocket) -> Bool {
    while zmq_msg_recv(message, socket.pointer, ZMQ_DONTWAIT) < 0 {
      guard zmq_errno() == EINTR else { return false }
    }
    return true
  }

  var hasMore: Bool { zmq_msg_more(message) != 0 }
  var count: Int { zmq_msg_size(message) }

  /// Returns a copy of the frame's bytes.
  func bytes() -> [UInt8] {
    let count = count
    guard count > 0, let source = zmq_msg_data(message) else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(start: source, count: count))
      initialized = count
    }
  }

  /// The descriptor of the connection that the frame came from; -1 if unknown.
  var sourceDescriptor: Int32 { zmq_msg_get(message, ZMQ_SRCFD) }

  /// Returns the sender: the kernel's peer credentials on a Unix socket, the authenticated key over TCP.
  ///
  /// A peer cannot forge these: libzmq's own `Peer-Address` and the authenticator's `User-Id` take precedence over
  /// properties of the same names that a peer sends. On a Unix socket no authenticator sets `User-Id`, so that it is
  /// not read there.
  func sender() -> MessageSender? {
    guard let address = zmq_msg_gets(message, "Peer-Address") else { return nil }
    if let credentials = PeerCredentials(peerAddress: String(cString: address)) { return .process(credentials) }
    // A User-Id that is not a key was not set by our authenticator.
    guard let user = zmq_msg_gets(message, "User-Id"), let key = try? CurveKey(String(cString: user)) else {
      return nil
    }
    return .key(key)
  }
}

extension PeerCredentials {
  /// Parses libzmq's `Peer-Address` of an ipc connection, `localhost:UID:GID:PID`; nil for any other form.
  init?(peerAddress: String) {
    let fields = peerAddress.split(separator: ":", omittingEmptySubsequences: false)
    guard fields.count == 4, fields[0] == "localhost", let uid = UInt32(fields[1]), let gid = UInt32(fields[2]),
      let pid = Int32(fields[3])
    else { return nil }
    self.init(uid: uid, gid: gid, pid: pid)
  }
}
