public import Contract
public import LaunchModel
public import Messaging
public import ServiceKit
import Synchronization

/// An in-memory bus with the offsets and the duplicate detection of the real one, but without a process.
public final class MemoryBus: EventBus {
  private struct State {
    var events: [StoredEvent] = []
    var first: Int64 = 1
    var offsets: [String: Int64] = [:]
    var isReachable = true
    var rejectedTypes: Set<String> = []
    var publishFailure: Problem?
  }

  private let clock: any ServiceClock
  private let state = Mutex(State())

  public init(clock: any ServiceClock) { self.clock = clock }

  /// Whether calls succeed; if false, they fail immediately, as they would without a bus.
  public var isReachable: Bool {
    get { state.withLock { $0.isReachable } }
    set { state.withLock { $0.isReachable = newValue } }
  }

  /// The failure of every publish, although the bus answers; nil if publishing succeeds.
  public var publishFailure: Problem? {
    get { state.withLock { $0.publishFailure } }
    set { state.withLock { $0.publishFailure = newValue } }
  }

  /// Rejects events of these types from now on.
  public func reject(types: Set<String>) { state.withLock { $0.rejectedTypes = types } }

  /// Drops the events before an offset from the log.
  public func prune(before offset: Int64) { state.withLock { $0.first = offset } }

  /// All events that were ever stored.
  public var events: [StoredEvent] { state.withLock { $0.events } }

  public func publish(_ events: [[UInt8]], timeout: Duration) async throws -> [PublishResult] {
    try check()
    if let publishFailure { throw publishFailure }
    return events.map { store($0) }
  }

  public func fetch(
    after offset: Int64, types: [String], max: Int, wait: Duration, timeout: Duration
  ) async throws -> FetchedBatch {
    try check()
    return state.withLock { state in
      // An event's index is its offset minus 1. Searching for one more than `max` shows whether the search reached the
      // head.
      let kept = state.events.dropFirst(Int(Swift.max(offset, state.first - 1)))
      let later = kept.lazy.filter { Self.matches($0, types) }.prefix(max + 1)
      let found = Array(later.prefix(max))
      let head = later.count > max ? found.last?.offset ?? offset : Int64(state.events.count)
      return FetchedBatch(events: found, head: head, first: state.first)
    }
  }

  public func head(timeout: Duration) async throws -> LogBounds {
    try check()
    return state.withLock { LogBounds(head: Int64($0.events.count), first: $0.first) }
  }

  public func at(_ time: Timestamp, timeout: Duration) async throws -> Int64 {
    try check()
    return state.withLock { state in
      state.events.first { $0.offset >= state.first && $0.storedAt >= time }?.offset ?? Int64(state.events.count) + 1
    }
  }

  private static func matches(_ event: StoredEvent, _ types: [String]) -> Bool {
    guard !types.isEmpty else { return true }
    guard case .success(let content) = event.content else { return false }
    return types.contains { content.type.hasPrefix($0) }
  }

  private func store(_ bytes: [UInt8]) -> PublishResult {
    let now = clock.now()
    return state.withLock { state in
      let offset = Int64(state.events.count + 1)
      let event = StoredEvent(offset: offset, storedAt: now, bytes: bytes)
      guard case .success(let content) = event.content else {
        return PublishResult(.rejected, error: EventRejection(code: "malformed", detail: "not a CloudEvent"))
      }
      guard !state.rejectedTypes.contains(content.type) else {
        return PublishResult(
          .rejected,
          error: EventRejection(code: "forbidden", detail: "this test rejects events of type \(content.type)"))
      }
      let key = "\(content.source) \(content.id)"
      if let earlier = state.offsets[key] { return PublishResult(.duplicate, offset: earlier) }
      state.events.append(event)
      state.offsets[key] = offset
      return PublishResult(.stored, offset: offset)
    }
  }

  private func check() throws {
    guard isReachable else {
      throw Problem(
        .unavailable, code: "unreachable", title: "The service cannot be reached",
        detail: "the test has made the bus unreachable",
        retryable: true)
    }
  }
}
