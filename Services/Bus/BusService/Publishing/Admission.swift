import BusCore
import Dispatch
import LaunchModel
import Messaging
import Synchronization

/// Takes calls to publish from the reactor, judges their events on a thread of its own, and hands them to the log's.
///
/// So the next events are judged while the ones before are being flushed.
final class Admission: CallBatchHandler {
  private struct State {
    var calls: [PendingCall] = []
    var isScheduled = false
  }

  let methods: Set<String> = [BusRoutes.publish.method]
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "gonogo.bus.admission")
  private let thread: LogThread
  private let limits: BusLimits
  /// Only the body of `drain` uses it, which the serial queue runs one at a time.
  private nonisolated(unsafe) var judge: EventJudge

  init(thread: LogThread, parts: BusParts) {
    self.thread = thread
    limits = parts.limits
    judge = EventJudge(maximumBytes: parts.limits.eventBytes, roster: parts.roster, own: parts.own)
  }

  func receive(_ calls: [PendingCall]) {
    var refused: [(call: PendingCall, outcome: CallOutcome)] = []
    var taken: [PendingCall] = []
    for call in calls {
      if let problem = refusal(call.call) ?? thread.reserve(call) {
        refused.append((call, .failure(problem)))
      } else {
        taken.append(call)
      }
    }
    PendingCall.answer(refused)
    guard !taken.isEmpty else { return }
    let mustSchedule = state.withLock { state in
      state.calls += taken
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    if mustSchedule { queue.async { self.drain() } }
  }

  private func refusal(_ call: IncomingCall) -> Problem? {
    guard !call.parts.isEmpty else {
      return Problem(
        .invalidParams, code: "no-events", title: "there are no events",
        detail: "each event is a part of the message, after the envelope")
    }
    guard call.parts.count <= limits.eventsPerCall else {
      return .tooLarge("the message has \(call.parts.count) events, and \(limits.eventsPerCall) are allowed")
    }
    return nil
  }

  private func drain() {
    while true {
      let calls = state.withLock { state in
        defer { state.calls = [] }
        if state.calls.isEmpty { state.isScheduled = false }
        return state.calls
      }
      if calls.isEmpty { return }
      judge.refresh()
      // A few at a time, so that the log has something to do soon.
      for start in stride(from: 0, to: calls.count, by: Self.step) {
        thread.publish(calls[start..<min(start + Self.step, calls.count)].map { judge.judge($0) })
      }
    }
  }

  private static let step = 16
}
