import BusCore
import Dispatch
import Contract
import LaunchModel
import Messaging
import Synchronization

/// Takes calls to publish from the reactor, judges their events on a thread of its own, and hands them to the log's.
///
/// So the next events are judged while the ones before are being flushed.
final class PublishIntake: CallBatchHandler {
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
  private nonisolated(unsafe) var judge: EventValidator

  init(thread: LogThread, parts: BusContext) {
    self.thread = thread
    limits = parts.limits
    judge = EventValidator(maximumBytes: parts.limits.eventBytes, roster: parts.roster, own: parts.own)
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

/// A call to publish whose events have been judged: what is to be stored, and what has been refused.
struct ValidatedPublish: Sendable {
  let call: PendingCall
  /// The roster that it was judged under, by `CurrentRoster.versioned`.
  let roster: Int
  private(set) var events: [ScannedEvent] = []
  /// Those that are not to be stored, by the parts that they are, ascending.
  private var refused: [(part: Int, error: EventRejection)] = []
  /// What became of `events`, once it is known.
  private var outcomes: ArraySlice<AppendOutcome> = []

  init(call: PendingCall, roster: Int) {
    self.call = call
    self.roster = roster
    events.reserveCapacity(call.call.parts.count)
  }

  /// The bytes of all its parts together.
  var byteCount: Int { call.call.parts.reduce(0) { $0 + $1.count } }

  mutating func accept(_ event: ScannedEvent) { events.append(event) }

  mutating func refuse(_ part: Int, _ error: EventRejection) { refused.append((part, error)) }

  /// Notes what became of the events, in their order.
  mutating func note(_ outcomes: ArraySlice<AppendOutcome>) { self.outcomes = outcomes }

  /// What was refused, before or by the log, with the reasons.
  var refusals: [(bytes: [UInt8], error: EventRejection)] {
    let reused = zip(events, outcomes).compactMap { event, outcome in outcome.rejection.map { (event.bytes, $0) } }
    return refused.map { (call.call.parts[$0.part], $0.error) } + reused
  }

  /// The call's answer: a result for each part, in their order.
  var reply: CallReply {
    var writer = PublishedEventsWriter(parts: call.call.parts.count)
    var refused = refused[...]
    var outcomes = outcomes
    for part in call.call.parts.indices {
      if let refusal = refused.first, refusal.part == part {
        refused.removeFirst()
        writer.append(refusal.error)
      } else if let outcome = outcomes.popFirst() {
        writer.append(outcome)
      } else {
        writer.append(Self.lost)
      }
    }
    return CallReply(result: writer.finished())
  }

  private static let lost = EventRejection(
    code: "internal", detail: "the bus lost count of this event; send it again")
}

extension AppendOutcome {
  /// Why the log did not take the event; nil where it has it.
  var rejection: EventRejection? {
    guard case .idReused(let offset) = self else { return nil }
    return EventRejection(
      code: "id-reused", detail: "the event at offset \(offset) has the same source and id, and other content",
      pointer: "/id")
  }
}

extension PublishResult {
  /// As the publisher is told.
  init(_ outcome: AppendOutcome) {
    switch outcome {
    case .stored(let offset): self.init(.stored, offset: offset)
    case .duplicate(let offset): self.init(.duplicate, offset: offset)
    case .idReused: self.init(.rejected, error: outcome.rejection)
    }
  }
}
