public import Contract
import JSON
public import LaunchModel
public import Logging
import Synchronization
public import ZeroMQ

/// A client of one service, shared by any number of tasks.
public final class RPCClient: Sendable {
  /// The service that it calls and that its errors name.
  public let service: ServiceName
  private let configuration: Configuration
  private let connector: ClientConnector
  /// The number of endpoints that it tries.
  public let endpointCount: Int

  /// Creates a client, which connects on its first call. Several endpoints are tried in turn.
  ///
  /// - Precondition: there is at least one endpoint.
  public init(
    reactor: Reactor, service: ServiceName, endpoints: [Endpoint], configuration: Configuration = Configuration(),
    logger: Logger
  ) {
    precondition(!endpoints.isEmpty, "a client needs an endpoint")
    self.service = service
    self.configuration = configuration
    endpointCount = endpoints.count
    connector = ClientConnector(
      reactor: reactor, service: service, endpoints: endpoints, configuration: configuration, logger: logger)
  }

  deinit { connector.close() }

  /// Calls a method by name.
  ///
  /// - Parameters:
  ///   - params: one JSON object; `meta` is written into it.
  ///   - timeout: the time limit of the call including retries, at least the configured `patience`; sent as `ttlMs`
  /// unless `meta` has one.
  ///   - idempotent: whether the call may be sent again if its answer is lost; always allowed with an idempotency key.
  /// - Throws: `Problem` as the service answered it; of kind `unavailable` with code `unreachable` (nothing listens),
  ///   `not-answering` (something accepts connections, but stays silent), `handshake-failed`, `permission-denied` or
  ///   `connection-lost`; of kind `expired` with code `timed-out`; or `CancellationError`.
  public func call(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> CallReply {
    let deadline = ContinuousClock.now + max(timeout, configuration.patience)
    let isRepeatable = idempotent || meta.idempotencyKey != nil
    var retries = RetryPlan(
      deadline: deadline, maxAttempts: configuration.maxAttempts, isIdempotent: isRepeatable, endpoints: endpointCount)
    while true {
      do {
        return try await connector.attempt(method, params, meta, parts, deadline, isRepeatable: isRepeatable)
      } catch let problem as Problem {
        guard let pause = retries.pause(after: problem, at: .now) else { throw problem }
        try await Task.sleep(for: pause)
      }
    }
  }

  /// Calls a method by its route; reads are idempotent.
  ///
  /// - Throws: the errors of `call(method:…)`; also `internalError` with code `unexpected-result` if the result does
  ///   not fit the route.
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(),
    timeout: Duration = .seconds(5)
  ) async throws -> Output {
    try await callWithParts(route, params, meta: meta, timeout: timeout).output
  }

  /// Closes the connection; outstanding calls fail.
  public func close() { connector.close() }
}

extension RPCClient {
  /// The settings of a client.
  public struct Configuration: Sendable {
    /// How long a call waits for a connection before it fails as `unreachable`; nil means until its timeout. Default
    /// 250 ms.
    public var unreachableAfter: Duration?
    /// The maximum number of outstanding calls; more fail as `busy`. Default 4,096.
    public var maxOutstanding: Int
    /// The maximum number of bytes that wait for the peer to read them; further calls fail as `busy`. Default 64 MiB.
    public var maxQueuedBytes: Int
    /// The minimum timeout of every call. Default 0; for tests and slow machines.
    public var patience: Duration
    /// The maximum number of attempts at an idempotent call within its timeout. Default 4.
    public var maxAttempts: Int
    /// The size limits of messages sent and received. Default 1 MiB per envelope, 4 MiB and 1,026 frames per message.
    public var limits: MessageLimits
    /// The memory of endpoints that did not answer; by default shared by all clients of the process.
    public var memory: EndpointMemory

    public init(
      unreachableAfter: Duration? = .milliseconds(250), patience: Duration = .zero, maxOutstanding: Int = 4_096,
      maxQueuedBytes: Int = 64 << 20, maxAttempts: Int = 4, limits: MessageLimits = .standard,
      memory: EndpointMemory = .process
    ) {
      self.unreachableAfter = unreachableAfter
      self.patience = patience
      self.maxOutstanding = maxOutstanding
      self.maxQueuedBytes = maxQueuedBytes
      self.maxAttempts = maxAttempts
      self.limits = limits
      self.memory = memory
    }

    /// How long it waits for silent peers: for the answer to a ping, at least `patience`.
    var pace: ClientPace {
      var pace = ClientPace()
      pace.ping = max(pace.ping, patience)
      return pace
    }
  }
}

extension RPCClient {
  /// Calls a method by its route with additional parts, and returns the result with the parts of the answer.
  public func callWithParts<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> (output: Output, parts: [[UInt8]]) {
    let reply = try await call(
      method: route.method, params: try JSONCoding.encode(params), meta: meta, parts: parts, timeout: timeout,
      idempotent: idempotent || route.access == .read)
    do {
      return (try JSONCoding.decode(Output.self, from: reply.result), reply.parts)
    } catch {
      throw Problem(
        .internalError, code: "unexpected-result", title: "unexpected answer",
        detail: "\(route.method): \(error); \(route.service.rawValue) may run a different version")
    }
  }
}

/// Decides whether and when to retry a call: exponential back-off with full jitter, within the deadline.
struct RetryPlan {
  let deadline: ContinuousClock.Instant
  let maxAttempts: Int
  let isIdempotent: Bool
  /// The number of endpoints.
  let endpoints: Int
  private var attempts = 1

  init(deadline: ContinuousClock.Instant, maxAttempts: Int, isIdempotent: Bool, endpoints: Int = 1) {
    self.endpoints = endpoints
    self.deadline = deadline
    self.maxAttempts = maxAttempts
    self.isIdempotent = isIdempotent
  }

  /// Returns the pause before the next attempt; nil if the failure is final.
  ///
  /// A call that was rejected before anything was done (`busy`, `stopping`) may always be retried; a call whose
  /// connection was lost, only if it is idempotent. If a service cannot use its store, or does not know whether it made
  /// the change, its answer states whether the call may be repeated; it is then repeated at the other endpoints at
  /// once.
  mutating func pause(
    after problem: Problem, at now: ContinuousClock.Instant, jitter: (ClosedRange<Int>) -> Int = { .random(in: $0) }
  ) -> Duration? {
    guard attempts < maxAttempts, mayRetry(problem) else { return nil }
    let ceiling = min(1_000, 25 << attempts)
    let least = Self.storeCodes.contains(problem.code) ? 0 : problem.retryAfterMs ?? 0
    let pause = Duration.milliseconds(least + jitter(1...ceiling))
    guard now + pause < deadline else { return nil }
    attempts += 1
    return pause
  }

  /// The codes of failures of one replica's access to the store.
  private static let storeCodes: Set<String> = ["store-unavailable", "outcome-unknown"]

  private func mayRetry(_ problem: Problem) -> Bool {
    switch problem.code {
    case "busy", "stopping": problem.retryable
    case "connection-lost": isIdempotent
    case let code where Self.storeCodes.contains(code): problem.retryable && attempts < endpoints
    default: false
    }
  }
}

/// Executes the actions of a `ClientMachine`: owns the sockets, timers and waiting tasks.
final class ClientConnector: Sendable {
  typealias Waiter = CheckedContinuation<CallReply, any Error>
  private typealias Machine = ClientMachine<Waiter>

  private struct State {
    var machine: Machine
    var sockets: [Int: ClientSocket] = [:]
    var lastID: UInt64 = 0
    /// The earliest time for which a `tick` is scheduled on the reactor.
    var tickAt: ContinuousClock.Instant?
  }

  private let reactor: Reactor
  private let endpoints: [Endpoint]
  private let configuration: RPCClient.Configuration
  private let logger: Logger
  private let state: Mutex<State>

  init(
    reactor: Reactor, service: ServiceName, endpoints: [Endpoint], configuration: RPCClient.Configuration,
    logger: Logger
  ) {
    self.reactor = reactor
    self.endpoints = endpoints
    self.configuration = configuration
    self.logger = logger
    state = Mutex(
      State(
        machine: Machine(
          service: service, endpoints: endpoints.map(\.description), maxOutstanding: configuration.maxOutstanding,
          pace: configuration.pace)))
  }

  /// Sends a call once and waits for its outcome.
  func attempt(
    _ method: String, _ params: [UInt8], _ meta: CallMeta, _ parts: [[UInt8]], _ deadline: ContinuousClock.Instant,
    isRepeatable: Bool
  ) async throws -> CallReply {
    try Task.checkCancellation()
    let now = ContinuousClock.now
    var meta = meta
    if meta.ttlMs == nil { meta.ttlMs = max(1, (deadline - now).wholeMilliseconds) }
    let id = state.withLock { state in
      state.lastID += 1
      return state.lastID
    }
    let frames = [[], EnvelopeWriter.request(id: id, method: method, params: params, meta: meta)] + parts
    let unreachableAt = configuration.unreachableAfter.map { now + $0 } ?? deadline
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { waiter in
        if let problem = problem(with: frames) { return waiter.resume(throwing: problem) }
        perform { machine in
          // With only one endpoint there is nothing to avoid.
          if endpoints.count > 1 {
            for (index, time) in configuration.memory.avoided(endpoints) { machine.avoid(index, until: time) }
          }
          return machine.start(
            id, frames: frames, waiter: waiter, deadline: deadline, unreachableAt: unreachableAt,
            isRepeatable: isRepeatable)
        }
        // If the task was cancelled before the machine knew the call, the handler below had nothing to cancel.
        if Task.isCancelled { cancel(id) }
      }
    } onCancel: {
      cancel(id)
    }
  }

  func close() { perform { $0.close() } }

  /// Returns why a message cannot be sent; nil if it can.
  private func problem(with frames: [[UInt8]]) -> Problem? {
    let bytes = frames.reduce(0) { $0 + $1.count }
    if let violation = configuration.limits.violation(frames: frames.count, bytes: bytes, envelope: frames[1].count) {
      return .tooLarge(violation)
    }
    let queued = state.withLock { $0.sockets.values.reduce(0) { $0 + $1.queuedBytes } }
    guard queued + bytes > configuration.maxQueuedBytes else { return nil }
    return .busy("\(queued) bytes are already waiting for the service to read them; try again soon", retryAfterMs: 100)
  }

  private func cancel(_ id: UInt64) {
    var waiter: Waiter?
    perform { machine in
      let (cancelled, actions) = machine.cancel(id)
      waiter = cancelled
      return actions
    }
    waiter?.resume(throwing: CancellationError())
  }

  private func receive(_ messages: [InboundMessage], on connection: Int) {
    for message in messages {
      guard message.frames.count >= 2, let response = ResponseEnvelope(parsing: message.frames[1]) else {
        logger.warning("dropped a message that is not a response")
        continue
      }
      guard let id = response.id else {
        if case .failure(let problem) = response.outcome {
          logger.warning("the service rejected a message", metadata: ["error": "\(problem)"])
        }
        continue
      }
      let parts = Array(message.frames.dropFirst(2))
      perform { $0.receive(id, response.outcome.map { CallReply(result: $0, parts: parts) }, on: connection) }
    }
  }

  private func connectionChanged(_ connection: Int, _ change: ConnectionChange) {
    perform { machine in
      switch change {
      case .connected: machine.connected(connection)
      case .disconnected: machine.disconnected(connection)
      case .failed(let failure): machine.failed(connection, failure, at: .now)
      case .closed: machine.close()
      }
    }
  }

  /// Applies a change to the machine and executes its actions: socket actions under the lock, to preserve their order,
  /// and the waiters' afterwards.
  private func perform(_ change: (inout Machine) -> [Machine.Action]) {
    var finished: [(Waiter, Result<CallReply, Problem>)] = []
    var closed: [ClientSocket] = []
    var isShutDown = false
    state.withLock { state in
      for action in change(&state.machine) {
        switch action {
        case .open(let connection, let endpoint):
          state.sockets[connection] = open(connection, endpoints[endpoint])
          isShutDown = state.sockets[connection] == nil
        case .close(let connection):
          if let socket = state.sockets.removeValue(forKey: connection) { closed.append(socket) }
        case .send(let connection, let frames): state.sockets[connection]?.send(frames)
        case .ping(let connection): state.sockets[connection]?.send(Self.ping)
        case .avoid(let endpoint, let time): configuration.memory.avoid(endpoints[endpoint], until: time)
        case .finish(let waiter, let outcome): finished.append((waiter, outcome))
        }
      }
      scheduleTick(&state)
    }
    for socket in closed { socket.close() }
    for (waiter, outcome) in finished { waiter.resume(with: outcome.mapError { $0 as any Error }) }
    if isShutDown { close() }
  }

  /// Opens the socket of a connection; nil if the reactor has been shut down.
  private func open(_ connection: Int, _ endpoint: Endpoint) -> ClientSocket? {
    reactor.connect(
      endpoint, limits: configuration.limits.socketLimits,
      messages: { [weak self] in self?.receive($0, on: connection) },
      change: { [weak self] in self?.connectionChanged(connection, $0) })
  }

  /// The ping, with an id that no call has; only the arrival of its answer matters.
  private static let ping = [
    [],
    EnvelopeWriter.request(id: 0, method: "service.ping", params: Array("{}".utf8), meta: CallMeta(ttlMs: 2_000)),
  ]

  private func scheduleTick(_ state: inout State) {
    guard let next = state.machine.nextTick() else { return }
    if let planned = state.tickAt, planned <= next { return }
    state.tickAt = next
    reactor.schedule(at: next) { [weak self] in self?.tick() }
  }

  private func tick() {
    state.withLock { $0.tickAt = nil }
    perform { $0.tick(at: .now) }
  }
}

extension Duration {
  /// The duration in whole milliseconds, rounded down.
  var wholeMilliseconds: Int { Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
