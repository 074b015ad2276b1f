import JSON
import Contract
import LaunchModel
import Synchronization

@testable import Messaging

/// A bus in memory with the methods that clients and consumers use.
final class FakeBus: CallHandler {
  private struct State {
    var log: [(bytes: [UInt8], type: String)] = []
    var quarantine: [(entry: QuarantineEntry, event: [UInt8])] = []
    var committed: [String: Int64] = [:]
    var calls: [String: Int] = [:]
    var failing: Set<String> = []
  }

  private let state = Mutex(State())
  private let grown = MonotonicCounter()

  func append(_ events: [CloudEvent]) {
    let head = state.withLock { state in
      state.log += events.map { ($0.encoded(), $0.type) }
      return state.log.count
    }
    grown.advance(to: Int64(head))
  }

  /// Appends arbitrary bytes under a type.
  func append(raw bytes: [UInt8], type: String) {
    let head = state.withLock { state in
      state.log.append((bytes, type))
      return state.log.count
    }
    grown.advance(to: Int64(head))
  }

  var quarantine: [QuarantineEntry] { state.withLock { $0.quarantine.map(\.entry) } }
  func committed(_ consumer: String) -> Int64? { state.withLock { $0.committed[consumer] } }
  func calls(_ method: String) -> Int { state.withLock { $0.calls[method] ?? 0 } }
  func setFailing(_ methods: Set<String>) { state.withLock { $0.failing = methods } }
  func retryAll() {
    state.withLock { state in for index in state.quarantine.indices { state.quarantine[index].entry.status = .retrying }
    }
  }

  func handle(_ call: IncomingCall) async throws -> CallReply {
    let fails = state.withLock { state in
      state.calls[call.method, default: 0] += 1
      return state.failing.contains(call.method)
    }
    if fails { throw Problem.unavailable("disk-full", "no room") }
    switch call.method {
    case BusRoutes.fetch.method:
      return try await fetch(try JSONCoding.decode(FetchParameters.self, from: call.params), call)
    case BusRoutes.publish.method: return try publish(call.parts)
    case BusRoutes.commit.method: return try commit(try JSONCoding.decode(CommitParameters.self, from: call.params))
    case BusRoutes.head.method: return try reply(LogBounds(head: head, first: 1))
    case BusRoutes.quarantineAdd.method:
      return try add(try JSONCoding.decode(QuarantineAddParameters.self, from: call.params), call.parts[0])
    case BusRoutes.quarantineList.method:
      return try list(try JSONCoding.decode(QuarantineListParameters.self, from: call.params))
    case BusRoutes.quarantineDiscard.method:
      return try discard(try JSONCoding.decode(QuarantineSelection.self, from: call.params))
    default: throw Problem(.methodNotFound, code: "method-not-found", title: call.method)
    }
  }

  private var head: Int64 { Int64(state.withLock { $0.log.count }) }

  private func reply(_ value: some Encodable, parts: [[UInt8]] = []) throws -> CallReply {
    CallReply(result: try JSONCoding.encode(value), parts: parts)
  }

  private func fetch(_ request: FetchParameters, _ call: IncomingCall) async throws -> CallReply {
    let end = ContinuousClock.now + .milliseconds(request.waitMs ?? 0)
    while true {
      let found = matching(request)
      if !found.places.isEmpty || .now >= end {
        return try reply(FetchedEvents(events: found.places, head: found.head), parts: found.parts)
      }
      _ = try await grown.wait(for: found.head + 1, until: end)
    }
  }

  private func matching(_ request: FetchParameters) -> (places: [EventPlace], parts: [[UInt8]], head: Int64) {
    state.withLock { state in
      var (places, parts, searched) = ([EventPlace](), [[UInt8]](), request.after)
      for (index, event) in state.log.enumerated().dropFirst(Int(request.after)) where places.count < request.max ?? 500
      {
        searched = Int64(index + 1)
        guard request.types?.contains(where: { event.type.hasPrefix($0) }) ?? true else { continue }
        places.append(EventPlace(offset: searched, storedAt: Timestamp(microseconds: searched)))
        parts.append(event.bytes)
      }
      return (places, parts, searched)
    }
  }

  private func publish(_ events: [[UInt8]]) throws -> CallReply {
    let results = state.withLock { state in
      events.map { event in
        guard let parsed = try? CloudEvent(parsing: event) else {
          return PublishResult(.rejected, error: EventRejection(code: "invalid-event", detail: "no event"))
        }
        if let index = state.log.firstIndex(where: { $0.bytes == event }) {
          return PublishResult(.duplicate, offset: Int64(index + 1))
        }
        state.log.append((event, parsed.type))
        return PublishResult(.stored, offset: Int64(state.log.count))
      }
    }
    grown.advance(to: head)
    return try reply(PublishedEvents(results: results))
  }

  private func commit(_ request: CommitParameters) throws -> CallReply {
    let head = head
    state.withLock { $0.committed[request.consumer] = request.offset }
    return try reply(ConsumerPosition(consumer: request.consumer, offset: request.offset, lag: head - request.offset))
  }

  private func add(_ request: QuarantineAddParameters, _ event: [UInt8]) throws -> CallReply {
    let entry = state.withLock { state in
      state.quarantine.removeAll { $0.entry.consumer == request.consumer && $0.entry.offset == request.offset }
      let entry = QuarantineEntry(
        id: request.offset, consumer: request.consumer, offset: request.offset, code: request.code,
        detail: request.detail ?? "", attempts: request.attempts, at: Timestamp(microseconds: 0), status: .held)
      state.quarantine.append((entry, event))
      return entry
    }
    return try reply(entry)
  }

  private func list(_ filter: QuarantineListParameters) throws -> CallReply {
    let found = state.withLock { state in
      state.quarantine.filter {
        filter.consumer == $0.entry.consumer && (filter.status ?? $0.entry.status) == $0.entry.status
      }
    }
    return try reply(QuarantineList(entries: found.map(\.entry), total: found.count), parts: found.map(\.event))
  }

  private func discard(_ selection: QuarantineSelection) throws -> CallReply {
    state.withLock { state in state.quarantine.removeAll { selection.ids?.contains($0.entry.id) == true } }
    return try reply(QuarantineCount(count: selection.ids?.count ?? 0))
  }
}
