import DequeModule
import HeapModule
import Contract
import LaunchModel
import ZeroMQ

/// What a client does, as a value: it is told what happens and says what to do, and touches neither sockets nor clocks.
///
/// Calls wait until there is a connection and are then sent on it. Connections are numbered. One on which a call has timed out
/// is retired: it takes no more calls, and is closed when the others on it have ended.
struct ClientMachine<Waiter> {
  typealias Moment = ContinuousClock.Instant

  /// What is to be done, in order.
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
    var deadline: Moment
    /// When it gives up if nobody is found to be bound.
    var unreachableAt: Moment
  }

  private struct Timer: Comparable {
    var at: Moment
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
  /// Endpoints that failed one after the other.
  private var failedInRow = 0
  /// When to connect again after all endpoints have failed.
  private var reconnectAt: Moment?
  private var lastConnection = 0
  /// How many calls are under way on each connection.
  private var load: [Int: Int] = [:]
  private var isClosed = false

  init(service: ServiceName, endpointCount: Int, maxOutstanding: Int) {
    self.service = service
    self.endpointCount = endpointCount
    self.maxOutstanding = maxOutstanding
  }

  /// When to call `tick` next.
  mutating func nextTick() -> Moment? {
    while let timer = timers.min, calls[timer.id] == nil { timers.removeMin() }
    return [timers.min?.at, reconnectAt].compactMap(\.self).min()
  }

  var outstanding: Int { calls.count }
}

// MARK: - Calls

extension ClientMachine {
  /// A call begins.
  mutating func start(
    _ id: UInt64, frames: [[UInt8]], waiter: Waiter, deadline: Moment, unreachableAt: Moment
  ) -> [Action] {
    guard !isClosed else { return [.finish(waiter, .failure(.unavailable("closed", "the client has been closed")))] }
    guard calls.count < maxOutstanding else {
      return [.finish(waiter, .failure(.busy("\(maxOutstanding) calls are outstanding already", retryAfterMs: 50)))]
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

  /// A response has come. A service that is being stopped is asked nothing more: the next call goes to the next endpoint.
  mutating func receive(_ id: UInt64, _ outcome: Result<CallReply, Problem>) -> [Action] {
    if case .failure(let problem) = outcome, problem.code == Problem.stopping.code { retire(calls[id]?.connection) }
    return end(id, outcome)
  }

  /// The caller does not want the answer any more.
  mutating func cancel(_ id: UInt64) -> (Waiter?, [Action]) {
    guard let call = remove(id) else { return (nil, []) }
    return (call.waiter, closeIfIdle(call.connection))
  }

  /// Time has passed.
  mutating func tick(at now: Moment) -> [Action] {
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
    if let moment = reconnectAt, moment <= now {
      reconnectAt = nil
      forgetEnded()
      if !waiting.isEmpty { actions.append(open()) }
    }
    return actions
  }

  /// Every call fails, and there will be no more.
  mutating func close() -> [Action] {
    isClosed = true
    let actions = calls.keys.sorted().flatMap {
      end($0, .failure(.unavailable("closed", "the client has been closed")))
    }
    return actions + drop()
  }

  private mutating func expire(_ id: UInt64, _ call: Call) -> [Action] {
    guard let connection = call.connection else {
      let problem =
        lastFailure.map { unreachable($0) }
        ?? Problem.expired("no connection to \(service.rawValue) came about in time")
      return end(id, .failure(problem))
    }
    retire(connection)
    return end(id, .failure(.expired("\(service.rawValue) did not answer in time; whether it acted is not known")))
  }

  private mutating func end(_ id: UInt64, _ outcome: Result<CallReply, Problem>) -> [Action] {
    guard let call = remove(id) else { return [] }
    return [.finish(call.waiter, outcome)] + closeIfIdle(call.connection)
  }

  private mutating func remove(_ id: UInt64) -> Call? {
    guard let call = calls.removeValue(forKey: id) else { return nil }
    if let connection = call.connection { load[connection, default: 1] -= 1 }
    return call
  }
}

// MARK: - Connections

extension ClientMachine {
  /// A connection has a peer.
  mutating func connected(_ connection: Int) -> [Action] {
    guard case .opening(connection) = link else { return [] }
    link = .connected(connection: connection)
    lastFailure = nil
    failedInRow = 0
    var actions: [Action] = []
    while let id = waiting.popFirst() {
      if let action = send(id, on: connection) { actions.append(action) }
    }
    return actions
  }

  /// Uses a connection no more, so that the next call opens another, to the next endpoint; it is closed with its last call.
  private mutating func retire(_ connection: Int?) {
    guard case .connected(connection) = link else { return }
    link = .none
    endpoint = (endpoint + 1) % endpointCount
  }

  /// A connection's peer is gone; what was sent and not answered is lost. It is closed, for libzmq would connect again and
  /// send what lies in it, and the next call opens another, to the next endpoint.
  mutating func disconnected(_ connection: Int) -> [Action] {
    let lost = calls.filter { $0.value.connection == connection }.keys.sorted()
    let problem = Problem.unavailable(
      "connection-lost", title: "the connection was lost",
      "\(service.rawValue) went away before it answered; whether it acted is not known")
    let actions = lost.flatMap { end($0, .failure(problem)) }
    guard case .connected(connection) = link else { return actions }
    endpoint = (endpoint + 1) % endpointCount
    return actions + drop()
  }

  /// A connection did not come about: the next endpoint is tried at once, and after the last there is a pause.
  mutating func failed(_ connection: Int, _ failure: ConnectError, at now: Moment) -> [Action] {
    guard case .opening(connection) = link else { return [] }
    lastFailure = failure
    failedInRow += 1
    endpoint = (endpoint + 1) % endpointCount
    var actions = drop()
    forgetEnded()
    guard failedInRow.isMultiple(of: endpointCount) else { return actions + (waiting.isEmpty ? [] : [open()]) }
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
    load[connection, default: 0] += 1
    return .send(connection: connection, frames: frames)
  }

  /// Closes a retired connection when its last call has ended.
  private mutating func closeIfIdle(_ connection: Int?) -> [Action] {
    guard let connection, load[connection] == 0 else { return [] }
    switch link {
    case .connected(connection), .opening(connection): return []
    default:
      load[connection] = nil
      return [.close(connection: connection)]
    }
  }

  private mutating func forgetEnded() { waiting.removeAll { calls[$0] == nil } }

  /// Closes the current connection.
  private mutating func drop() -> [Action] {
    switch link {
    case .none: return []
    case .opening(let connection), .connected(let connection):
      link = .none
      load[connection] = nil
      return [.close(connection: connection)]
    }
  }

  private func unreachable(_ failure: ConnectError) -> Problem {
    switch failure.reason {
    case .permissionDenied:
      Problem(
        .unavailable, code: "permission-denied", title: "\(service.rawValue) may not be called by this user",
        detail: failure.detail)
    case .notListening, .other:
      .unavailable("unreachable", title: "\(service.rawValue) cannot be reached", failure.detail, retryAfterMs: 500)
    }
  }
}
