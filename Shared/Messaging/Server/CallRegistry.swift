import Contract
import LaunchModel
import Logging
import Metrics
import Synchronization
import ZeroMQ

/// The calls that a server has in flight: admits incoming messages within the limits and sends the answers.
///
/// Messages arrive on the reactor thread; answers may come from any thread.
final class CallRegistry: Sendable {
  typealias Answer = (id: [UInt8]?, peer: PeerID?, byteCount: Int, outcome: CallOutcome)

  /// The calls to handle in a task each, in batches as they arrived.
  let calls: AsyncStream<[PendingCall]>

  private struct State {
    var socket: ServerSocket?
    var inFlight = 0
    var bytes = 0
    var isReading = true
    var isDraining = false
    var drainContinuation: AsyncStream<Void>.Continuation?
  }

  private let state = Mutex(State())
  private let configuration: RPCServer.Configuration
  private let batchHandler: (any CallBatchHandler)?
  private let batchMethods: Set<String>
  private let callsContinuation: AsyncStream<[PendingCall]>.Continuation
  private let logger: Logger
  private let rejectedCalls: Counter

  init(
    service: ServiceName, configuration: RPCServer.Configuration, batchHandler: (any CallBatchHandler)?, logger: Logger
  ) {
    self.configuration = configuration
    self.batchHandler = batchHandler
    self.logger = logger
    batchMethods = batchHandler?.methods ?? []
    // Bounded by the limit of calls in flight: calls beyond it are rejected before they reach the stream.
    (calls, callsContinuation) = AsyncStream.makeStream(of: [PendingCall].self, bufferingPolicy: .unbounded)
    rejectedCalls = Counter(label: "gonogo.calls.refused", dimensions: [("service", service.rawValue)])
  }

  func open(_ socket: ServerSocket) { state.withLock { $0.socket = socket } }

  // MARK: Requests

  /// Reads and admits messages. Called on the reactor thread.
  func receive(_ messages: [InboundMessage]) {
    var arrived: [PendingCall] = []
    var answers: [OutboundMessage] = []
    let now = ContinuousClock.now
    for message in messages {
      switch RequestReader(limits: configuration.limits, defaultTTL: configuration.defaultTTL).read(message, at: now) {
      case .call(let call, let id):
        let pending = PendingCall(call: call, id: id, peer: message.peer, byteCount: message.byteCount, registry: self)
        arrived.append(pending)
      case .rejection(let problem, let id):
        rejectedCalls.increment()
        if let answer = Self.message(to: message.peer, id: id, .failure(problem)) { answers.append(answer) }
      }
    }
    let admitted = admit(arrived)
    for call in arrived[admitted...] { call.answer(.failure(overload)) }
    send(answers)
    distribute(arrived[..<admitted])
  }

  /// Counts calls as in flight and returns how many of them are admitted. Stops reading from the socket while their
  /// bytes exceed the limit.
  private func admit(_ arrived: [PendingCall]) -> Int {
    state.withLock { state in
      let admitted = state.isDraining ? 0 : max(0, min(arrived.count, configuration.maxInFlight - state.inFlight))
      // Rejected calls are counted, too, because their answers reduce the count.
      state.inFlight += arrived.count
      state.bytes += arrived.reduce(0) { $0 + $1.byteCount }
      if state.isReading, state.bytes > configuration.maxInFlightBytes {
        state.isReading = false
        state.socket?.setReading(false)
      }
      return admitted
    }
  }

  private var overload: Problem {
    state.withLock(\.isDraining)
      ? .stopping
      : .busy("\(configuration.maxInFlight) calls are already in flight; try again soon", retryAfterMs: 50)
  }

  private func distribute(_ admitted: ArraySlice<PendingCall>) {
    guard !admitted.isEmpty else { return }
    guard let batchHandler else { return deliver(Array(admitted)) }
    let batch = admitted.filter { batchMethods.contains($0.call.method) }
    if !batch.isEmpty { batchHandler.receive(Array(batch)) }
    if batch.count < admitted.count { deliver(admitted.filter { !batchMethods.contains($0.call.method) }) }
  }

  private func deliver(_ calls: [PendingCall]) {
    guard case .terminated = callsContinuation.yield(calls) else { return }
    for call in calls { call.answer(.failure(.stopping)) }
  }

  // MARK: Answers

  /// Sends answers and removes their calls from those in flight.
  func finish(_ answers: [Answer]) {
    guard !answers.isEmpty else { return }
    send(answers.compactMap { message(for: $0) })
    let drained = state.withLock { state in
      state.inFlight -= answers.count
      state.bytes -= answers.reduce(0) { $0 + $1.byteCount }
      if !state.isReading, !state.isDraining, state.bytes <= configuration.maxInFlightBytes / 2 {
        state.isReading = true
        state.socket?.setReading(true)
      }
      return state.inFlight == 0 ? state.drainContinuation : nil
    }
    drained?.finish()
  }

  private func send(_ messages: [OutboundMessage]) {
    guard !messages.isEmpty else { return }
    state.withLock(\.socket)?.send(messages)
  }

  private func message(for answer: Answer) -> OutboundMessage? {
    guard let id = answer.id else { return nil }
    if case .success(let reply) = answer.outcome, let violation = configuration.limits.violation(in: reply) {
      logger.error("answer exceeds the message limits", metadata: ["detail": "\(violation)"])
      return Self.message(to: answer.peer, id: id, .failure(.tooLarge(code: "answer-too-large", violation)))
    }
    return Self.message(to: answer.peer, id: id, answer.outcome)
  }

  private static func message(to peer: PeerID?, id: [UInt8], _ outcome: CallOutcome) -> OutboundMessage? {
    guard let peer else { return nil }
    let envelope = EnvelopeWriter.response(id: id, outcome: outcome.map(\.result))
    return switch outcome {
    case .success(let reply):
      OutboundMessage(peer: peer, frames: [[], envelope] + reply.parts, refusals: reply.refusals)
    case .failure(let problem):
      OutboundMessage(peer: peer, frames: [[], envelope], refusals: problem.kind.isRefusal ? 1 : 0)
    }
  }

  // MARK: Shutdown

  /// Ends the stream of calls; new calls are answered `stopping`.
  func beginDraining() {
    state.withLock { $0.isDraining = true }
    callsContinuation.finish()
  }

  /// Waits until every call is answered or the task is cancelled.
  func drained() async {
    let (emptied, continuation) = AsyncStream.makeStream(of: Void.self)
    let isEmpty = state.withLock { state in
      state.drainContinuation = continuation
      return state.inFlight == 0
    }
    if isEmpty { continuation.finish() }
    for await _ in emptied {}
  }
}

extension Problem.Kind {
  /// Whether the problem is the caller's fault. A temporary inability of the service to answer is not.
  fileprivate var isRefusal: Bool {
    switch self {
    case .parseError, .invalidRequest, .methodNotFound, .invalidParams, .invalid, .forbidden, .tooLarge: true
    case .internalError, .notFound, .conflict, .unavailable, .busy, .expired: false
    }
  }
}

extension Problem {
  static let stopping = Problem.unavailable(
    "stopping", "the service is shutting down; try again when it is back up", retryAfterMs: 500)
}

/// A call in flight, which must be answered.
///
/// If it is deallocated without an answer, it is answered as an internal error, so that its caller does not wait until
/// its timeout.
public final class PendingCall: Sendable {
  /// The method, parameters, caller and deadline.
  public let call: IncomingCall

  let id: [UInt8]?
  let peer: PeerID?
  let byteCount: Int
  private let registry: CallRegistry
  private let isAnswered = Atomic<Bool>(false)

  init(call: IncomingCall, id: [UInt8]?, peer: PeerID?, byteCount: Int, registry: CallRegistry) {
    self.call = call
    self.id = id
    self.peer = peer
    self.byteCount = byteCount
    self.registry = registry
  }

  deinit {
    guard !isAnswered.load(ordering: .acquiring) else { return }
    let problem = Problem.internalError("the service dropped the call without answering it")
    registry.finish([(id, peer, byteCount, .failure(problem))])
  }

  /// Answers the call. May be called from any thread; a second answer is ignored.
  public func answer(_ outcome: CallOutcome) { Self.answer([(self, outcome)]) }

  /// Answers many calls of one server with a single wake-up of its reactor. May be called from any thread.
  public static func answer(_ answers: [(call: PendingCall, outcome: CallOutcome)]) {
    guard let registry = answers.first?.call.registry else { return }
    var finished: [CallRegistry.Answer] = []
    finished.reserveCapacity(answers.count)
    for (call, outcome) in answers where !call.isAnswered.exchange(true, ordering: .acquiringAndReleasing) {
      finished.append((call.id, call.peer, call.byteCount, outcome))
    }
    registry.finish(finished)
  }
}
