import CZeroMQ
import Glibc
public import Logging

/// The one thread of a process that owns its ZeroMQ context and every socket.
///
/// Sockets are not thread-safe, so everybody else hands it commands through a locked queue. What comes in is handed over on
/// its thread, in batches; whoever takes it must return at once.
public final class Reactor: Sendable {
  let mailbox: Mailbox
  let logger: Logger
  private let identity: CurveIdentity?

  /// Raises the limit of file descriptors, for a listener of libzmq aborts the process without any, and starts the thread.
  ///
  /// - Parameter identity: who the process is over TCP; without it, Unix sockets are all that can be used.
  public init(logger: Logger, identity: CurveIdentity? = nil) throws(ZeroMQError) {
    let limit = DescriptorLimit.raise()
    if limit < 1_024 { logger.warning("few file descriptors", metadata: ["limit": "\(limit)"]) }
    guard let context = zmq_ctx_new() else { throw ZeroMQError.system("cannot make a context") }
    zmq_ctx_set(context, ZMQ_BLOCKY, 0)
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, 4_096)
    mailbox = try Mailbox()
    self.logger = logger
    self.identity = identity
    try ReactorThread.start(ReactorThread(context: context, mailbox: mailbox, identity: identity, logger: logger))
  }

  deinit { mailbox.post(.perform { $0.stop {} }) }

  /// Binds a server's socket on all the endpoints.
  ///
  /// - Parameters:
  ///   - messages: called on the reactor's thread with what came in, in order of arrival.
  /// - Throws: `inUse` where another process serves one, `notASocket` where a file stands in the way, `unguarded` where one
  ///   over TCP lets a stranger in, and others.
  public func bind(
    _ endpoints: [Endpoint], limits: SocketLimits = SocketLimits(),
    messages: @escaping @Sendable ([InboundMessage]) -> Void
  ) async throws(ZeroMQError) -> ServerSocket {
    let id = mailbox.newSocketID()
    let events = SocketEvents(messages: messages, change: { _ in })
    let result: Result<Void, ZeroMQError> = await withCheckedContinuation { continuation in
      let isPosted = mailbox.post(
        .perform { loop in
          continuation.resume(
            returning: Result { () throws(ZeroMQError) in
              loop.add(
                try RouterSocket(
                  context: loop.context, endpoints: endpoints, identity: try loop.guardedIdentity(), limits: limits,
                  events: events, logger: loop.logger), id)
            })
        })
      if !isPosted { continuation.resume(returning: .failure(.shutDown)) }
    }
    try result.get()
    let socket = ServerSocket(id: id, mailbox: mailbox)
    if let identity { for endpoint in endpoints where endpoint.isTCP { try await turnAway(from: endpoint, identity) } }
    return socket
  }

  /// Connects a client's socket; the connection is made meanwhile, and `change` tells of it.
  ///
  /// - Parameters:
  ///   - messages: called on the reactor's thread with what came in, in order of arrival.
  ///   - change: called on the reactor's thread when the connection comes, goes or fails.
  /// - Returns: nil where the reactor has been shut down.
  public func connect(
    _ endpoint: Endpoint, limits: SocketLimits = SocketLimits(),
    messages: @escaping @Sendable ([InboundMessage]) -> Void, change: @escaping @Sendable (ConnectionChange) -> Void
  ) -> ClientSocket? {
    connect(endpoint, as: identity?.own, limits: limits, messages: messages, change: change)
  }

  /// Connects with that key.
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
          change(.failed(ConnectFailure(.other, error.detail)))
        }
      })
    guard isPosted else { return nil }
    return ClientSocket(id: id, mailbox: mailbox, queuedBytes: queuedBytes)
  }

  /// Runs the action on the reactor's thread at that moment or soon after; it must return at once.
  public func schedule(at moment: ContinuousClock.Instant, _ action: @escaping @Sendable () -> Void) {
    mailbox.post(.perform { $0.schedule(action, at: moment) })
  }

  /// Closes every socket, sends what can still be sent within a second, and ends the thread; the reactor cannot be used after.
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

/// What the thread begins with.
///
/// Sendable by hand for the context alone: a context is thread-safe, and only the thread uses it from here on.
struct ReactorThread: @unchecked Sendable {
  let context: UnsafeMutableRawPointer
  let mailbox: Mailbox
  let identity: CurveIdentity?
  let logger: Logger

  private final class Box {
    let thread: ReactorThread
    init(_ thread: ReactorThread) { self.thread = thread }
  }

  /// Starts the thread, detached, with all signals blocked: they are for the others.
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
