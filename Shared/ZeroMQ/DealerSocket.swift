import CZeroMQ
import Logging
import Synchronization

/// A client's socket: a DEALER that is connected to one endpoint, and watched by a monitor.
///
/// It hands libzmq messages only while it has a peer. (`ZMQ_IMMEDIATE` does so too, but when the peer goes away libzmq then
/// throws away answers that have come and have not been read.)
final class DealerSocket: ReactorSocket {
  let raw: RawSocket
  private(set) var monitor: RawSocket?
  var retryAt: ContinuousClock.Instant? { nil }

  private let endpoint: Endpoint
  private let limits: SocketLimits
  private let events: SocketEvents
  private let queuedBytes: QueuedBytes
  private var isConnected = false
  private var waiting: [(frames: [[UInt8]], bytes: Int)] = []
  private var firstWaiting = 0

  init(
    context: UnsafeMutableRawPointer, id: SocketID, endpoint: Endpoint, own: CurveKeyPair?, limits: SocketLimits,
    events: SocketEvents, queuedBytes: QueuedBytes
  ) throws(ZeroMQError) {
    self.endpoint = endpoint
    self.limits = limits
    self.events = events
    self.queuedBytes = queuedBytes
    raw = try RawSocket(ZMQ_DEALER, in: context)
    do throws(ZeroMQError) {
      try raw.set(ZMQ_LINGER, 0)
      try raw.set(ZMQ_RECONNECT_IVL, 100)
      try raw.set(ZMQ_RECONNECT_IVL_MAX, 5_000)
      try raw.set(ZMQ_HANDSHAKE_IVL, 5_000)
      // A host that is gone answers nothing, and the system would wait for it for minutes.
      try raw.set(ZMQ_CONNECT_TIMEOUT, 1_000)
      try raw.set(ZMQ_SNDHWM, limits.highWaterMark)
      try raw.set(ZMQ_RCVHWM, limits.highWaterMark)
      try raw.set(ZMQ_MAXMSGSIZE, long: limits.disconnectFrame)
      try watch(context, id)
      if endpoint.isTCP { try prove(own) }
      guard zmq_connect(raw.pointer, endpoint.address) == 0 else {
        throw ZeroMQError.system("cannot connect to \(endpoint)")
      }
    } catch {
      close()
      throw error
    }
  }

  private func prove(_ own: CurveKeyPair?) throws(ZeroMQError) {
    guard let own, let server = endpoint.serverKey else {
      throw ZeroMQError(
        .badKeys, "\(endpoint) is not connected to without keys: make some with `gonogo keys new`, and set GONOGO_KEYS")
    }
    try raw.connectCurve(own, to: server)
  }

  private func watch(_ context: UnsafeMutableRawPointer, _ id: SocketID) throws(ZeroMQError) {
    let address = "inproc://monitor-\(id.number)"
    guard zmq_socket_monitor(raw.pointer, address, ZMQ_EVENT_ALL) == 0 else {
      throw ZeroMQError.system("cannot watch a socket")
    }
    let pair = try RawSocket(ZMQ_PAIR, in: context)
    monitor = pair
    try pair.set(ZMQ_LINGER, 0)
    guard zmq_connect(pair.pointer, address) == 0 else { throw ZeroMQError.system("cannot watch a socket") }
  }

  var interest: Int32 { ZMQ_POLLIN | (isConnected && firstWaiting < waiting.count ? ZMQ_POLLOUT : 0) }

  func readable(_ buffer: ReceiveBuffer) {
    let messages = receive(buffer, limits: limits, fromPeers: false)
    if !messages.isEmpty { events.messages(messages) }
  }

  func send(_ frames: [[UInt8]], bytes: Int) {
    waiting.append((frames, bytes))
    writable()
  }

  func writable() {
    guard isConnected else { return }
    while firstWaiting < waiting.count {
      let message = waiting[firstWaiting]
      if case .full = raw.send(nil, message.frames) { return }
      queuedBytes.remove(message.bytes)
      firstWaiting += 1
    }
    waiting.removeAll(keepingCapacity: true)
    firstWaiting = 0
  }

  func monitorReadable(_ buffer: ReceiveBuffer) {
    guard let monitor else { return }
    while buffer.receive(from: monitor) {
      let frame = buffer.bytes()
      if buffer.hasMore { _ = buffer.receive(from: monitor) }
      guard frame.count >= 2 else { continue }
      happened(Int32(UInt16(frame[0]) | UInt16(frame[1]) << 8), buffer)
    }
  }

  private func happened(_ event: Int32, _ buffer: ReceiveBuffer) {
    switch event {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      isConnected = true
      events.change(.connected)
      writable()
    case ZMQ_EVENT_DISCONNECTED where isConnected:
      isConnected = false
      while case let messages = receive(buffer, limits: limits, fromPeers: false), !messages.isEmpty {
        events.messages(messages)
      }
      dropWaiting()
      events.change(.disconnected)
    case ZMQ_EVENT_CONNECT_RETRIED: if let failure = diagnose() { events.change(.failed(failure)) }
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: events.change(.failed(.notLetIn(endpoint)))
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      events.change(.failed(.noHandshake(endpoint)))
    default: break
    }
  }

  /// Finds out why connecting did not succeed; libzmq does not say. Nil where it would succeed now.
  private func diagnose() -> ConnectError? {
    guard let path = endpoint.path else {
      return ConnectError(
        .nobodyBound, "there is no connection to \(endpoint): nobody listens there, or it is shut off")
    }
    switch SocketProbe.look(at: path) {
    case .live: return nil
    case .nothing: return ConnectError(.nobodyBound, "there is no socket at \(path)")
    case .stale: return ConnectError(.nobodyBound, "nobody listens on \(path)")
    case .notASocket: return ConnectError(.other, "\(path) is a file and no socket")
    case .denied:
      return ConnectError(
        .permissionDenied,
        "this user may not use the socket \(path); join the group that owns it, or run as its owner")
    case .unknown(let code): return ConnectError(.other, "cannot connect to \(path): \(errorText(code))")
    }
  }

  private func dropWaiting() {
    for message in waiting[firstWaiting...] { queuedBytes.remove(message.bytes) }
    waiting.removeAll()
    firstWaiting = 0
  }

  func announceClosing() { events.change(.closed) }

  func retry(at now: ContinuousClock.Instant) {}

  func close() {
    dropWaiting()
    if let monitor {
      zmq_socket_monitor(raw.pointer, nil, 0)
      monitor.close()
    }
    monitor = nil
    raw.close()
  }
}

/// How many bytes a client has handed over that libzmq has not taken.
final class QueuedBytes: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .relaxed) }
  func add(_ bytes: Int) { count.wrappingAdd(bytes, ordering: .relaxed) }
  func remove(_ bytes: Int) { count.wrappingSubtract(bytes, ordering: .relaxed) }
}

extension ConnectError {
  /// The server has refused this process's key.
  static func notLetIn(_ endpoint: Endpoint) -> ConnectError {
    ConnectError(
      .permissionDenied,
      "\(endpoint) does not let this key in; `gonogo keys show` prints it: add it to people.yaml as a principal, "
        + "or to the server's list of clients")
  }

  /// Whoever listens does not speak as a server of gonogo does.
  static func noHandshake(_ endpoint: Endpoint) -> ConnectError {
    guard let key = endpoint.serverKey else {
      return ConnectError(
        .other,
        "whoever listens on \(endpoint.path ?? endpoint.address) does not answer as ZeroMQ; it may be stopped or overloaded"
      )
    }
    return ConnectError(
      .other,
      "whoever listens on \(endpoint) does not prove to be the server of the key \(key); is it in the list of servers?")
  }
}
