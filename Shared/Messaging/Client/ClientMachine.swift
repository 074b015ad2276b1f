import DequeModule
import HeapModule
import Contract
import LaunchModel
import ZeroMQ

/// The state machine of a client, which receives events and returns actions, without access to sockets or clocks.
///
/// Calls wait until there is a connection and are then sent on it. Connections are numbered. A connection on which a
/// call has timed out is retired: it gets no more calls, and is closed when its other calls have ended.
///
/// If there are several endpoints, the client leaves an endpoint that does not complete its handshake, or whose peer
/// answers neither a call nor a ping, and avoids it for a while. It also pings its peer when it has no calls for it.
struct ClientMachine<Waiter> {
  typealias Instant = ContinuousClock.Instant

  /// An action for the caller to execute, in order.
  enum Action {
    case open(connection: Int, endpoint: Int)
    case close(connection: Int)
    case send(connection: Int, frames: [[UInt8]])
    /// Check whether the peer is alive.
    case ping(connection: Int)
    /// Make other clients try this endpoint last until that time.
    case avoid(endpoint: Int, until: Instant)
    case finish(Waiter, Result<CallReply, Problem>)
  }

  private struct Call {
    var waiter: Waiter
    /// The frames; nil once they are sent.
    var unsent: [[UInt8]]?
    /// The connection it was sent on.
    var connection: Int?
    var deadline: Instant
    /// When the call fails as unreachable if no connection has been established.
    var unreachableAt: Instant
    /// Whether the call may be repeated at another endpoint if it is not answered.
    var isRepeatable: Bool
  }

  private struct Timer: Comparable {
    var at: Instant
    var id: UInt64
    static func < (left: Self, right: Self) -> Bool { left.at < right.at }
  }

  private enum Link {
    case none
    /// `giveUpAt` is the time at which the next endpoint is tried; nil if there is no other.
    case opening(connection: Int, giveUpAt: Instant?)
    case connected(connection: Int)
  }

  private let service: ServiceName
  /// The endpoints, as messages name them.
  private let endpoints: [String]
  private let maxOutstanding: Int
  private let pace: ClientPace
  private var calls: [UInt64: Call] = [:]
  private var waiting: Deque<UInt64> = []
  private var timers = Heap<Timer>()
  private var link = Link.none
  /// The reason why the last attempt to connect to each endpoint failed.
  private var failures: [Int: ConnectError] = [:]
  private var endpoint = 0
  /// The endpoints to try last, with the time until which to do so.
  private var avoided: [Int: Instant] = [:]
  /// The number of consecutive connection attempts that failed.
  private var consecutiveFailures = 0
  /// When to reconnect after all endpoints have failed.
  private var reconnectAt: Instant?
  private var lastConnection = 0
  /// The number of calls in flight on each connection.
  private var callsInFlight: [Int: Int] = [:]
  /// When the connected peer was last heard and pinged.
  private var pulse: PeerPulse?
  private var isClosed = false

  init(service: ServiceName, endpoints: [String], maxOutstanding: Int, pace: ClientPace = ClientPace()) {
    self.service = service
    self.endpoints = endpoints
    self.maxOutstanding = maxOutstanding
    self.pace = pace
  }

  /// Returns the time at which to call `tick` next.
  mutating func nextTick() -> Instant? {
    while let timer = timers.min, calls[timer.id] == nil { timers.removeMin() }
    var moments = [timers.min?.at, reconnectAt]
    if case .opening(_, let giveUpAt) = link { moments.append(giveUpAt) }
    if case .connected(let connection) = link { moments.append(nextWatch(of: connection)) }
    return moments.compactMap(\.self).min()
  }

  var outstanding: Int { calls.count }

  private var hasOthers: Bool { endpoints.count > 1 }

  private func isBusy(_ connection: Int) -> Bool { callsInFlight[connection, default: 0] > 0 }

  /// Returns when to ping or leave the peer of the established connection.
  private func nextWatch(of connection: Int) -> Instant? {
    pulse?.next(pace, owes: isBusy(connection), leaves: hasOthers)
  }
}

// MARK: - Calls

extension ClientMachine {
  /// Starts a call.
  mutating func start(
    _ id: UInt64, frames: [[UInt8]], waiter: Waiter, deadline: Instant, unreachableAt: Instant,
    isRepeatable: Bool = true, at now: Instant = .now
  ) -> [Action] {
    guard !isClosed else { return [.finish(waiter, .failure(.unavailable("closed", "the client is closed")))] }
    guard calls.count < maxOutstanding else {
      let problem = Problem.busy("\(maxOutstanding) calls are already outstanding; try again soon", retryAfterMs: 50)
      return [.finish(waiter, .failure(problem))]
    }
    calls[id] = Call(
      waiter: waiter, unsent: frames, deadline: deadline, unreachableAt: unreachableAt, isRepeatable: isRepeatable)
    if case .connected(let connection) = link {
      timers.insert(Timer(at: deadline, id: id))
      return [send(id, on: connection, at: now)].compactMap(\.self)
    }
    timers.insert(Timer(at: min(deadline, unreachableAt), id: id))
    waiting.append(id)
    guard case .none = link, reconnectAt == nil else { return [] }
    return [open(at: now)]
  }

  /// Ends a call with its response. If the service is shutting down, or cannot use its store, the connection is retired
  /// and the next call goes to the next endpoint.
  mutating func receive(
    _ id: UInt64, _ outcome: Result<CallReply, Problem>, on connection: Int? = nil, at now: Instant = .now
  ) -> [Action] {
    if case .connected(let current) = link, current == connection ?? current {
      pulse = PeerPulse(heardAt: now, askedAt: nil)
    }
    var actions: [Action] = []
    if case .failure(let problem) = outcome {
      if problem.code == Problem.stopping.code { retire(calls[id]?.connection) }
      if problem.code == "store-unavailable", hasOthers, case .connected(let current) = link,
        current == calls[id]?.connection
      {
        actions.append(avoidCurrent(until: now + pace.storeAvoidance))
        retire(current)
      }
    }
    return actions + end(id, outcome)
  }

  /// Ends a call whose caller no longer wants the answer.
  mutating func cancel(_ id: UInt64) -> (Waiter?, [Action]) {
    guard let call = remove(id) else { return (nil, []) }
    return (call.waiter, closeIfIdle(call.connection))
  }

  /// Expires calls, leaves peers that do not answer, and reconnects, depending on the time.
  mutating func tick(at now: Instant) -> [Action] {
    var actions: [Action] = []
    while let timer = timers.min, timer.at <= now {
      timers.removeMin()
      guard let call = calls[timer.id] else { continue }
      if call.deadline <= now {
        actions += expire(timer.id, call, at: now)
      } else if call.connection == nil, call.unreachableAt <= now, isUnreachable {
        actions += end(timer.id, .failure(unreachable()))
      } else {
        timers.insert(Timer(at: call.deadline, id: timer.id))
      }
    }
    actions += watchPeer(at: now)
    if case .opening(let connection, let giveUpAt?) = link, giveUpAt <= now {
      actions.append(avoidCurrent(until: now + pace.avoidance))
      actions += failed(connection, .notAnswering(endpoints[endpoint]), at: now)
    }
    if let reconnectTime = reconnectAt, reconnectTime <= now {
      reconnectAt = nil
      removeEndedFromQueue()
      if !waiting.isEmpty { actions.append(open(at: now)) }
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

  private mutating func expire(_ id: UInt64, _ call: Call, at now: Instant) -> [Action] {
    guard let connection = call.connection else { return end(id, .failure(neverConnected())) }
    let silence = "\(endpoints[endpoint]) has stopped answering; result unknown"
    let isSilent = pulse?.askedAt.map { now - $0 >= pace.ping / 2 } ?? false
    if isSilent, case .connected(connection) = link {
      let avoidance = avoidCurrent(until: now + pace.avoidance)
      retire(connection)
      return [avoidance] + end(id, .failure(.notAnswering(service, silence)))
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
  mutating func connected(_ connection: Int, at now: Instant = .now) -> [Action] {
    guard case .opening(connection, _) = link else { return [] }
    link = .connected(connection: connection)
    pulse = PeerPulse(heardAt: now, askedAt: nil)
    failures = [:]
    consecutiveFailures = 0
    avoided[endpoint] = nil
    var actions: [Action] = []
    while let id = waiting.popFirst() {
      if let action = send(id, on: connection, at: now) { actions.append(action) }
    }
    return actions
  }

  /// Tries this endpoint last until that time, because another client has found it silent.
  mutating func avoid(_ endpoint: Int, until time: Instant) {
    avoided[endpoint] = max(avoided[endpoint] ?? time, time)
  }

  /// Retires a connection, so that the next call opens a new one to the next endpoint. The connection is closed after
  /// its last call.
  private mutating func retire(_ connection: Int?) {
    guard case .connected(connection) = link else { return }
    link = .none
    pulse = nil
    endpoint = (endpoint + 1) % endpoints.count
  }

  /// Fails the unanswered calls of a connection whose peer is gone. The connection is closed, because libzmq would
  /// otherwise reconnect and send what is still queued; the next call opens a new one to the next endpoint.
  mutating func disconnected(_ connection: Int) -> [Action] {
    let lost = calls.filter { $0.value.connection == connection }.keys.sorted()
    let problem = Problem.unavailable(
      "connection-lost", title: "the connection was lost",
      "\(service.rawValue) disconnected before it answered; result unknown")
    let actions = lost.flatMap { end($0, .failure(problem)) }
    guard case .connected(connection) = link else { return actions }
    endpoint = (endpoint + 1) % endpoints.count
    return actions + closeCurrent()
  }

  /// Pings a silent peer, and leaves it if it does not answer the ping either: repeatable calls end, to be made again
  /// at the next endpoint, and the others continue to wait.
  private mutating func watchPeer(at now: Instant) -> [Action] {
    guard case .connected(let connection) = link, let next = nextWatch(of: connection), next <= now else { return [] }
    guard pulse?.askedAt != nil else {
      pulse?.askedAt = now
      return [.ping(connection: connection)]
    }
    let problem = Problem.unavailable(
      "connection-lost", title: "\(service.rawValue) does not answer",
      "\(endpoints[endpoint]) has stopped answering; result unknown")
    let avoidance = avoidCurrent(until: now + pace.avoidance)
    retire(connection)
    guard isBusy(connection) else { return [avoidance] + closeIfIdle(connection) }
    let repeatable = calls.filter { $0.value.connection == connection && $0.value.isRepeatable }.keys.sorted()
    return [avoidance] + repeatable.flatMap { end($0, .failure(problem)) }
  }

  /// Handles a failed connection attempt: the next endpoint is tried at once, and after the last one there is a pause.
  mutating func failed(_ connection: Int, _ failure: ConnectError, at now: Instant) -> [Action] {
    guard case .opening(connection, _) = link else { return [] }
    failures[endpoint] = failure
    consecutiveFailures += 1
    endpoint = (endpoint + 1) % endpoints.count
    var actions = closeCurrent()
    removeEndedFromQueue()
    guard consecutiveFailures.isMultiple(of: endpoints.count) else {
      return actions + (waiting.isEmpty ? [] : [open(at: now)])
    }
    if failure.reason == .permissionDenied {
      for id in waiting { actions += end(id, .failure(unreachable())) }
    } else if !waiting.isEmpty {
      if isUnreachable {
        for id in waiting where calls[id].map({ $0.unreachableAt <= now }) ?? false {
          actions += end(id, .failure(unreachable()))
        }
        removeEndedFromQueue()
      }
      if !waiting.isEmpty { reconnectAt = now + .milliseconds(100) }
    }
    return actions
  }

  private mutating func open(at now: Instant) -> Action {
    lastConnection += 1
    chooseEndpoint(at: now)
    let rounds = min(consecutiveFailures / endpoints.count, 6)
    link = .opening(
      connection: lastConnection, giveUpAt: hasOthers ? now + pace.handshake * (1 << rounds) : nil)
    return .open(connection: lastConnection, endpoint: endpoint)
  }

  /// Moves to the first endpoint, from the current one on, that need not be avoided; stays at the current one if all
  /// must be avoided.
  private mutating func chooseEndpoint(at now: Instant) {
    avoided = avoided.filter { $0.value > now }
    // Within a round, each endpoint gets its turn.
    guard consecutiveFailures.isMultiple(of: endpoints.count) else { return }
    let candidates = (0..<endpoints.count).map { (endpoint + $0) % endpoints.count }
    endpoint = candidates.first { avoided[$0] == nil } ?? endpoint
  }

  private mutating func avoidCurrent(until time: Instant) -> Action {
    avoid(endpoint, until: time)
    return .avoid(endpoint: endpoint, until: time)
  }

  private mutating func send(_ id: UInt64, on connection: Int, at now: Instant) -> Action? {
    guard var call = calls[id], let frames = call.unsent else { return nil }
    call.unsent = nil
    call.connection = connection
    calls[id] = call
    // A peer that owed no answer may rightly have been silent for any time, unless it owes the answer to a ping.
    if !isBusy(connection), pulse?.askedAt == nil || !hasOthers { pulse = PeerPulse(heardAt: now, askedAt: nil) }
    callsInFlight[connection, default: 0] += 1
    return .send(connection: connection, frames: frames)
  }

  /// Closes a retired connection once its last call has ended.
  private mutating func closeIfIdle(_ connection: Int?) -> [Action] {
    guard let connection, !isBusy(connection) else { return [] }
    switch link {
    case .connected(connection), .opening(connection, _): return []
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
    case .opening(let connection, _), .connected(let connection):
      link = .none
      pulse = nil
      callsInFlight[connection] = nil
      return [.close(connection: connection)]
    }
  }
}

// MARK: - Problems

extension ClientMachine {
  /// Whether every endpoint has failed, and none of them by silence, which may also mean that the peer is slow.
  private var isUnreachable: Bool {
    consecutiveFailures >= endpoints.count && !failures.values.contains { $0.reason == .notAnswering }
  }

  /// The problem of a call that was never sent.
  private func neverConnected() -> Problem {
    if case .opening = link, failures[endpoint] == nil {
      return Problem(failures.merging([endpoint: .notAnswering(endpoints[endpoint])]) { $1 }, calling: service)
    }
    return failures.isEmpty ? .notAnswering(service, "no connection was established in time") : unreachable()
  }

  private func unreachable() -> Problem { Problem(failures, calling: service) }
}
