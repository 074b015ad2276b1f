import Contract
import LaunchModel
import Messaging
import Synchronization

/// Keeps its own list, outside the system, of what was sent, what was acknowledged and what was delivered.
final class Witness: Sendable {
  /// An event as its publisher knows it.
  struct Sent: Sendable, Hashable {
    var publisher: Int
    var sequence: Int
    var bytes: [UInt8]
  }

  /// An event as the bus gave it.
  struct Delivered: Sendable, Hashable {
    var offset: Int64
    var bytes: [UInt8]
  }

  private struct State {
    var acknowledged: [(event: Sent, offset: Int64)] = []
    var delivered: [Delivered] = []
    var faults: [String] = []
  }

  private let state = Mutex(State())

  /// What went wrong, in words.
  var faults: [String] { state.withLock { $0.faults } }
  /// How many events were acknowledged.
  var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }
  /// Where the consumer is.
  var deliveredOffset: Int64 { state.withLock { $0.delivered.last?.offset ?? 0 } }

  /// Notes the bus's answer for events that were sent together.
  func acknowledge(_ events: [Sent], _ results: [PublishResult]) {
    state.withLock { state in
      for (event, result) in zip(events, results) {
        if let offset = result.offset, result.status != .rejected {
          state.acknowledged.append((event, offset))
        } else {
          state.faults.append("event \(event.publisher)/\(event.sequence) was answered \(result)")
        }
      }
    }
  }

  /// Notes events that a consumer got; there may be no gap, and nothing twice.
  func deliver(_ events: [StoredEvent]) {
    state.withLock { state in
      for event in events {
        let expected = (state.delivered.last?.offset ?? 0) + 1
        if event.offset != expected { state.faults.append("offset \(event.offset) came where \(expected) was due") }
        state.delivered.append(Delivered(offset: event.offset, bytes: event.bytes))
      }
    }
  }

  /// Compares the lists with what the log says in the end.
  func verify(against log: [Delivered]) -> [String] {
    let (acknowledged, delivered) = state.withLock { ($0.acknowledged, $0.delivered) }
    var faults = faults
    if log.map(\.offset) != Array(1...max(Int64(log.count), 1)) { faults.append("the offsets are not dense") }
    if delivered != log { faults.append("the consumer was given something else than the log holds now") }
    if Set(log.map(\.bytes)).count != log.count { faults.append("an event is in the log twice") }
    for (event, offset) in acknowledged
    where !log.indices.contains(Int(offset) - 1) || log[Int(offset) - 1].bytes != event.bytes {
      faults.append("event \(event.publisher)/\(event.sequence) was acknowledged at \(offset), and is not there")
    }
    if Set(acknowledged.map(\.event)).count != log.count {
      faults.append("\(log.count) events are in the log, and \(acknowledged.count) were acknowledged")
    }
    return faults + Self.disorder(acknowledged)
  }

  /// Each publisher sends one message after the other: its events must lie in that order.
  private static func disorder(_ acknowledged: [(event: Sent, offset: Int64)]) -> [String] {
    Dictionary(grouping: acknowledged, by: \.event.publisher).compactMap { publisher, events in
      let offsets = events.sorted { $0.event.sequence < $1.event.sequence }.map(\.offset)
      return zip(offsets, offsets.dropFirst()).allSatisfy(<) ? nil : "the order of publisher \(publisher) was lost"
    }
  }
}
