import BusCore
import Dispatch
import Contract
import LaunchModel
import Logging
import Messaging
import Synchronization

/// Serializes all access to the log on one thread outside the cooperative pool.
///
/// Publish calls that arrive while a commit is being flushed share the next commit. Other work runs between commits and
/// must be short.
final class LogThread: Sendable {
  fileprivate struct State {
    var calls: [ValidatedPublish] = []
    /// The calls whose events are being stored.
    var storing: [ValidatedPublish] = []
    /// The number of events in `calls`.
    var eventsInCalls = 0
    /// The number of events that were accepted but not answered yet, and their bytes.
    var reservedEvents = 0
    var reservedBytes = 0
    var jobs: [@Sendable (LogWriter) -> Void] = []
    var isScheduled = false
    var isFailed = false
    /// Whether events have to wait because the record of sources and ids is still being read.
    var isReadingKeys = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "gonogo.bus.log")
  private let limits: BusLimits
  private let onFailure: @Sendable (LogError) -> Void
  /// Safe because only `drain` uses it, and the serial queue runs one `drain` at a time.
  private nonisolated(unsafe) let writer: LogWriter

  /// - readsKeys: whether events have to wait until `readKeys` has run.
  ///   - readsKeys: whether events wait until `readKeys` has run.
  ///   - onFailure: called on the log thread when the disk has failed; the process must then exit.
  init(
    writer: sending LogWriter, limits: BusLimits, readsKeys: Bool = false,
    onFailure: @escaping @Sendable (LogError) -> Void
  ) {
    self.writer = writer
    self.limits = limits
    self.onFailure = onFailure
    state.withLock { $0.isReadingKeys = readsKeys }
  }

  // MARK: Publishing

  /// Reserves space for a call's events. Returns the problem if there is no space, or nil if space was reserved.
  func reserve(_ call: PendingCall) -> Problem? {
    state.withLock { state in
      if state.isFailed { return LogError.failed("").problem }
      guard state.reservedEvents < limits.queuedEvents, state.reservedBytes < limits.queuedBytes else {
        return .busy("\(state.reservedEvents) events are waiting to be stored; try again soon", retryAfterMs: 100)
      }
      state.reservedEvents += call.call.parts.count
      state.reservedBytes += call.call.parts.reduce(0) { $0 + $1.count }
      return nil
    }
  }

  /// The number of events that were accepted but not answered yet.
  var waitingEvents: Int { state.withLock { $0.reservedEvents } }

  /// Enqueues calls for whose events space is reserved; they are stored and answered on the log thread.
  func publish(_ calls: [ValidatedPublish]) {
    let schedule = state.withLock { state in
      state.calls += calls
      state.eventsInCalls += calls.reduce(0) { $0 + $1.events.count }
      return mustSchedule(&state)
    }
    if schedule { queue.async { self.drain() } }
  }

  /// Answers all calls whose events are waiting or being stored, because the database does not answer. Waiting events
  /// are dropped; events being stored may still be stored later.
  func answerWaiting(_ problem: Problem) {
    let calls = state.withLock { state in
      let waiting = state.calls
      state.calls = []
      state.eventsInCalls = 0
      state.release(waiting)
      return waiting + state.storing
    }
    PendingCall.answer(calls.map { ($0.call, .failure(problem)) })
  }

  // MARK: Other work

  /// Like `perform`, runs the body on the log thread, but stops waiting after a time limit; the body may still run
  /// later.
  ///
  /// - Throws: additionally `LogError.unavailable` if the time limit is exceeded.
  func perform<R: Sendable>(
    within limit: Duration?, _ body: @escaping @Sendable (LogWriter) throws -> R
  ) async throws -> R {
    guard let limit else { return try await perform(body) }
    let outcome = FirstOutcome<R>()
    Task {
      do { outcome.set(.success(try await perform(body))) } catch { outcome.set(.failure(error)) }
    }
    let timer = Task {
      try await Task.sleep(for: limit)
      outcome.set(.failure(LogError.unavailable("the log's database did not answer within \(limit)")))
    }
    defer { timer.cancel() }
    return try await outcome.value()
  }

  /// Runs the body on the log thread, between commits. If the log fails in the body, the process ends as well.
  func perform<R: Sendable>(_ body: @escaping @Sendable (LogWriter) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      let schedule = state.withLock { state in
        state.jobs.append { writer in
          let result = Result { try body(writer) }
          if case .failure(let error as LogError) = result, case .failed = error { self.fail(error) }
          continuation.resume(with: result)
        }
        return mustSchedule(&state)
      }
      if schedule { queue.async { self.drain() } }
    }
  }

  // MARK: The record of sources and ids

  /// Reads the record of sources and ids if the log was too long to read it when it was opened. Meanwhile, new events
  /// are accepted but wait to be stored; all other calls are answered.
  func readKeys() async throws {
    defer {
      let schedule = state.withLock { state in
        state.isReadingKeys = false
        return mustSchedule(&state)
      }
      if schedule { queue.async { self.drain() } }
    }
    while try await perform({ try !$0.readKeys() }) {}
  }

  // MARK: The thread

  private func mustSchedule(_ state: inout State) -> Bool {
    defer { state.isScheduled = true }
    return !state.isScheduled
  }

  private func drain() {
    while let work = nextWork() {
      for job in work.jobs { job(writer) }
      guard !work.calls.isEmpty else { continue }
      do throws(LogError) {
        try writer.publish(work.calls)
      } catch {
        fail(error)
      }
      state.withLock { state in
        state.storing = []
        state.release(work.calls)
      }
    }
  }

  private func fail(_ error: LogError) {
    state.withLock { $0.isFailed = true }
    onFailure(error)
  }

  /// Returns the next work: all pending jobs, and the calls of one commit; nil if there is none.
  ///
  /// A long queue is halved, so that while one half is being stored, the publishers of the other half receive their
  /// answers and send more.
  private func nextWork() -> (calls: [ValidatedPublish], jobs: [@Sendable (LogWriter) -> Void])? {
    state.withLock { state in
      guard !state.jobs.isEmpty || !(state.calls.isEmpty || state.isReadingKeys) else {
        state.isScheduled = false
        return nil
      }
      let target = min(max(Self.minimumBatch, state.eventsInCalls / 2), limits.eventsPerCommit)
      var events = 0
      let waiting = state.isReadingKeys ? [] : state.calls[...]
      let count = waiting.prefix { call in
        defer { events += call.events.count }
        return events < target
      }.count
      let calls = Array(state.calls.prefix(count))
      state.calls.removeFirst(count)
      state.storing = calls
      state.eventsInCalls -= calls.reduce(0) { $0 + $1.events.count }
      defer { state.jobs = [] }
      return (calls, state.jobs)
    }
  }

  /// While more events wait, the minimum number of events for a separate flush.
  private static let minimumBatch = 512
}

extension LogThread.State {
  /// Releases the space that was reserved for the calls.
  fileprivate mutating func release(_ calls: [ValidatedPublish]) {
    reservedEvents -= calls.reduce(0) { $0 + $1.call.call.parts.count }
    reservedBytes -= calls.reduce(0) { $0 + $1.byteCount }
  }
}

/// The first of several outcomes, for one task that waits for it.
private final class FirstOutcome<R: Sendable>: Sendable {
  private struct State {
    var outcome: Result<R, any Error>?
    var waiter: CheckedContinuation<R, any Error>?
  }

  private let state = Mutex(State())

  /// Sets the outcome; a later one is ignored.
  func set(_ outcome: Result<R, any Error>) {
    let waiter = state.withLock { state in
      defer { state.waiter = nil }
      if state.outcome == nil { state.outcome = outcome }
      return state.waiter
    }
    waiter?.resume(with: outcome)
  }

  func value() async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      let outcome = state.withLock { state in
        if state.outcome == nil { state.waiter = continuation }
        return state.outcome
      }
      if let outcome { continuation.resume(with: outcome) }
    }
  }
}

/// Logs an outage once when events can no longer be stored, and once when they can again, however many attempts fail in
/// between.
struct OutageLog {
  private let logger: Logger
  private var error: LogError?

  init(logger: Logger) { self.logger = logger }

  mutating func record(_ error: LogError) {
    defer { self.error = error }
    guard self.error == nil else { return }
    logger.error("events cannot be stored", metadata: ["error": "\(error)"])
  }

  mutating func end() {
    guard error != nil else { return }
    error = nil
    logger.notice("events can be stored again")
  }
}
