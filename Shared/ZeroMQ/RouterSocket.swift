import CZeroMQ
import Glibc
import Logging
import Synchronization

/// A server's socket: a bound ROUTER.
final class RouterSocket: ReactorSocket {
  let raw: RawSocket
  var isPaused = false
  private(set) var retryAt: ContinuousClock.Instant?
  var monitor: RawSocket? { nil }

  private let limits: SocketLimits
  private let events: SocketEvents
  private let logger: Logger
  private var claims: [EndpointClaim] = []
  private var backlogs: [PeerID: Backlog] = [:]
  private var retryDelay = Duration.milliseconds(1)
  private var dropped = 0

  /// The replies buffered for one peer that reads more slowly than it sends requests.
  private struct Backlog {
    var messages: [[[UInt8]]] = []
    var bytes = 0
  }

  init(
    context: UnsafeMutableRawPointer, endpoints: [Endpoint], identity: CurveIdentity?, limits: SocketLimits,
    events: SocketEvents, logger: Logger
  ) throws(ZeroMQError) {
    self.limits = limits
    self.events = events
    self.logger = logger
    raw = try RawSocket(ZMQ_ROUTER, in: context)
    do throws(ZeroMQError) {
      try raw.set(ZMQ_ROUTER_MANDATORY, 1)
      try raw.set(ZMQ_LINGER, 1_000)
      try raw.set(ZMQ_HANDSHAKE_IVL, 5_000)
      try raw.set(ZMQ_SNDHWM, limits.highWaterMark)
      try raw.set(ZMQ_RCVHWM, limits.highWaterMark)
      try raw.set(ZMQ_BACKLOG, 1_024)
      try raw.set(ZMQ_MAXMSGSIZE, long: limits.disconnectFrame)
      try bind(endpoints, identity)
    } catch {
      close()
      throw error
    }
  }

  /// Binds the Unix sockets first and then, with the CURVE options set, TCP: each libzmq bind uses the options in force
  /// at that moment.
  private func bind(_ endpoints: [Endpoint], _ identity: CurveIdentity?) throws(ZeroMQError) {
    for endpoint in endpoints { if let path = endpoint.path { try bind(path, endpoint.address) } }
    let remote = endpoints.filter(\.isTCP)
    guard let first = remote.first else { return }
    guard let identity else {
      throw ZeroMQError(
        .badKeys,
        "listening on \(first) requires keys: generate them with `gonogo keys new` and set GONOGO_KEYS to the folder")
    }
    try raw.configureCurveServer(identity)
    for endpoint in remote where zmq_bind(raw.pointer, endpoint.address) != 0 {
      throw ZeroMQError.system("cannot listen on \(endpoint)")
    }
  }

  private func bind(_ path: String, _ address: String) throws(ZeroMQError) {
    let claim = try EndpointClaim(path)
    try SocketMode.withGroupAccessOnly { () throws(ZeroMQError) in
      guard zmq_bind(raw.pointer, address) == 0 else { throw ZeroMQError.system("cannot listen on \(path)") }
    }
    claims.append(claim)
  }

  var interest: Int32 { isPaused ? 0 : ZMQ_POLLIN }

  func readable(_ buffer: ReceiveBuffer) {
    let messages = receive(buffer, limits: limits, fromPeers: true)
    if !messages.isEmpty { events.messages(messages) }
  }

  func writable() {}
  func monitorReadable(_ buffer: ReceiveBuffer) {}

  func send(_ messages: [OutboundMessage]) {
    for message in messages {
      if backlogs[message.peer] == nil, deliver(message.frames, to: message.peer) { continue }
      enqueue(message)
    }
  }

  /// Passes the message to libzmq; returns false if the peer's queue is full. Drops it if the peer has disconnected.
  private func deliver(_ frames: [[UInt8]], to peer: PeerID) -> Bool {
    switch raw.send(peer.routingID, frames) {
    case .sent: return true
    case .full: return false
    case .unreachable:
      logger.debug("reply dropped: peer disconnected")
      return true
    case .failed(let code):
      logger.warning("reply dropped: sending failed", metadata: ["reason": "\(errorText(code))"])
      return true
    }
  }

  /// Buffers the message, or drops it if the peer's backlog is full. Logs the first drop and then each power of two.
  private func enqueue(_ message: OutboundMessage) {
    let bytes = message.frames.reduce(0) { $0 + $1.count }
    var backlog = backlogs[message.peer] ?? Backlog()
    if backlog.bytes + bytes <= limits.backlogBytes {
      backlog.messages.append(message.frames)
      backlog.bytes += bytes
    } else {
      dropped += 1
      if dropped.nonzeroBitCount == 1 {
        logger.warning("replies dropped: a peer is not reading them", metadata: ["dropped": "\(dropped)"])
      }
    }
    backlogs[message.peer] = backlog
    if retryAt == nil {
      retryDelay = .milliseconds(1)
      retryAt = .now + retryDelay
    }
  }

  func retry(at now: ContinuousClock.Instant) {
    guard let due = retryAt, due <= now else { return }
    var progressed = false
    for peer in Array(backlogs.keys) {
      if drain(peer) { progressed = true }
    }
    guard !backlogs.isEmpty else {
      retryAt = nil
      return
    }
    retryDelay = progressed ? .milliseconds(1) : min(retryDelay * 2, .milliseconds(50))
    retryAt = now + retryDelay
  }

  /// Sends as much of a peer's backlog as libzmq accepts; returns whether anything was sent.
  private func drain(_ peer: PeerID) -> Bool {
    guard var backlog = backlogs.removeValue(forKey: peer) else { return false }
    let sent = backlog.messages.firstIndex { !deliver($0, to: peer) } ?? backlog.messages.count
    for frames in backlog.messages[..<sent] { backlog.bytes -= frames.reduce(0) { $0 + $1.count } }
    backlog.messages.removeFirst(sent)
    if !backlog.messages.isEmpty { backlogs[peer] = backlog }
    return sent > 0
  }

  func announceClosing() {}

  /// Removes the socket files so that no new client connects. (libzmq's own unbind would also end existing
  /// connections.)
  func unlinkSocketFiles() {
    for claim in claims { claim.removeSocket() }
  }

  func close() {
    unlinkSocketFiles()
    raw.close()
    claims = []
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
  /// A message is dropped if its peer has disconnected, or sends requests without reading the replies.
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
