import BusCore
import Dispatch
import Contract
import LaunchModel
import Logging
import Messaging
import Synchronization

/// Runs everything that touches the log, one after another, on a thread that is not the cooperative pool's.
///
/// Calls to publish that queue up while a commit is being flushed share the next one. Everything else runs between
/// commits, and is short.
final class LogThread: Sendable {
  private struct State {
    var calls: [ValidatedPublish] = []
    /// Events of `calls`.
    var waiting = 0
    /// Events and bytes that have been taken up and not been answered.
    var events = 0
    var bytes = 0
    var jobs: [@Sendable (LogWriter) -> Void] = []
    var isScheduled = false
    var isFailed = false
  }

  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "gonogo.bus.log")
  private let limits: BusLimits
  private let onFailure: @Sendable (LogError) -> Void
  /// Only the body of `drain` uses it, which the serial queue runs one at a time.
  private nonisolated(unsafe) let desk: LogWriter

  /// - Parameter onFailure: called on the log's thread when the disk has failed; the process must end.
  init(desk: sending LogWriter, limits: BusLimits, onFailure: @escaping @Sendable (LogError) -> Void) {
    self.desk = desk
    self.limits = limits
    self.onFailure = onFailure
  }

  // MARK: Publishing

  /// Makes room for a call's events; the reason where there is none.
  func reserve(_ call: PendingCall) -> Problem? {
    state.withLock { state in
      if state.isFailed { return LogError.failed("").problem }
      guard state.events < limits.queuedEvents, state.bytes < limits.queuedBytes else {
        return .busy("\(state.events) events wait to be stored; send again soon", retryAfterMs: 100)
      }
      state.events += call.call.parts.count
      state.bytes += call.call.parts.reduce(0) { $0 + $1.count }
      return nil
    }
  }

  /// Stores the events of calls that room was made for, and answers the calls.
  func publish(_ calls: [ValidatedPublish]) {
    let schedule = state.withLock { state in
      state.calls += calls
      state.waiting += calls.reduce(0) { $0 + $1.events.count }
      return mustSchedule(&state)
    }
    if schedule { queue.async { self.drain() } }
  }

  // MARK: Everything else

  /// Runs the body on the log's thread, between commits; a log that fails in it ends the process as well.
  func perform<R: Sendable>(_ body: @escaping @Sendable (LogWriter) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      let schedule = state.withLock { state in
        state.jobs.append { desk in
          let result = Result { try body(desk) }
          if case .failure(let error as LogError) = result, case .failed = error { self.fail(error) }
          continuation.resume(with: result)
        }
        return mustSchedule(&state)
      }
      if schedule { queue.async { self.drain() } }
    }
  }

  // MARK: The thread

  private func mustSchedule(_ state: inout State) -> Bool {
    defer { state.isScheduled = true }
    return !state.isScheduled
  }

  private func drain() {
    while let work = next() {
      for job in work.jobs { job(desk) }
      guard !work.calls.isEmpty else { continue }
      do throws(LogError) {
        try desk.publish(work.calls)
      } catch {
        fail(error)
      }
      state.withLock { state in
        state.events -= work.calls.reduce(0) { $0 + $1.call.call.parts.count }
        state.bytes -= work.calls.reduce(0) { $0 + $1.byteCount }
      }
    }
  }

  private func fail(_ error: LogError) {
    state.withLock { $0.isFailed = true }
    onFailure(error)
  }

  /// What is to be done next: all other work, and the calls of one commit.
  ///
  /// Of many calls half are taken, so that the other half is stored while the publishers of the first get their answers
  /// and send more.
  private func next() -> (calls: [ValidatedPublish], jobs: [@Sendable (LogWriter) -> Void])? {
    state.withLock { state in
      guard !(state.calls.isEmpty && state.jobs.isEmpty) else {
        state.isScheduled = false
        return nil
      }
      let share = min(max(Self.smallestShare, state.waiting / 2), limits.eventsPerCommit)
      var events = 0
      let count = state.calls.prefix { call in
        defer { events += call.events.count }
        return events < share
      }.count
      let calls = Array(state.calls.prefix(count))
      state.calls.removeFirst(count)
      state.waiting -= calls.reduce(0) { $0 + $1.events.count }
      defer { state.jobs = [] }
      return (calls, state.jobs)
    }
  }

  /// Fewer events than this are not worth a flush of their own while others wait.
  private static let smallestShare = 512
}

/// Says once that nothing can be stored, and once that it can be again, however often it is tried in between.
struct OutageLog {
  private let logger: Logger
  private var fault: LogError?

  init(logger: Logger) { self.logger = logger }

  mutating func note(_ fault: LogError) {
    defer { self.fault = fault }
    guard self.fault == nil else { return }
    logger.error("nothing can be stored", metadata: ["error": "\(fault)"])
  }

  mutating func end() {
    guard fault != nil else { return }
    fault = nil
    logger.notice("events are stored again")
  }
}
