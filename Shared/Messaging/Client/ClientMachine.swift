import DequeModule
import HeapModule
import Contract
import LaunchModel
import ZeroMQ

/// The state machine of a client: receives events and returns actions, without access to sockets or clocks.
///
/// Calls wait until there is a connection and are then sent on it. Connections are numbered. A connection on which a
/// call has timed out is retired: it gets no more calls, and is closed when its other calls have ended.
struct ClientMachine<Waiter> {
  typealias Instant = ContinuousClock.Instant

  /// An action for the caller to execute, in order.
  enum Action {
    case open(connection: Int, endpoint: Int)
    case close(connection: Int)
    case send(connection: Int, frames: [[UInt8]])
    case finish(Waiter, Result<CallReply, Problem>)
  }

  private struct Call {
    var waiter: Waiter
    /// The frames, until they are sent.
    var unsent: [[UInt8]]?
    /// The connection it was sent on.
    var connection: Int?
    var deadline: Instant
    /// When it fails as unreachable if no connection has been established.
    var unreachableAt: Instant
  }

  private struct Timer: Comparable {
    var at: Instant
    var id: UInt64
    static func < (left: Self, right: Self) -> Bool { left.at < right.at }
  }

  private enum Link {
    case none
    case opening(connection: Int)
    case connected(connection: Int)
  }

  private let service: ServiceName
  private let endpointCount: Int
  private let maxOutstanding: Int
  private var calls: [UInt64: Call] = [:]
  private var waiting: Deque<UInt64> = []
  private var timers = Heap<Timer>()
  private var link = Link.none
  private var lastFailure: ConnectError?
  private var endpoint = 0
  /// The number of consecutive endpoints that failed.
  private var consecutiveFailures = 0
  /// When to reconnect after all endpoints have failed.
  private var reconnectAt: Instant?
  private var lastConnection = 0
  /// The number of calls in flight on each connection.
  private var callsInFlight: [Int: Int] = [:]
  private var isClosed = false

  init(service: ServiceName, endpointCount: Int, maxOutstanding: Int) {
    self.service = service
    self.endpointCount = endpointCount
    self.maxOutstanding = maxOutstanding
  }

  /// Returns when to call `tick` next.
  mutating func nextTick() -> Instant? {
    while let timer = timers.min, calls[timer.id] == nil { timers.removeMin() }
    return [timers.min?.at, reconnectAt].compactMap(\.self).min()
  }

  var outstanding: Int { calls.count }
}

// MARK: - Calls

extension ClientMachine {
  /// Starts a call.
  mutating func start(
    _ id: UInt64, frames: [[UInt8]], waiter: Waiter, deadline: Instant, unreachableAt: Instant
  ) -> [Action] {
    guard !isClosed else { return [.finish(waiter, .failure(.unavailable("closed", "the client is closed")))] }
    guard calls.count < maxOutstanding else {
      let problem = Problem.busy("\(maxOutstanding) calls are already outstanding; try again soon", retryAfterMs: 50)
      return [.finish(waiter, .failure(problem))]
    }
    calls[id] = Call(waiter: waiter, unsent: frames, deadline: deadline, unreachableAt: unreachableAt)
    if case .connected(let connection) = link {
      timers.insert(Timer(at: deadline, id: id))
      return [send(id, on: connection)].compactMap(\.self)
    }
    timers.insert(Timer(at: min(deadline, unreachableAt), id: id))
    waiting.append(id)
    guard case .none = link, reconnectAt == nil else { return [] }
    return [open()]
  }

  /// Ends a call with its response. If the service is shutting down, the connection is retired and the next call goes
  /// to the next endpoint.
  mutating func receive(_ id: UInt64, _ outcome: Result<CallReply, Problem>) -> [Action] {
    if case .failure(let problem) = outcome, problem.code == Problem.stopping.code { retire(calls[id]?.connection) }
    return end(id, outcome)
  }

  /// Ends a call whose caller no longer wants the answer.
  mutating func cancel(_ id: UInt64) -> (Waiter?, [Action]) {
    guard let call = remove(id) else { return (nil, []) }
    return (call.waiter, closeIfIdle(call.connection))
  }

  /// Expires calls and reconnects, according to the time.
  mutating func tick(at now: Instant) -> [Action] {
    var actions: [Action] = []
    while let timer = timers.min, timer.at <= now {
      timers.removeMin()
      guard let call = calls[timer.id] else { continue }
      if call.deadline <= now {
        actions += expire(timer.id, call)
      } else if call.connection == nil, call.unreachableAt <= now, let lastFailure {
        actions += end(timer.id, .failure(unreachable(lastFailure)))
      } else {
        timers.insert(Timer(at: call.deadline, id: timer.id))
      }
    }
    if let reconnectTime = reconnectAt, reconnectTime <= now {
      reconnectAt = nil
      removeEndedFromQueue()
      if !waiting.isEmpty { actions.append(open()) }
    }
    return actions
  }

  /// Fails every call; later calls fail at once.
  mutating func close() -> [Action] {
    isClosed = true
    let actions = calls.keys.sorted().flatMap {
      end($0, .failure(.unavailable("closed", "the client is closed")))
    }
    return actions + closeCurrent()
  }

  private mutating func expire(_ id: UInt64, _ call: Call) -> [Action] {
    guard let connection = call.connection else {
      let problem =
        lastFailure.map { unreachable($0) }
        ?? Problem.expired("no connection to \(service.rawValue) was established in time; nothing was sent")
      return end(id, .failure(problem))
    }
    retire(connection)
    return end(id, .failure(.expired("\(service.rawValue) did not answer in time; result unknown")))
  }

  private mutating func end(_ id: UInt64, _ outcome: Result<CallReply, Problem>) -> [Action] {
    guard let call = remove(id) else { return [] }
    return [.finish(call.waiter, outcome)] + closeIfIdle(call.connection)
  }

  private mutating func remove(_ id: UInt64) -> Call? {
    guard let call = calls.removeValue(forKey: id) else { return nil }
    if let connection = call.connection { callsInFlight[connection, default: 1] -= 1 }
    return call
  }
}

// MARK: - Connections

extension ClientMachine {
  /// Sends the waiting calls on a connection that has been established.
  mutating func connected(_ connection: Int) -> [Action] {
    guard case .opening(connection) = link else { return [] }
    link = .connected(connection: connection)
    lastFailure = nil
    consecutiveFailures = 0
    var actions: [Action] = []
    while let id = waiting.popFirst() {
      if let action = send(id, on: connection) { actions.append(action) }
    }
    return actions
  }

  /// Retires a connection, so that the next call opens another one to the next endpoint. It is closed with its last
  /// call.
  private mutating func retire(_ connection: Int?) {
    guard case .connected(connection) = link else { return }
    link = .none
    endpoint = (endpoint + 1) % endpointCount
  }

  /// Fails the unanswered calls of a connection whose peer is gone. The connection is closed, because libzmq would
  /// otherwise reconnect and send what is still queued; the next call opens another one to the next endpoint.
  mutating func disconnected(_ connection: Int) -> [Action] {
    let lost = calls.filter { $0.value.connection == connection }.keys.sorted()
    let problem = Problem.unavailable(
      "connection-lost", title: "the connection was lost",
      "\(service.rawValue) disconnected before it answered; result unknown")
    let actions = lost.flatMap { end($0, .failure(problem)) }
    guard case .connected(connection) = link else { return actions }
    endpoint = (endpoint + 1) % endpointCount
    return actions + closeCurrent()
  }

  /// Handles a connection attempt that failed: the next endpoint is tried at once, and after the last one there is a
  /// pause.
  mutating func failed(_ connection: Int, _ failure: ConnectError, at now: Instant) -> [Action] {
    guard case .opening(connection) = link else { return [] }
    lastFailure = failure
    consecutiveFailures += 1
    endpoint = (endpoint + 1) % endpointCount
    var actions = closeCurrent()
    removeEndedFromQueue()
    guard consecutiveFailures.isMultiple(of: endpointCount) else { return actions + (waiting.isEmpty ? [] : [open()]) }
    if failure.reason == .permissionDenied {
      for id in waiting { actions += end(id, .failure(unreachable(failure))) }
    } else if !waiting.isEmpty {
      reconnectAt = now + .milliseconds(100)
    }
    return actions
  }

  private mutating func open() -> Action {
    lastConnection += 1
    link = .opening(connection: lastConnection)
    return .open(connection: lastConnection, endpoint: endpoint)
  }

  private mutating func send(_ id: UInt64, on connection: Int) -> Action? {
    guard var call = calls[id], let frames = call.unsent else { return nil }
    call.unsent = nil
    call.connection = connection
    calls[id] = call
    callsInFlight[connection, default: 0] += 1
    return .send(connection: connection, frames: frames)
  }

  /// Closes a retired connection once its last call has ended.
  private mutating func closeIfIdle(_ connection: Int?) -> [Action] {
    guard let connection, callsInFlight[connection] == 0 else { return [] }
    switch link {
    case .connected(connection), .opening(connection): return []
    default:
      callsInFlight[connection] = nil
      return [.close(connection: connection)]
    }
  }

  private mutating func removeEndedFromQueue() { waiting.removeAll { calls[$0] == nil } }

  /// Closes the current connection.
  private mutating func closeCurrent() -> [Action] {
    switch link {
    case .none: return []
    case .opening(let connection), .connected(let connection):
      link = .none
      callsInFlight[connection] = nil
      return [.close(connection: connection)]
    }
  }

  private func unreachable(_ failure: ConnectError) -> Problem {
    switch failure.reason {
    case .permissionDenied:
      Problem(
        .unavailable, code: "permission-denied", title: "no permission to call \(service.rawValue)",
        detail: failure.detail)
    case .notListening, .other:
      .unavailable("unreachable", title: "cannot reach \(service.rawValue)", failure.detail, retryAfterMs: 500)
    }
  }
}
