import BusCore
import Dispatch
import LaunchModel
import Logging
import Messaging
import Synchronization

/// Runs everything that touches the log, one after another, on a thread that is not the cooperative pool's.
///
/// Calls to publish that queue up while a commit is being flushed share the next one. Everything else runs between
/// commits, and is short.
final class LogThread: CallBatchHandler {
  private struct State {
    var calls: [PendingCall] = []
    var events = 0
    var bytes = 0
    var jobs: [@Sendable (LogDesk) -> Void] = []
    var isScheduled = false
    var isFailed = false
  }

  let methods: Set<String> = [BusRoutes.publish.method]
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "gonogo.bus.log")
  private let limits: BusLimits
  private let onFailure: @Sendable (LogFault) -> Void
  /// Only the body of `drain` uses it, which the serial queue runs one at a time.
  private nonisolated(unsafe) let desk: LogDesk

  /// - Parameter onFailure: called on the log's thread when the disk has failed; the process must end.
  init(desk: sending LogDesk, limits: BusLimits, onFailure: @escaping @Sendable (LogFault) -> Void) {
    self.desk = desk
    self.limits = limits
    self.onFailure = onFailure
  }

  // MARK: Publishing

  func receive(_ calls: [PendingCall]) {
    var refused: [(call: PendingCall, outcome: CallOutcome)] = []
    let schedule = state.withLock { state in
      for call in calls {
        if let problem = refusal(call.call, state) {
          refused.append((call, .failure(problem)))
        } else {
          state.calls.append(call)
          state.events += call.call.parts.count
          state.bytes += Self.size(call)
        }
      }
      return mustSchedule(&state)
    }
    PendingCall.answer(refused)
    if schedule { queue.async { self.drain() } }
  }

  private func refusal(_ call: IncomingCall, _ state: State) -> Problem? {
    guard !call.parts.isEmpty else {
      return Problem(
        .invalidParams, code: "no-events", title: "there are no events",
        detail: "each event is a part of the message, after the envelope")
    }
    guard call.parts.count <= limits.eventsPerCall else {
      return .tooLarge("the message has \(call.parts.count) events, and \(limits.eventsPerCall) are allowed")
    }
    if state.isFailed { return LogFault.failed("").problem }
    guard state.events < limits.queuedEvents, state.bytes < limits.queuedBytes else {
      return .busy("\(state.events) events wait to be stored; send again soon", retryAfterMs: 100)
    }
    return nil
  }

  private static func size(_ call: PendingCall) -> Int { call.call.parts.reduce(0) { $0 + $1.count } }

  // MARK: Everything else

  /// Runs the body on the log's thread, between commits.
  func perform<R: Sendable>(_ body: @escaping @Sendable (LogDesk) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      let schedule = state.withLock { state in
        state.jobs.append { desk in continuation.resume(with: Result { try body(desk) }) }
        return mustSchedule(&state)
      }
      if schedule { queue.async { self.drain() } }
    }
  }

  // MARK: The thread

  private func mustSchedule(_ state: inout State) -> Bool {
    guard !state.isScheduled, !(state.calls.isEmpty && state.jobs.isEmpty) else { return false }
    state.isScheduled = true
    return true
  }

  private func drain() {
    while let work = next() {
      for job in work.jobs { job(desk) }
      guard !work.calls.isEmpty else { continue }
      do throws(LogFault) {
        try desk.publish(work.calls)
      } catch {
        state.withLock { $0.isFailed = true }
        onFailure(error)
      }
    }
  }

  /// What is to be done next: all other work, and the calls of one commit.
  ///
  /// Of many calls half are taken, so that the other half is stored while the publishers of the first get their answers
  /// and send more.
  private func next() -> (calls: [PendingCall], jobs: [@Sendable (LogDesk) -> Void])? {
    state.withLock { state in
      guard !(state.calls.isEmpty && state.jobs.isEmpty) else {
        state.isScheduled = false
        return nil
      }
      let share = min(max(Self.smallestShare, state.events / 2), limits.eventsPerCommit)
      var events = 0
      let count = state.calls.prefix { call in
        defer { events += call.call.parts.count }
        return events < share
      }.count
      let calls = Array(state.calls.prefix(count))
      state.calls.removeFirst(count)
      state.events -= calls.reduce(0) { $0 + $1.call.parts.count }
      state.bytes -= calls.reduce(0) { $0 + Self.size($1) }
      defer { state.jobs = [] }
      return (calls, state.jobs)
    }
  }

  /// Fewer events than this are not worth a flush of their own while others wait.
  private static let smallestShare = 512
}
