import Contract
import Synchronization

@testable import Messaging

/// A store that changes effects and offset together, and fails on demand.
final class Store: EventSink {
  struct StoreDown: Error {}

  private struct State {
    var ids: [String] = []
    var offset: Int64 = 0
    var late: [String] = []
    var tries: [String: Int] = [:]
    var poison: Set<String> = []
    var storeFailures = 0
    var transactions: [Int] = []
    var readAhead: [Int] = []
    var misread: [Int64] = []
  }

  /// Events that were read ahead of their transaction.
  private struct Reading: PreparedEvents {
    var offsets: [Int64]
  }

  private let state = Mutex(State())
  let applied = MonotonicCounter()

  init(poison: Set<String> = [], storeFailures: Int = 0) {
    state.withLock { state in
      state.poison = poison
      state.storeFailures = storeFailures
    }
  }

  var ids: [String] { state.withLock(\.ids) }
  var late: [String] { state.withLock(\.late) }
  func tries(_ id: String) -> Int { state.withLock { $0.tries[id] ?? 0 } }
  /// How many events each transaction applied.
  var transactions: [Int] { state.withLock(\.transactions) }
  /// How many events each attempted transaction had that were read ahead.
  var readAhead: [Int] { state.withLock(\.readAhead) }
  /// The offsets of transactions whose events were not those that were read ahead for them.
  var misread: [Int64] { state.withLock(\.misread) }
  func heal() {
    state.withLock { state in
      state.poison = []
      state.storeFailures = 0
    }
  }
  var storedOffset: Int64 { state.withLock(\.offset) }

  func offset() async throws -> Int64 { state.withLock(\.offset) }
  func reread() async throws {}

  /// Takes back the last transactions, as a standby does that is promoted and has not heard of them.
  func goBack(to offset: Int64) {
    state.withLock { state in
      state.ids.removeAll { Int64($0).map { $0 > offset } ?? false }
      state.offset = offset
    }
  }

  func prepare(_ events: [StoredEvent]) -> (any PreparedEvents)? {
    for event in events {
      guard case .success = event.content else { return nil }
    }
    return Reading(offsets: events.map(\.offset))
  }

  func apply(
    _ events: [StoredEvent], prepared: [any PreparedEvents], after stored: Int64, upTo offset: Int64
  ) async throws {
    if !prepared.isEmpty {
      let read = prepared.compactMap { ($0 as? Reading)?.offsets }.flatMap(\.self)
      state.withLock { state in
        state.readAhead.append(read.count)
        if read != events.map(\.offset) { state.misread.append(offset) }
      }
    }
    try await apply(events, after: stored, upTo: offset)
  }

  func apply(_ events: [StoredEvent], after stored: Int64, upTo offset: Int64) async throws {
    try state.withLock { state in
      guard state.offset >= stored else { throw StoreWentBack(to: state.offset) }
      if state.storeFailures > 0 {
        state.storeFailures -= 1
        throw StoreDown()
      }
      var ids: [String] = []
      var refusals: [RefusedEvents.Refusal] = []
      for event in events {
        do throws(EventError) {
          let id = try event.event().id
          state.tries[id, default: 0] += 1
          guard !state.poison.contains(id) else { throw EventError(code: "poison", detail: "\(id) is bad") }
          ids.append(id)
        } catch {
          refusals.append(RefusedEvents.Refusal(event, error))
        }
      }
      guard refusals.isEmpty else { throw RefusedEvents(refusals) }
      state.ids += ids
      state.offset = offset
      state.transactions.append(events.count)
    }
    applied.advance(to: offset)
  }

  func applyLate(_ event: StoredEvent) async throws {
    try state.withLock { state in
      let id = try event.event().id
      guard !state.poison.contains(id) else {
        throw RefusedEvents([.init(event, EventError(code: "poison", detail: "\(id) is bad"))])
      }
      state.late.append(id)
    }
    applied.advance(to: .max)
  }
}
