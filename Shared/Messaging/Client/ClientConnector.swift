import Contract
import LaunchModel
import Logging
import Synchronization
import ZeroMQ

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
          // With one endpoint there is nothing to choose.
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

  /// Returns why a message cannot be sent, or nil if it can.
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

  /// Applies a change to the machine and executes its actions: sockets under the lock, to preserve the order of
  /// actions, and waiters after it.
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

  /// The question whether a peer is alive, under an id that no call has; its answer is only noted.
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
