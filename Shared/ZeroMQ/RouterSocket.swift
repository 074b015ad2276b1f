import CConnections
import CZeroMQ
import Glibc
import Logging
import Synchronization

/// A server's socket: a bound ROUTER.
final class RouterSocket: ReactorSocket {
  let raw: RawSocket
  var isPaused = false
  var monitor: RawSocket? { nil }

  private let limits: SocketLimits
  private let events: SocketEvents
  private let isStranger: @Sendable (MessageSender) -> Bool
  private let eventfd: Int32
  private let logger: Logger
  private let watch: ConnectionWatch
  private var claims: [EndpointClaim] = []
  private var peers: [PeerID: RouterPeer] = [:]
  /// The peers for which replies are waiting.
  private var waiting: Set<PeerID> = []
  private var waitingBytes = 0
  /// An upper bound of the bytes that libzmq holds for all peers: each send increases it, and only a recount lowers it.
  private var passedBytes = 0
  /// Whether all complete messages have been read.
  private var isDrained = true
  private var retryWaitingAt: ContinuousClock.Instant?
  private var examinePeersAt = ContinuousClock.now

  /// How often to check which peers have left, and which are strangers according to the current roster.
  private static let examination = Duration.seconds(2)
  /// How often to retry waiting replies, in case a wake-up is missed.
  private static let retryDelay = Duration.milliseconds(50)

  init(
    context: UnsafeMutableRawPointer, endpoints: [Endpoint], identity: CurveIdentity?, limits: SocketLimits,
    events: SocketEvents, isStranger: @escaping @Sendable (MessageSender) -> Bool, eventfd: Int32, logger: Logger
  ) throws(ZeroMQError) {
    guard gonogo_connections_interposed() else {
      throw ZeroMQError(
        .system, "this executable does not count its connections: accept4 and others are not its own; link it again")
    }
    self.limits = limits
    self.events = events
    self.isStranger = isStranger
    self.eventfd = eventfd
    self.logger = logger
    watch = ConnectionWatch(logger: logger)
    raw = try RawSocket(ZMQ_ROUTER, in: context)
    gonogo_connections_add_waker(eventfd)
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

  // MARK: Requests

  func readable(_ buffer: ReceiveBuffer) {
    var messages: [InboundMessage] = []
    isDrained = false
    while messages.count < readBatch {
      guard buffer.receive(from: raw) else {
        isDrained = true
        break
      }
      let id = PeerID(routingID: buffer.bytes())
      guard buffer.hasMore, buffer.receive(from: raw) else { continue }
      let peer = peer(id, buffer)
      var cost = 0
      messages.append(
        receiveRest(buffer, limits: limits, peer: id, sender: peer.sender) {
          cost += peer.wireBytes(ofFrame: $0) + 64
        })
      peer.delivered(cost: cost)
    }
    if !messages.isEmpty { events.messages(messages) }
  }

  /// Returns the peer that the message in the buffer comes from.
  private func peer(_ id: PeerID, _ buffer: ReceiveBuffer) -> RouterPeer {
    if let peer = peers[id] { return peer }
    let sender = buffer.sender()
    let peer = RouterPeer(id: id, sender: sender, descriptor: buffer.sourceDescriptor, eventfd: eventfd)
    peer.setStranger(sender.map(isStranger) ?? true)
    peers[id] = peer
    return peer
  }

  // MARK: Replies

  func writable() {}
  func monitorReadable(_ buffer: ReceiveBuffer) {}

  func send(_ messages: [OutboundMessage]) {
    for message in messages {
      guard let peer = peers[message.peer] else {
        logger.debug("reply dropped: peer disconnected")
        continue
      }
      if message.refusals > 0 { peer.charge(message.refusals * ConnectionLimits.messageUnits) }
      let before = peer.waitingBytes
      peer.send(message.frames, on: raw)
      if peer.isWaiting {
        waitingBytes += peer.waitingBytes - before
        waiting.insert(message.peer)
      } else {
        passedBytes += message.frames.reduce(0) { $0 + $1.count + 9 }
      }
      if waitingBytes + passedBytes > limits.replyBytes { dropSlowest() }
    }
    if !waiting.isEmpty, retryWaitingAt == nil { retryWaitingAt = .now + Self.retryDelay }
  }

  /// Ends the connections of the peers with the most unread replies until all replies are within the limit.
  private func dropSlowest() {
    passedBytes = peers.values.reduce(0) { $0 + $1.unsentBytes }
    while waitingBytes + passedBytes > limits.replyBytes,
      let slowest = peers.values.max(by: { $0.heldBytes < $1.heldBytes }), slowest.heldBytes > 0
    {
      logger.warning(
        "connection closed: the peer does not read its replies",
        metadata: ["peer": "\(slowest.sender?.description ?? "unknown")", "bytes": "\(slowest.heldBytes)"])
      passedBytes -= slowest.unsentBytes
      waitingBytes -= slowest.waitingBytes
      waiting.remove(slowest.id)
      slowest.drop()
    }
  }

  private func sendWaiting() {
    for id in Array(waiting) {
      guard let peer = peers[id] else { continue }
      let before = peer.waitingBytes
      if peer.sendWaiting(on: raw) { waiting.remove(id) }
      waitingBytes -= before - peer.waitingBytes
      passedBytes += before - peer.waitingBytes
    }
  }

  // MARK: Upkeep

  var retryAt: ContinuousClock.Instant? {
    let moments = [watch.next, retryWaitingAt, peers.isEmpty ? nil : examinePeersAt]
    return moments.compactMap(\.self).min()
  }

  /// Called after each wake-up of the reactor, so that it must cost little when there is nothing to do.
  func retry(at now: ContinuousClock.Instant) {
    if !waiting.isEmpty { sendWaiting() }
    retryWaitingAt = waiting.isEmpty ? nil : now + Self.retryDelay
    if !peers.isEmpty, examinePeersAt <= now { examinePeers(now) }
    watch.review(at: now, allDelivered: isDrained && !isPaused)
  }

  /// Removes the peers that have left, and determines again whether the others are strangers.
  private func examinePeers(_ now: ContinuousClock.Instant) {
    examinePeersAt = now + Self.examination
    for (id, peer) in peers {
      if peer.isOpen {
        peer.setStranger(peer.sender.map(isStranger) ?? true)
      } else {
        waitingBytes -= peer.waitingBytes
        waiting.remove(id)
        peers[id] = nil
      }
    }
  }

  func announceClosing() {}

  /// Removes the socket files so that no new client connects. (libzmq's own unbind would also end existing
  /// connections.)
  func unlinkSocketFiles() {
    for claim in claims { claim.removeSocket() }
  }

  func close() {
    gonogo_connections_remove_waker(eventfd)
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
