import BusCore
import Contract
import Dispatch
import JSON
import LaunchModel
import Messaging
import Synchronization

/// Accepts publish calls from the reactor, validates their events on its own thread, and passes them to the log thread.
///
/// Events can therefore be validated while earlier ones are being flushed.
final class PublishIntake: CallBatchHandler {
  private struct State {
    var calls: [PendingCall] = []
    var isScheduled = false
  }

  let methods: Set<String> = [BusRoutes.publish.method]
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "gonogo.bus.intake")
  private let thread: LogThread
  private let limits: BusLimits
  private let context: BusContext
  /// Safe because only `drain` uses it, and the serial queue runs one `drain` at a time.
  private nonisolated(unsafe) var validator: EventValidator

  init(thread: LogThread, context: BusContext) {
    self.thread = thread
    self.context = context
    limits = context.limits
    validator = EventValidator(
      maximumBytes: context.limits.eventBytes, roster: context.roster, ownPrincipals: context.ownPrincipals)
  }

  func receive(_ calls: [PendingCall]) {
    var rejected: [(call: PendingCall, outcome: CallOutcome)] = []
    var accepted: [PendingCall] = []
    for call in calls {
      if let problem = problem(with: call.call) ?? thread.reserve(call) {
        rejected.append((call, .failure(problem)))
      } else {
        accepted.append(call)
      }
    }
    PendingCall.answer(rejected)
    guard !accepted.isEmpty else { return }
    let mustSchedule = state.withLock { state in
      state.calls += accepted
      defer { state.isScheduled = true }
      return !state.isScheduled
    }
    if mustSchedule { queue.async { self.drain() } }
  }

  private func problem(with call: IncomingCall) -> Problem? {
    if let outage = context.watch?.failure { return outage.problem }
    guard !call.parts.isEmpty else {
      return Problem(
        .invalidParams, code: "no-events", title: "the message has no events",
        detail: "send each event in its own frame, after the envelope")
    }
    guard call.parts.count <= limits.eventsPerCall else {
      return .tooLarge("the message has \(call.parts.count) events; the limit is \(limits.eventsPerCall)")
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
      validator.refresh()
      // Passes on a few calls at a time, so that the log thread can start early.
      for start in stride(from: 0, to: calls.count, by: Self.chunk) {
        thread.publish(calls[start..<min(start + Self.chunk, calls.count)].map { validator.validate($0) })
      }
    }
  }

  private static let chunk = 16
}

/// A publish call after validation: the events to store, and the rejected ones.
struct ValidatedPublish: Sendable {
  let call: PendingCall
  /// The version of the roster under which it was validated, as in `CurrentRoster.versioned`.
  let rosterVersion: Int
  private(set) var events: [ScannedEvent] = []
  /// Warnings about events, by index in `events`; empty for almost every call.
  private var warnings: [Int: EventWarning] = [:]
  /// The rejected parts by their index in the call, ascending.
  private var rejected: [(part: Int, error: EventRejection)] = []
  /// The outcome of each event in `events`, once it is known.
  private var outcomes: ArraySlice<AppendOutcome> = []

  init(call: PendingCall, rosterVersion: Int) {
    self.call = call
    self.rosterVersion = rosterVersion
    events.reserveCapacity(call.call.parts.count)
  }

  /// The total number of bytes of the call's parts.
  var byteCount: Int { call.call.parts.reduce(0) { $0 + $1.count } }

  mutating func accept(_ event: ScannedEvent, warning: EventWarning? = nil) {
    if let warning { warnings[events.count] = warning }
    events.append(event)
  }

  mutating func reject(_ part: Int, _ error: EventRejection) { rejected.append((part, error)) }

  /// Records the outcomes of the events, in order.
  mutating func record(_ outcomes: ArraySlice<AppendOutcome>) { self.outcomes = outcomes }

  /// The events that validation or the log rejected, with the reasons.
  var rejections: [(bytes: [UInt8], error: EventRejection)] {
    let reused = zip(events, outcomes).compactMap { event, outcome in outcome.rejection.map { (event.bytes, $0) } }
    return rejected.map { (call.call.parts[$0.part], $0.error) } + reused
  }

  /// The stored events that have a warning, each with its offset.
  var doubtful: [(event: ScannedEvent, offset: Int64)] {
    guard !warnings.isEmpty else { return [] }
    return warnings.keys.sorted().compactMap { index in
      guard case .stored(let offset) = outcomes[outcomes.startIndex + index] else { return nil }
      return (events[index], offset)
    }
  }

  /// The answer to the call: one result for each part, in order.
  var reply: CallReply {
    var writer = PublishedEventsWriter(parts: call.call.parts.count)
    var rejected = rejected[...]
    var outcomes = outcomes
    var next = 0
    for part in call.call.parts.indices {
      if let rejection = rejected.first, rejection.part == part {
        rejected.removeFirst()
        writer.append(rejection.error)
      } else if let outcome = outcomes.popFirst() {
        writer.append(outcome, warning: warnings[next])
        next += 1
      } else {
        writer.append(Self.noResult)
      }
    }
    let refusals = (self.rejected.count + Self.eventsInARefusal - 1) / Self.eventsInARefusal
    return CallReply(result: writer.finished(), refusals: refusals)
  }

  /// Refusing an event costs less than refusing a call, so this many rejected events count as one refused call.
  private static let eventsInARefusal = 16

  private static let noResult = EventRejection(
    code: "internal", detail: "the bus has no result for this event; publish it again")
}

extension AppendOutcome {
  /// Why the log rejected the event; nil if the event is in the log.
  var rejection: EventRejection? {
    switch self {
    case .stored, .duplicate: nil
    case .idReused(let offset):
      EventRejection(
        code: "id-reused", detail: "the event at offset \(offset) has the same source and id but different content",
        pointer: "/id")
    case .damaged(let offset):
      EventRejection(
        code: "corrupt-event",
        detail:
          "an event with the same source and id was stored at offset \(offset) and is damaged there, so the two cannot "
          + "be compared; publish it again once the log is repaired")
    }
  }

  /// Whether the log found damage when it compared the event.
  var isDamage: Bool {
    if case .damaged = self { true } else { false }
  }
}

extension PublishResult {
  /// Creates the result that the publisher receives for an outcome.
  init(_ outcome: AppendOutcome) {
    switch outcome {
    case .stored(let offset): self.init(.stored, offset: offset)
    case .duplicate(let offset): self.init(.duplicate, offset: offset)
    case .idReused, .damaged: self.init(.rejected, error: outcome.rejection)
    }
  }
}

/// Encodes the result of `events.publish`. Written by hand for speed, because every publisher waits for it.
struct PublishedEventsWriter {
  private var bytes = Array("{\"results\":[".utf8)
  private var isFirst = true

  /// - Parameter parts: the number of results that will be appended.
  init(parts: Int) { bytes.reserveCapacity(32 + parts * 44) }

  mutating func append(_ outcome: AppendOutcome, warning: EventWarning? = nil) {
    switch outcome {
    case .stored(let offset): append("{\"status\":\"stored\",\"offset\":", offset, warning)
    case .duplicate(let offset): append("{\"status\":\"duplicate\",\"offset\":", offset, warning)
    case .idReused, .damaged: if let rejection = outcome.rejection { append(rejection) }
    }
  }

  mutating func append(_ rejection: EventRejection) {
    separate()
    bytes.append(contentsOf: "{\"status\":\"rejected\",\"error\":".utf8)
    bytes.append(contentsOf: JSONValue(rejection).serialized())
    bytes.append(UInt8(ascii: "}"))
  }

  /// Returns the complete result.
  consuming func finished() -> [UInt8] {
    bytes.append(contentsOf: "]}".utf8)
    return bytes
  }

  private mutating func append(_ text: StaticString, _ offset: Int64, _ warning: EventWarning?) {
    separate()
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(decimal: offset)
    if let warning {
      let value: JSONValue = ["code": .string(warning.code), "detail": .string(warning.detail)]
      bytes.append(contentsOf: ",\"warning\":".utf8)
      bytes.append(contentsOf: value.serialized())
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }
}

extension JSONValue {
  fileprivate init(_ rejection: EventRejection) {
    var members: [String: JSONValue] = ["code": .string(rejection.code), "detail": .string(rejection.detail)]
    if let pointer = rejection.pointer { members["pointer"] = .string(pointer) }
    self = .object(members)
  }
}

extension [UInt8] {
  /// Appends a non-negative number in decimal digits.
  mutating func append(decimal value: Int64) {
    guard value >= 10 else { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: Swift.max(value, 0))) }
    var rest = value
    let start = count
    while rest > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    }
    self[start...].reverse()
  }
}
