import CZeroMQ
import Glibc
import Logging

/// What runs on the reactor's thread: it owns the context and every socket, and waits in one place for all of them.
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
  private var afterEnd: [@Sendable () -> Void] = []

  private let identity: CurveIdentity?
  private var authentication: Result<Authenticator, ZeroMQError>?

  init(context: UnsafeMutableRawPointer, mailbox: Mailbox, identity: CurveIdentity?, logger: Logger) {
    self.context = context
    self.mailbox = mailbox
    self.identity = identity
    self.logger = logger
  }

  /// Works until `stop`, then closes every socket and the context.
  func run() {
    gonogo_name_thread("zeromq")
    SocketMode.separateThread()
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
    for action in afterEnd { action() }
  }

  /// Before any command, so that no socket is bound without it.
  private func startAuthentication() {
    guard let identity else { return }
    authentication = Result { () throws(ZeroMQError) in
      try Authenticator(context: context, admits: identity.admits, logger: logger)
    }
    if case .success(let authenticator) = authentication { add(authenticator, mailbox.newSocketID()) }
  }

  /// The identity, with somebody who answers for it; nil where there is none.
  func guardedIdentity() throws(ZeroMQError) -> CurveIdentity? {
    _ = try authentication?.get()
    return identity
  }

  /// Whose refusal is to be expected.
  func expectRefusal(of key: CurveKey?) { (try? authentication?.get())?.expected = key }

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

  /// Milliseconds until something is due, rounded up; -1 for ever.
  private func timeout() -> Int {
    let moments = sockets.values.compactMap(\.retryAt) + [timers.next].compactMap(\.self)
    guard let first = moments.min() else { return -1 }
    let (seconds, attoseconds) = (first - .now).components
    let milliseconds = seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    return Int(max(0, min(milliseconds, 60_000)))
  }

  private func runCommands() {
    mailbox.take(into: &commands)
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

  // What commands ask for.

  func add(_ socket: any ReactorSocket, _ id: SocketID) { sockets[id] = socket }

  func socket(_ id: SocketID) -> (any ReactorSocket)? { sockets[id] }

  func close(_ id: SocketID) { sockets.removeValue(forKey: id)?.close() }

  func schedule(_ action: @escaping @Sendable () -> Void, at moment: ContinuousClock.Instant) {
    timers.add(action, at: moment)
  }

  func stop(then action: @escaping @Sendable () -> Void) {
    isRunning = false
    afterEnd.append(action)
  }
}
