import Contract
import LaunchModel
import Messaging
import Synchronization

/// Records what was sent, acknowledged and delivered, outside the system.
final class DeliveryRecorder: Sendable {
  /// An event as it was published.
  struct Sent: Sendable, Hashable {
    var publisher: Int
    var sequence: Int
    var bytes: [UInt8]
  }

  /// An event as it was delivered.
  struct Delivered: Sendable, Hashable {
    var offset: Int64
    var bytes: [UInt8]
  }

  private struct State {
    var acknowledged: [(event: Sent, offset: Int64)] = []
    var delivered: [Delivered] = []
    var differences: [String] = []
  }

  private let state = Mutex(State())

  /// Unexpected results, as text.
  var differences: [String] { state.withLock { $0.differences } }
  /// The number of acknowledged events.
  var acknowledgedCount: Int { state.withLock { $0.acknowledged.count } }
  /// The offset of the last delivered event.
  var deliveredOffset: Int64 { state.withLock { $0.delivered.last?.offset ?? 0 } }

  /// Records the bus's results for events that were sent together.
  func acknowledge(_ events: [Sent], _ results: [PublishResult]) {
    state.withLock { state in
      for (event, result) in zip(events, results) {
        if let offset = result.offset, result.status != .rejected {
          state.acknowledged.append((event, offset))
        } else {
          state.differences.append("event \(event.publisher)/\(event.sequence) got the result \(result)")
        }
      }
    }
  }

  /// Records events that the consumer received; offsets must be dense.
  func deliver(_ events: [StoredEvent]) {
    state.withLock { state in
      for event in events {
        let expected = (state.delivered.last?.offset ?? 0) + 1
        if event.offset != expected {
          state.differences.append("offset \(event.offset) was delivered instead of \(expected)")
        }
        state.delivered.append(Delivered(offset: event.offset, bytes: event.bytes))
      }
    }
  }

  /// Compares the records with the final log.
  func verify(against log: [Delivered]) -> [String] {
    let (acknowledged, delivered) = state.withLock { ($0.acknowledged, $0.delivered) }
    var differences = differences
    if log.map(\.offset) != Array(1...max(Int64(log.count), 1)) { differences.append("the offsets are not dense") }
    if delivered != log { differences.append("the delivered events differ from the log") }
    if Set(log.map(\.bytes)).count != log.count { differences.append("an event is in the log twice") }
    for (event, offset) in acknowledged
    where !log.indices.contains(Int(offset) - 1) || log[Int(offset) - 1].bytes != event.bytes {
      differences.append("event \(event.publisher)/\(event.sequence) was acknowledged at \(offset) but is not there")
    }
    if Set(acknowledged.map(\.event)).count != log.count {
      differences.append("the log has \(log.count) events, but \(acknowledged.count) were acknowledged")
    }
    return differences + Self.disorder(acknowledged)
  }

  /// Each publisher sends one message at a time, so its events must be in that order.
  private static func disorder(_ acknowledged: [(event: Sent, offset: Int64)]) -> [String] {
    Dictionary(grouping: acknowledged, by: \.event.publisher).compactMap { publisher, events in
      let offsets = events.sorted { $0.event.sequence < $1.event.sequence }.map(\.offset)
      return zip(offsets, offsets.dropFirst()).allSatisfy(<) ? nil : "the order of publisher \(publisher) was lost"
    }
  }
}
