import BusCore
import LaunchModel
import Messaging

/// A call to publish whose events have been judged: what is to be stored, and what has been refused.
struct JudgedCall: Sendable {
  let call: PendingCall
  private(set) var events: [ScannedEvent] = []
  /// Which part of the call each of the events is.
  private(set) var parts: [Int] = []
  private var results: [PublishResult?]

  init(call: PendingCall) {
    self.call = call
    let count = call.call.parts.count
    results = Array(repeating: nil, count: count)
    events.reserveCapacity(count)
    parts.reserveCapacity(count)
  }

  /// The bytes of all its parts together.
  var byteCount: Int { call.call.parts.reduce(0) { $0 + $1.count } }

  mutating func accept(_ event: ScannedEvent, _ part: Int) {
    events.append(event)
    parts.append(part)
  }

  mutating func refuse(_ part: Int, _ error: EventRejection) {
    results[part] = PublishResult(.rejected, error: error)
  }

  /// Notes what became of the events, in their order.
  mutating func note(_ outcomes: ArraySlice<AppendOutcome>) {
    for (part, outcome) in zip(parts, outcomes) { results[part] = PublishResult(outcome) }
  }

  /// What was refused, with the reasons.
  var refusals: [(bytes: [UInt8], error: EventRejection)] {
    zip(call.call.parts, results).compactMap { bytes, result in result?.error.map { (bytes, $0) } }
  }

  /// The call's answer.
  var reply: CallReply { CallReply(result: PublishedEventsWriter.json(results)) }
}

extension PublishResult {
  /// As the publisher is told.
  init(_ outcome: AppendOutcome) {
    switch outcome {
    case .stored(let offset): self.init(.stored, offset: offset)
    case .duplicate(let offset): self.init(.duplicate, offset: offset)
    case .idReused(let offset):
      self.init(
        .rejected,
        error: EventRejection(
          code: "id-reused", detail: "the event at offset \(offset) has the same source and id, and other content",
          pointer: "/id"))
    }
  }
}
