import Contract
import LaunchModel
import Logging
import Metrics
import Synchronization
import ZeroMQ

/// Where a server's messages arrive and its answers leave: it counts the calls in flight, and holds the limits.
///
/// Messages arrive on the reactor's thread, answers from anywhere.
final class CallRegistry: Sendable {
  typealias Answer = (id: [UInt8]?, peer: PeerID?, byteCount: Int, outcome: CallOutcome)

  /// Calls to be handled each in a task of its own, in batches as they came.
  let calls: AsyncStream<[PendingCall]>

  private struct State {
    var socket: ServerSocket?
    var inFlight = 0
    var bytes = 0
    var isReading = true
    var isDraining = false
    var whenEmpty: AsyncStream<Void>.Continuation?
  }

  private let state = Mutex(State())
  private let configuration: RPCServer.Configuration
  private let batchHandler: (any CallBatchHandler)?
  private let batchMethods: Set<String>
  private let sink: AsyncStream<[PendingCall]>.Continuation
  private let logger: Logger
  private let refused: Counter

  init(
    service: ServiceName, configuration: RPCServer.Configuration, batchHandler: (any CallBatchHandler)?, logger: Logger
  ) {
    self.configuration = configuration
    self.batchHandler = batchHandler
    self.logger = logger
    batchMethods = batchHandler?.methods ?? []
    // Bounded by the calls that may be in flight: one more is refused before it comes here.
    (calls, sink) = AsyncStream.makeStream(of: [PendingCall].self, bufferingPolicy: .unbounded)
    refused = Counter(label: "gonogo.calls.refused", dimensions: [("service", service.rawValue)])
  }

  func open(_ socket: ServerSocket) { state.withLock { $0.socket = socket } }

  // MARK: Arriving

  /// Takes messages in, on the reactor's thread.
  func receive(_ messages: [InboundMessage]) {
    var arrived: [PendingCall] = []
    var answers: [OutboundMessage] = []
    let now = ContinuousClock.now
    for message in messages {
      switch RequestReader(limits: configuration.limits, defaultTTL: configuration.defaultTTL).read(message, at: now) {
      case .call(let call, let id):
        let pending = PendingCall(call: call, id: id, peer: message.peer, byteCount: message.byteCount, desk: self)
        arrived.append(pending)
      case .refusal(let problem, let id):
        refused.increment()
        if let answer = Self.message(to: message.peer, id: id, .failure(problem)) { answers.append(answer) }
      }
    }
    let admitted = admit(arrived)
    for call in arrived[admitted...] { call.answer(.failure(overload)) }
    send(answers)
    distribute(arrived[..<admitted])
  }

  /// Counts calls in, as many as may be in flight; stops reading when their bytes are too many.
  private func admit(_ arrived: [PendingCall]) -> Int {
    state.withLock { state in
      let admitted = state.isDraining ? 0 : max(0, min(arrived.count, configuration.maxInFlight - state.inFlight))
      // Those refused are counted as well, for their answers count them out.
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
      : .busy("there are \(configuration.maxInFlight) calls in flight; try again soon", retryAfterMs: 50)
  }

  private func distribute(_ admitted: ArraySlice<PendingCall>) {
    guard !admitted.isEmpty else { return }
    guard let batchHandler else { return deliver(Array(admitted)) }
    let batch = admitted.filter { batchMethods.contains($0.call.method) }
    if !batch.isEmpty { batchHandler.receive(Array(batch)) }
    if batch.count < admitted.count { deliver(admitted.filter { !batchMethods.contains($0.call.method) }) }
  }

  private func deliver(_ calls: [PendingCall]) {
    guard case .terminated = sink.yield(calls) else { return }
    for call in calls { call.answer(.failure(.stopping)) }
  }

  // MARK: Leaving

  /// Sends answers and counts their calls out.
  func finish(_ answers: [Answer]) {
    guard !answers.isEmpty else { return }
    send(answers.compactMap { message(for: $0) })
    let emptied = state.withLock { state in
      state.inFlight -= answers.count
      state.bytes -= answers.reduce(0) { $0 + $1.byteCount }
      if !state.isReading, !state.isDraining, state.bytes <= configuration.maxInFlightBytes / 2 {
        state.isReading = true
        state.socket?.setReading(true)
      }
      return state.inFlight == 0 ? state.whenEmpty : nil
    }
    emptied?.finish()
  }

  private func send(_ messages: [OutboundMessage]) {
    guard !messages.isEmpty else { return }
    state.withLock(\.socket)?.send(messages)
  }

  private func message(for answer: Answer) -> OutboundMessage? {
    guard let id = answer.id else { return nil }
    if case .success(let reply) = answer.outcome, let breach = configuration.limits.breach(by: reply) {
      logger.error("answer too large", metadata: ["detail": "\(breach)"])
      return Self.message(to: answer.peer, id: id, .failure(.tooLarge(code: "answer-too-large", breach)))
    }
    return Self.message(to: answer.peer, id: id, answer.outcome)
  }

  private static func message(to peer: PeerID?, id: [UInt8], _ outcome: CallOutcome) -> OutboundMessage? {
    guard let peer else { return nil }
    let parts = if case .success(let reply) = outcome { reply.parts } else { [] as [[UInt8]] }
    return OutboundMessage(
      peer: peer, frames: [[], EnvelopeWriter.response(id: id, outcome: outcome.map(\.result))] + parts)
  }

  // MARK: Stopping

  /// Takes no more calls; those that come are answered so. The stream of calls ends.
  func beginDraining() {
    state.withLock { $0.isDraining = true }
    sink.finish()
  }

  /// Waits until every call is answered, or the task is cancelled.
  func drained() async {
    let (emptied, continuation) = AsyncStream.makeStream(of: Void.self)
    let isEmpty = state.withLock { state in
      state.whenEmpty = continuation
      return state.inFlight == 0
    }
    if isEmpty { continuation.finish() }
    for await _ in emptied {}
  }
}

extension Problem {
  static let stopping = Problem.unavailable(
    "stopping", "the service is being stopped; try again when it is up", retryAfterMs: 500)
}

/// A call that has been taken up and is owed an answer.
///
/// One that is let go without an answer is answered as an internal error, so that nobody waits for nothing.
public final class PendingCall: Sendable {
  /// What is asked, by whom, and until when.
  public let call: IncomingCall

  let id: [UInt8]?
  let peer: PeerID?
  let byteCount: Int
  private let desk: CallRegistry
  private let isAnswered = Atomic<Bool>(false)

  init(call: IncomingCall, id: [UInt8]?, peer: PeerID?, byteCount: Int, desk: CallRegistry) {
    self.call = call
    self.id = id
    self.peer = peer
    self.byteCount = byteCount
    self.desk = desk
  }

  deinit {
    guard !isAnswered.load(ordering: .acquiring) else { return }
    desk.finish([(id, peer, byteCount, .failure(.internalError("the call was dropped without an answer")))])
  }

  /// Answers the call, from any thread. A second answer is dropped.
  public func answer(_ outcome: CallOutcome) { Self.answer([(self, outcome)]) }

  /// Answers many calls of one server, with one wake-up of its reactor, from any thread.
  public static func answer(_ answers: [(call: PendingCall, outcome: CallOutcome)]) {
    guard let desk = answers.first?.call.desk else { return }
    var finished: [CallRegistry.Answer] = []
    finished.reserveCapacity(answers.count)
    for (call, outcome) in answers where !call.isAnswered.exchange(true, ordering: .acquiringAndReleasing) {
      finished.append((call.id, call.peer, call.byteCount, outcome))
    }
    desk.finish(finished)
  }
}
