import CZeroMQ
import Logging
import Synchronization

/// A client's socket: a DEALER that is connected to one endpoint and has a socket monitor.
///
/// It passes messages to libzmq only while it is connected. (`ZMQ_IMMEDIATE` would do the same, but it makes libzmq
/// discard received, unread answers when the peer disconnects.)
final class DealerSocket: ReactorSocket {
  let raw: RawSocket
  private(set) var monitor: RawSocket?
  var retryAt: ContinuousClock.Instant? { nil }

  private let endpoint: Endpoint
  private let limits: SocketLimits
  private let events: SocketEvents
  private let queuedBytes: QueuedBytes
  private var isConnected = false
  /// When the transport last began to connect, and when it last connected.
  private var triedAt: ContinuousClock.Instant?
  private var acceptedAt: ContinuousClock.Instant?
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
      try raw.set(ZMQ_HANDSHAKE_IVL, Self.handshakeLimit)
      // A host that is down does not answer, and the system's own timeout is several minutes.
      try raw.set(ZMQ_CONNECT_TIMEOUT, Self.connectLimit)
      try raw.set(ZMQ_SNDHWM, limits.highWaterMark)
      try raw.set(ZMQ_RCVHWM, limits.highWaterMark)
      try raw.set(ZMQ_MAXMSGSIZE, long: limits.disconnectFrame)
      try startMonitor(context, id)
      if endpoint.isTCP { try configureCurve(own) }
      guard zmq_connect(raw.pointer, endpoint.address) == 0 else {
        throw ZeroMQError.system("cannot connect to \(endpoint)")
      }
    } catch {
      close()
      throw error
    }
  }

  /// How long a handshake may take before libzmq connects again, in milliseconds.
  private static let handshakeLimit = 5_000
  /// How long a host may take to accept a connection, in milliseconds.
  private static let connectLimit = 1_000

  private func configureCurve(_ own: CurveKeyPair?) throws(ZeroMQError) {
    guard let own, let server = endpoint.serverKey else {
      throw ZeroMQError(
        .badKeys,
        "connecting to \(endpoint) requires keys: generate them with `gonogo keys new` "
          + "and set GONOGO_KEYS to the folder")
    }
    try raw.configureCurveClient(own, to: server)
  }

  private func startMonitor(_ context: UnsafeMutableRawPointer, _ id: SocketID) throws(ZeroMQError) {
    let address = "inproc://monitor-\(id.number)"
    guard zmq_socket_monitor(raw.pointer, address, ZMQ_EVENT_ALL) == 0 else {
      throw ZeroMQError.system("cannot monitor the socket for \(endpoint)")
    }
    let pair = try RawSocket(ZMQ_PAIR, in: context)
    monitor = pair
    try pair.set(ZMQ_LINGER, 0)
    guard zmq_connect(pair.pointer, address) == 0 else {
      throw ZeroMQError.system("cannot monitor the socket for \(endpoint)")
    }
  }

  var interest: Int32 { ZMQ_POLLIN | (isConnected && firstWaiting < waiting.count ? ZMQ_POLLOUT : 0) }

  func readable(_ buffer: ReceiveBuffer) {
    let messages = receive(buffer, limits: limits)
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
      handle(Int32(UInt16(frame[0]) | UInt16(frame[1]) << 8), buffer)
    }
  }

  private func handle(_ event: Int32, _ buffer: ReceiveBuffer) {
    switch event {
    case ZMQ_EVENT_CONNECT_DELAYED: triedAt = .now
    case ZMQ_EVENT_CONNECTED: acceptedAt = .now
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      isConnected = true
      events.change(.connected)
      writable()
    case ZMQ_EVENT_DISCONNECTED where isConnected:
      isConnected = false
      while case let messages = receive(buffer, limits: limits), !messages.isEmpty {
        events.messages(messages)
      }
      dropWaiting()
      events.change(.disconnected)
    case ZMQ_EVENT_CONNECT_RETRIED: if let failure = diagnose() { events.change(.failed(failure)) }
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: events.change(.failed(.keyRejected(by: endpoint)))
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      events.change(.failed(handshakeFailure()))
    default: break
    }
  }

  /// Determines why a handshake failed. A peer that stays silent until the limit may well have the right key.
  private func handshakeFailure() -> ConnectError {
    let isSilent = acceptedAt.map { .now - $0 > .milliseconds(Self.handshakeLimit - 500) } ?? false
    return isSilent ? .notAnswering(endpoint.description) : .handshakeFailed(with: endpoint)
  }

  /// Determines why connecting failed, because libzmq does not report it; nil if it would succeed now.
  private func diagnose() -> ConnectError? {
    guard let path = endpoint.path else {
      if let triedAt, .now - triedAt > .milliseconds(Self.connectLimit - 100) {
        return .notAnswering(endpoint.description)
      }
      return ConnectError(
        .notListening, "cannot connect to \(endpoint): no process is listening there, or a firewall blocks it")
    }
    switch SocketProbe.probe(path) {
    case .live: return nil
    case .absent: return ConnectError(.notListening, "no socket at \(path)")
    case .stale: return ConnectError(.notListening, "no process is listening on \(path)")
    case .notASocket: return ConnectError(.other, "\(path) exists but is not a socket")
    case .denied:
      return ConnectError(
        .permissionDenied,
        "permission denied on the socket \(path); join the group that owns it, or run as its owner")
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

/// Counts the bytes of a client's messages that libzmq has not accepted yet.
final class QueuedBytes: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .relaxed) }
  func add(_ bytes: Int) { count.wrappingAdd(bytes, ordering: .relaxed) }
  func remove(_ bytes: Int) { count.wrappingSubtract(bytes, ordering: .relaxed) }
}

extension ConnectError {
  /// The server has rejected this process's key.
  static func keyRejected(by endpoint: Endpoint) -> ConnectError {
    ConnectError(
      .permissionDenied,
      "\(endpoint) rejected this process's key; `gonogo keys show` prints it: add it to people.yaml as a principal, "
        + "or to the server's `clients` list")
  }

  /// The process at the endpoint has not completed a handshake in time.
  public static func notAnswering(_ endpoint: String) -> ConnectError {
    ConnectError(
      .notAnswering,
      "\(endpoint) completes no handshake: the process there is suspended or overloaded, or its host cannot be reached")
  }

  /// The listening process is not a gonogo server, or does not hold the expected key.
  static func handshakeFailed(with endpoint: Endpoint) -> ConnectError {
    guard let key = endpoint.serverKey else {
      return ConnectError(
        .notAnswering,
        "the process listening on \(endpoint.path ?? endpoint.address) does not complete a ZeroMQ handshake; "
          + "it is suspended, overloaded or not a gonogo process, or has too many connections of this user or in all")
    }
    return ConnectError(
      .other,
      "the process listening on \(endpoint) did not prove that it holds the secret key of \(key); "
        + "check the server's key in the `servers` list")
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

  /// The bytes sent that libzmq has not accepted yet, because the peer is disconnected or does not read.
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
