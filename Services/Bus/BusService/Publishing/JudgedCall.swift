import BusCore
import LaunchModel
import Messaging

/// A call to publish whose events have been judged: what is to be stored, and what has been refused.
struct JudgedCall: Sendable {
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
