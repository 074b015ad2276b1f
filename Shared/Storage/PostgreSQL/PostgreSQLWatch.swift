import Dispatch
import Synchronization

/// Asks a server repeatedly, on a separate session and thread, whether it answers.
///
/// If a server is cut off or stalled, its callers would wait until the network gives up, which takes minutes. The watch
/// notices within two seconds. It then ends the other sessions of the store, so that their callers get an error, and
/// prevents new ones from being opened until the server answers again.
public final class PostgreSQLWatch: Sendable {
  /// An answer of the server: the row, and when the query was sent.
  public struct Answer: Sendable {
    /// The first row of the watch's query.
    public let row: Row
    /// When the query was sent; the row is at least as recent.
    public let askedAt: ContinuousClock.Instant
  }

  private typealias Waiter = CheckedContinuation<Answer, any Error>

  private struct State {
    /// The callers that wait for the answer to a query that has not been sent yet.
    var waiting: [Int: Waiter] = [:]
    /// Callers that stopped waiting before they were registered.
    var cancelled: Set<Int> = []
    var nextWaiter = 0
    var last: Answer?
    var isAsking = false
    var isStopped = false
    var onChange: (@Sendable (StorageError?) -> Void)?
  }

  /// How long the server may take to answer.
  public static let limit = Duration.milliseconds(1_500)
  /// The pause between two queries while nobody waits for an answer.
  static let interval = Duration.milliseconds(250)

  private let watched: PostgreSQLConnector
  private let query: String
  private let limit: Duration
  private let queue: DispatchQueue
  private let state = Mutex(State())
  /// Safe because it is used only by `ask`, on the serial queue.
  private nonisolated(unsafe) var session: PostgreSQLConnection?
  private let connector: PostgreSQLConnector

  /// - Parameters:
  ///   - watched: opens the sessions to end when the server does not answer.
  ///   - query: a query of one row that takes practically no time.
  init(_ watched: PostgreSQLConnector, query: String, limit: Duration = PostgreSQLWatch.limit) {
    self.watched = watched
    self.query = query
    self.limit = limit
    connector = PostgreSQLConnector(watched.address, connectTimeout: 2, answerLimit: limit)
    queue = DispatchQueue(label: "\(watched.address.schema) watch")
  }

  /// Why the server is unusable at present; nil if it answers, or has not been asked yet.
  public var failure: StorageError? { watched.outage.reason }

  /// The last answer; nil before the first.
  public var last: Answer? { state.withLock(\.last) }

  /// Calls the handler, on the watch's thread, whenever the server stops answering, with the reason, and when it
  /// answers again, with nil.
  public func onChange(_ handler: @escaping @Sendable (StorageError?) -> Void) {
    state.withLock { $0.onChange = handler }
  }

  func start() { queue.async { [weak self] in self?.ask() } }

  /// Stops asking, and ends the watch's session. Waiting callers get an error.
  public func stop() {
    state.withLock { $0.isStopped = true }
    queue.async { [self] in
      session = nil
      finish(.failure(StorageError(.closed, "the store is closed")))
    }
  }

  /// Returns the answer to a query that is sent after this call; simultaneous calls share one.
  ///
  /// - Throws: `StorageError` with code `.unavailable` if the server does not answer in time, or at once if it is known
  ///   not to answer; `CancellationError`.
  public func confirm() async throws -> Answer {
    if let failure { throw failure }
    let id = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return try await withThrowingTaskGroup(of: Answer.self) { group in
      group.addTask { try await self.answer(id) }
      group.addTask { [limit, watched] in
        // Slightly longer than the watch itself waits, so that an answer at the very limit still counts.
        try await Task.sleep(for: limit + .milliseconds(200))
        throw PostgreSQLErrors.lost(.silent(limit), watched.address)
      }
      defer { group.cancelAll() }
      guard let answer = try await group.next() else { throw CancellationError() }
      return answer
    }
  }

  private func answer(_ id: Int) async throws -> Answer {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let (isCancelled, mustAsk) = state.withLock { state -> (Bool, Bool) in
          guard state.cancelled.remove(id) == nil else { return (true, false) }
          state.waiting[id] = continuation
          defer { state.isAsking = true }
          return (false, !state.isAsking)
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        if mustAsk { queue.async { self.askForWaiting() } }
      }
    } onCancel: {
      let waiter = state.withLock { state -> Waiter? in
        let waiter = state.waiting.removeValue(forKey: id)
        if waiter == nil { state.cancelled.insert(id) }
        return waiter
      }
      waiter?.resume(throwing: CancellationError())
    }
  }

  // MARK: On the watch's thread

  /// Asks repeatedly, with pauses, until the watch is stopped or released.
  private func ask() {
    guard !state.withLock(\.isStopped) else { return }
    askOnce()
    queue.asyncAfter(deadline: .now() + .milliseconds(Int(Self.interval.milliseconds))) { [weak self] in self?.ask() }
  }

  private func askForWaiting() {
    state.withLock { $0.isAsking = false }
    guard !state.withLock({ $0.waiting.isEmpty || $0.isStopped }) else { return }
    askOnce()
  }

  private func askOnce() {
    let waiters = state.withLock { state in
      defer {
        state.waiting = [:]
        state.cancelled = []
      }
      return state.waiting
    }
    let askedAt = ContinuousClock.now
    do {
      let answer = Answer(row: try row(), askedAt: askedAt)
      state.withLock { $0.last = answer }
      if watched.outage.end() { state.withLock(\.onChange)?(nil) }
      for waiter in waiters.values { waiter.resume(returning: answer) }
    } catch {
      let failure = error as? StorageError ?? StorageError(.unavailable, "\(error)")
      // A server that refuses does so quickly; one that takes its time would make other callers wait, too.
      let isSilent = isSilent(error) || .now - askedAt > .seconds(1)
      let isNew = watched.outage.begin(failure, isSilent: isSilent)
      if isNew { state.withLock(\.onChange)?(failure) }
      for waiter in waiters.values { waiter.resume(throwing: failure) }
      finish(.failure(failure))
    }
  }

  /// Returns whether the failure means that the server's other sessions may never be answered either.
  private func isSilent(_ error: any Error) -> Bool {
    ((error as? StorageError)?.underlying as? PostgreSQLError)?.isSilent == true
  }

  /// Resumes the callers that arrived while the query was under way.
  private func finish(_ result: Result<Answer, any Error>) {
    let waiters = state.withLock { state in
      defer { state.waiting = [:] }
      return state.waiting
    }
    for waiter in waiters.values { waiter.resume(with: result) }
  }

  /// Asks once, after replacing the session if it has ended.
  private func row() throws -> Row {
    if let session, !session.isLost {
      do {
        return try row(on: session)
      } catch let failure as PostgreSQLError where failure.isLost && !failure.isSilent {
        self.session = nil
      } catch let failure as PostgreSQLError {
        self.session = nil
        throw storageError(failure)
      }
    }
    let opened = try connector.connect()
    session = opened
    do {
      return try row(on: opened)
    } catch let failure as PostgreSQLError {
      session = nil
      throw storageError(failure)
    }
  }

  private func row(on session: PostgreSQLConnection) throws -> Row {
    let transaction = PostgreSQLTransaction(session, begin: [])
    let row: Row?
    do {
      row = try transaction.queryOne(query)
    } catch {
      throw transaction.interruption ?? error
    }
    guard let row else {
      throw StorageError(.statement, "PostgreSQL at \(watched.address.displayName) returned no row, in: \(query)")
    }
    return row
  }

  private func storageError(_ failure: PostgreSQLError) -> StorageError {
    guard failure.isLost else { return PostgreSQLErrors.storageError(failure, "in: \(query)") }
    return StorageError(
      .unavailable, "PostgreSQL at \(watched.address.displayName) cannot be reached: \(failure.message)",
      underlying: failure)
  }
}

/// Whether a server is known not to answer, together with the sessions opened with it.
final class ServerOutage: Sendable {
  private final class Reference: Sendable {
    weak let breaker: SessionBreaker?
    init(_ breaker: SessionBreaker) { self.breaker = breaker }
  }

  private struct State {
    var reason: StorageError?
    var isSilent = false
    var sessions: [Reference] = []
  }

  private let state = Mutex(State())

  /// Why the server is unusable; nil if it is usable.
  var reason: StorageError? { state.withLock(\.reason) }

  /// Why no session should be opened, because the server would not answer; nil if it is worth trying.
  var silence: StorageError? { state.withLock { $0.isSilent ? $0.reason : nil } }

  /// Adds a session, to be ended when the server stops answering.
  func add(_ breaker: SessionBreaker) {
    state.withLock { state in
      state.sessions.removeAll { $0.breaker == nil }
      state.sessions.append(Reference(breaker))
    }
  }

  /// Records that the server is unusable; if it does not answer at all, ends the sessions.
  ///
  /// - Returns: whether it was usable before.
  func begin(_ reason: StorageError, isSilent: Bool) -> Bool {
    let (isNew, sessions) = state.withLock { state in
      defer { (state.reason, state.isSilent) = (reason, isSilent) }
      return (state.reason == nil, isSilent ? state.sessions : [])
    }
    for session in sessions { session.breaker?.end() }
    return isNew
  }

  /// Records that the server answers.
  ///
  /// - Returns: whether it was unusable before.
  func end() -> Bool {
    state.withLock { state in
      defer { (state.reason, state.isSilent) = (nil, false) }
      return state.reason != nil
    }
  }
}
