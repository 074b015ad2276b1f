import CZeroMQ
import Glibc
public import Logging
import Synchronization

/// The thread of a process that owns its ZeroMQ context and every socket.
///
/// ZeroMQ sockets are not thread-safe, so other threads send it commands through a lock-protected queue. Received
/// messages are delivered in batches on the reactor's thread; handlers must not block.
public final class Reactor: Sendable {
  let mailbox: Mailbox
  let logger: Logger
  private let identity: CurveIdentity?

  /// Raises the file-descriptor limit, because a libzmq listener aborts the process when descriptors run out, and
  /// starts the thread.
  ///
  /// - Parameter identity: the identity over TCP; without it, only Unix sockets can be used.
  public init(logger: Logger, identity: CurveIdentity? = nil) throws(ZeroMQError) {
    let limit = DescriptorLimit.raise()
    if limit < 1_024 { logger.warning("the file-descriptor limit is below 1024", metadata: ["limit": "\(limit)"]) }
    guard let context = zmq_ctx_new() else { throw ZeroMQError.system("cannot create a ZeroMQ context") }
    zmq_ctx_set(context, ZMQ_BLOCKY, 0)
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 4_096)
    mailbox = try Mailbox()
    self.logger = logger
    self.identity = identity
    try ReactorThread.start(ReactorThread(context: context, mailbox: mailbox, identity: identity, logger: logger))
  }

  deinit { mailbox.post(.perform { $0.stop {} }) }

  /// Binds one server socket to all the endpoints.
  ///
  /// - Parameters:
  ///   - isStranger: whether the sender of a message is unknown, in which case the rate of its messages is limited.
  /// Called on the reactor's thread when a peer sends its first message, and every few seconds.
  ///   - messages: called on the reactor's thread with received messages, in order of arrival.
  /// - Throws: `inUse` if another process serves one of the endpoints, `notASocket` if a file of another kind is at a
  ///   path, `unguarded` if a TCP endpoint admits unknown keys, and others.
  public func bind(
    _ endpoints: [Endpoint], limits: SocketLimits = SocketLimits(),
    isStranger: @escaping @Sendable (MessageSender) -> Bool = { _ in false },
    messages: @escaping @Sendable ([InboundMessage]) -> Void
  ) async throws(ZeroMQError) -> ServerSocket {
    let id = mailbox.newSocketID()
    let eventfd = mailbox.descriptor
    let events = SocketEvents(messages: messages, change: { _ in })
    let result: Result<Void, ZeroMQError> = await withCheckedContinuation { continuation in
      let isPosted = mailbox.post(
        .perform { loop in
          continuation.resume(
            returning: Result { () throws(ZeroMQError) in
              loop.add(
                try RouterSocket(
                  context: loop.context, endpoints: endpoints, identity: try loop.authenticatedIdentity(),
                  limits: limits, events: events, isStranger: isStranger, eventfd: eventfd, logger: loop.logger), id)
            })
        })
      if !isPosted { continuation.resume(returning: .failure(.shutDown)) }
    }
    try result.get()
    let socket = ServerSocket(id: id, mailbox: mailbox)
    if let identity {
      for endpoint in endpoints where endpoint.isTCP { try await verifyRejectsUnknownKeys(endpoint, identity) }
    }
    return socket
  }

  /// Connects a client's socket. Returns before the connection is established; `change` reports its progress.
  ///
  /// - Parameters:
  ///   - messages: called on the reactor's thread with received messages, in order of arrival.
  ///   - change: called on the reactor's thread when the connection is established, lost or fails.
  /// - Returns: the socket; nil if the reactor has been shut down.
  public func connect(
    _ endpoint: Endpoint, limits: SocketLimits = SocketLimits(),
    messages: @escaping @Sendable ([InboundMessage]) -> Void, change: @escaping @Sendable (ConnectionChange) -> Void
  ) -> ClientSocket? {
    connect(endpoint, as: identity?.own, limits: limits, messages: messages, change: change)
  }

  /// Connects with the given key pair instead of this process's own.
  func connect(
    _ endpoint: Endpoint, as own: CurveKeyPair?, limits: SocketLimits = SocketLimits(),
    messages: @escaping @Sendable ([InboundMessage]) -> Void, change: @escaping @Sendable (ConnectionChange) -> Void
  ) -> ClientSocket? {
    let id = mailbox.newSocketID()
    let queuedBytes = QueuedBytes()
    let events = SocketEvents(messages: messages, change: change)
    let isPosted = mailbox.post(
      .perform { loop in
        do throws(ZeroMQError) {
          loop.add(
            try DealerSocket(
              context: loop.context, id: id, endpoint: endpoint, own: own, limits: limits, events: events,
              queuedBytes: queuedBytes), id)
        } catch {
          change(.failed(ConnectError(.other, error.detail)))
        }
      })
    guard isPosted else { return nil }
    return ClientSocket(id: id, mailbox: mailbox, queuedBytes: queuedBytes)
  }

  /// Schedules an action to run on the reactor's thread at the given moment or shortly after. It must not block.
  public func schedule(at moment: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) {
    mailbox.post(.perform { $0.schedule(action, at: moment) })
  }

  /// Closes every socket, waits up to one second for pending messages to be sent, and stops the thread. The reactor
  /// cannot be used afterwards.
  public func shutdown() async {
    await withCheckedContinuation { continuation in
      let isPosted = mailbox.post(.perform { $0.stop { continuation.resume() } })
      if !isPosted { continuation.resume() }
    }
  }
}

extension ZeroMQError {
  static let shutDown = ZeroMQError(.closed, "the reactor has been shut down")
}

/// A command from the rest of the process to the reactor's thread.
enum Command: Sendable {
  case send(SocketID, [OutboundMessage], bytes: Int)
  case sendToPeer(SocketID, frames: [[UInt8]], bytes: Int)
  case perform(@Sendable (ReactorLoop) -> Void)
}

/// Identifies a socket of a reactor; ids are never reused.
struct SocketID: Hashable, Sendable {
  let number: Int
}

/// The lock-protected queue of commands to the reactor's thread, and the eventfd that wakes it.
final class Mailbox: Sendable {
  private struct State {
    var commands: [Command] = []
    var isClosed = false
  }

  let descriptor: Int32
  private let state = Mutex(State())
  private let nextSocket = Atomic<Int>(1)

  init() throws(ZeroMQError) {
    descriptor = gonogo_eventfd()
    guard descriptor >= 0 else { throw ZeroMQError.system("cannot create an eventfd", errno) }
  }

  deinit { Glibc.close(descriptor) }

  func newSocketID() -> SocketID { SocketID(number: nextSocket.wrappingAdd(1, ordering: .relaxed).oldValue) }

  /// Queues a command. Wakes the thread only if the queue was empty, so that a burst costs one system call.
  ///
  /// - Returns: false if the reactor has been shut down; the command is then discarded.
  @discardableResult
  func post(_ command: Command) -> Bool {
    let wakes: Bool? = state.withLock { state in
      guard !state.isClosed else { return nil }
      state.commands.append(command)
      return state.commands.count == 1
    }
    if wakes == true { wake() }
    return wakes != nil
  }

  /// Moves all queued commands into the given array, whose storage is reused.
  func drain(into commands: inout [Command]) {
    commands.removeAll(keepingCapacity: true)
    state.withLock { swap(&$0.commands, &commands) }
  }

  /// Rejects commands from now on; those already queued can still be drained.
  func close() { state.withLock { $0.isClosed = true } }

  /// Resets the eventfd after a wake-up.
  func acknowledgeWake() {
    var value: eventfd_t = 0
    eventfd_read(descriptor, &value)
  }

  private func wake() { eventfd_write(descriptor, 1) }
}

/// The initial state of the reactor's thread.
///
/// Safe to send: the context is the only non-Sendable member; it is thread-safe, and from here on only the thread uses
/// it.
struct ReactorThread: @unchecked Sendable {
  let context: UnsafeMutableRawPointer
  let mailbox: Mailbox
  let identity: CurveIdentity?
  let logger: Logger

  private final class Box {
    let thread: ReactorThread
    init(_ thread: ReactorThread) { self.thread = thread }
  }

  /// Starts the thread, detached and with all signals blocked, so that other threads handle them.
  static func start(_ thread: ReactorThread) throws(ZeroMQError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    var handle = pthread_t()
    let box = Unmanaged.passRetained(Box(thread))
    let code = pthread_create(&handle, &attributes, { ReactorThread.main($0) }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw ZeroMQError.system("cannot start the reactor's thread", code)
    }
  }

  private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let thread = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().thread
    ReactorLoop(
      context: thread.context, mailbox: thread.mailbox, identity: thread.identity, logger: thread.logger
    ).run()
    return nil
  }
}

/// The event loop on the reactor's thread: owns the context and every socket, and polls them all in one call.
final class ReactorLoop {
  let context: UnsafeMutableRawPointer
  let logger: Logger
  private let mailbox: Mailbox
  private let buffer = ReceiveBuffer()
  private var sockets: [SocketID: any ReactorSocket] = [:]
  private var timers = TimerQueue<@Sendable () -> Void>()
  private var commands: [Command] = []
  private var items: [zmq_pollitem_t] = []
  private var polled: [(socket: SocketID, isMonitor: Bool)] = []
  private var isRunning = true
  private var stopCompletions: [@Sendable () -> Void] = []

  private let identity: CurveIdentity?
  private var authentication: Result<Authenticator, ZeroMQError>?

  init(context: UnsafeMutableRawPointer, mailbox: Mailbox, identity: CurveIdentity?, logger: Logger) {
    self.context = context
    self.mailbox = mailbox
    self.identity = identity
    self.logger = logger
  }

  /// Runs until `stop`, then closes every socket and the context.
  func run() {
    gonogo_name_thread("zeromq")
    SocketMode.unshareUmask()
    startAuthentication()
    while isRunning {
      poll()
      runCommands()
      runTimers()
    }
    mailbox.close()
    runCommands()
    for socket in sockets.values {
      socket.close()
      socket.announceClosing()
    }
    sockets = [:]
    while zmq_ctx_term(context) != 0, zmq_errno() == EINTR {}
    for action in stopCompletions { action() }
  }

  /// Binds the authenticator. Called before any command runs, so that no socket is bound without it.
  private func startAuthentication() {
    guard let identity else { return }
    authentication = Result { () throws(ZeroMQError) in
      try Authenticator(context: context, admits: identity.admits, logger: logger)
    }
    if case .success(let authenticator) = authentication { add(authenticator, mailbox.newSocketID()) }
  }

  /// Returns the identity; nil if the process has none. Throws if there is one but the authenticator could not be
  /// started.
  func authenticatedIdentity() throws(ZeroMQError) -> CurveIdentity? {
    _ = try authentication?.get()
    return identity
  }

  /// Sets the key whose rejection is not logged. Without an authenticator there is nothing to set.
  func setProbeKey(_ key: CurveKey?) {
    if case .success(let authenticator) = authentication { authenticator.probeKey = key }
  }

  private func poll() {
    prepareItems()
    let count = zmq_poll(&items, Int32(items.count), timeout())
    guard count > 0 else { return }
    if items[0].revents != 0 { mailbox.acknowledgeWake() }
    for (item, origin) in zip(items.dropFirst(), polled) where item.revents != 0 {
      guard let socket = sockets[origin.socket] else { continue }
      if origin.isMonitor {
        socket.monitorReadable(buffer)
        continue
      }
      if Int32(item.revents) & ZMQ_POLLOUT != 0 { socket.writable() }
      if Int32(item.revents) & ZMQ_POLLIN != 0 { socket.readable(buffer) }
    }
  }

  private func prepareItems() {
    items.removeAll(keepingCapacity: true)
    polled.removeAll(keepingCapacity: true)
    items.append(zmq_pollitem_t(socket: nil, fd: mailbox.descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    for (id, socket) in sockets {
      if let monitor = socket.monitor {
        items.append(zmq_pollitem_t(socket: monitor.pointer, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
        polled.append((id, true))
      }
      guard socket.interest != 0 else { continue }
      items.append(zmq_pollitem_t(socket: socket.raw.pointer, fd: 0, events: Int16(socket.interest), revents: 0))
      polled.append((id, false))
    }
  }

  /// Returns the milliseconds until the next timer is due, rounded up, at most 60,000; -1 if there is none.
  private func timeout() -> Int {
    let moments = sockets.values.compactMap(\.retryAt) + [timers.next].compactMap(\.self)
    guard let first = moments.min() else { return -1 }
    let (seconds, attoseconds) = (first - .now).components
    let milliseconds = seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int(max(0, min(milliseconds, 60_000)))
  }

  private func runCommands() {
    mailbox.drain(into: &commands)
    for command in commands {
      switch command {
      case .send(let id, let messages, _): (sockets[id] as? RouterSocket)?.send(messages)
      case .sendToPeer(let id, let frames, let bytes): (sockets[id] as? DealerSocket)?.send(frames, bytes: bytes)
      case .perform(let action): action(self)
      }
    }
  }

  private func runTimers() {
    let now = ContinuousClock.now
    while let action = timers.popDue(at: now) { action() }
    for socket in sockets.values { socket.retry(at: now) }
  }

  func add(_ socket: any ReactorSocket, _ id: SocketID) { sockets[id] = socket }

  func socket(_ id: SocketID) -> (any ReactorSocket)? { sockets[id] }

  func close(_ id: SocketID) { sockets.removeValue(forKey: id)?.close() }

  func schedule(_ action: @escaping @Sendable () -> Void, at moment: ContinuousClock.Instant) {
    timers.add(action, at: moment)
  }

  func stop(then action: @escaping @Sendable () -> Void) {
    isRunning = false
    stopCompletions.append(action)
  }
}
