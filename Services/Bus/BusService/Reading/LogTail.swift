import BusCore
import Contract
import DequeModule
import LaunchModel
import Synchronization

/// The newest events. The log thread appends them; calls read them and wait for more.
///
/// It does not use a `MonotonicCounter` for its waiters: a fetch waits for an event of certain types and not for an
/// offset, so an append resumes only the fetches with a matching type. The number of waiters is limited. Waiters are
/// chosen under the lock that guards the events, so that no event is missed in between.
final class LogTail: Sendable {
  private struct Waiter {
    /// The newest head that the caller knows. While all waiters are being woken, a newer head ends the wait.
    let known: Int64
    let filter: TypeFilter
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var recent: RecentEvents
    var first: Int64
    /// Why events after the head cannot be read.
    var damage: LogError?
    /// Why the log's database cannot be used; nil if it can.
    var outage: LogError?
    var waiters: [Int: Waiter] = [:]
    /// Ids of waits that were cancelled before they were registered.
    var cancelledWaits: Set<Int> = []
    var nextWaiter = 0
    /// The number of `wakingAllWaiters` calls that are running. While it is above 0, a fetch whose caller does not know
    /// the newest head returns at once.
    var wakeAllCount = 0
    var isClosed = false
  }

  private let state: Mutex<State>
  private let maximumWaiters: Int

  init(bounds: LogBounds, recentBytes: Int, maximumWaiters: Int) {
    state = Mutex(State(recent: RecentEvents(capacity: recentBytes, head: bounds.head), first: bounds.first))
    self.maximumWaiters = maximumWaiters
  }

  /// The bounds of the log.
  var bounds: LogBounds { state.withLock { LogBounds(head: $0.recent.head, first: $0.first) } }

  /// Why events after the head cannot be read; nil if no damage is known.
  var damage: LogError? { state.withLock { $0.damage } }

  /// Why the log's database cannot be used; nil if it can.
  var outage: LogError? { state.withLock { $0.outage } }

  /// The number of fetches that are waiting for events.
  var waiterCount: Int { state.withLock { $0.waiters.count } }

  /// Whether a `wakingAllWaiters` call is running.
  var isWakingAll: Bool { state.withLock { $0.wakeAllCount > 0 } }

  /// Whether the bus is shutting down.
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Returns the events after an offset, or nil if some of them are only on disk.
  func page(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) -> LogPage? {
    state.withLock { $0.recent.page(after: offset, matching: filter, limits: limits) }
  }

  // MARK: Called by the log thread

  /// Appends events that are on disk, and resumes the fetches that wait for any of them.
  func append(_ events: [LoggedEvent]) {
    guard !events.isEmpty else { return }
    let woken = state.withLock { state in
      for event in events { state.recent.append(event) }
      let matching =
        state.wakeAllCount > 0
        ? state.waiters : state.waiters.filter { waiter in events.contains(where: waiter.value.filter.matches) }
      return Self.removeWaiters(matching.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  /// Drops the events before an offset, which have been deleted from disk.
  func prune(before first: Int64) {
    state.withLock { state in
      state.first = first
      state.recent.prune(through: first - 1)
    }
  }

  /// Records why the next events cannot be read; nil if they can.
  func record(damage: LogError?) { state.withLock { $0.damage = damage } }

  /// Records why the log's database cannot be used, and resumes all waiters; nil if it can be used.
  func record(outage: LogError?) {
    let woken = state.withLock { state in
      state.outage = outage
      return outage == nil ? [] : Self.removeWaiters(state.waiters.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  // MARK: Waiting

  /// Waits until an event after the offset matches, the deadline passes, or all waiters are woken.
  ///
  /// - Parameter known: the newest head that the caller knows.
  /// - Throws: `busy` if too many fetches are waiting.
  func wait(
    after offset: Int64, known: Int64, matching filter: TypeFilter, until deadline: ContinuousClock.Instant
  ) async throws {
    let id = try state.withLock { state throws(Problem) -> Int in
      guard state.waiters.count < maximumWaiters else {
        throw .busy(
          "\(state.waiters.count) fetches are already waiting; try again, or fetch without waitMs", retryAfterMs: 500)
      }
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.suspend(id, after: offset, known: known, filter) }
      // The task group cancels the sleep if the other task finishes first.
      group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
      await group.next()
      group.cancelAll()
    }
  }

  private func suspend(_ id: Int, after offset: Int64, known: Int64, _ filter: TypeFilter) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let resumesNow = state.withLock { state in
          let isDone =
            state.isClosed || state.outage != nil || state.cancelledWaits.remove(id) != nil
            || state.recent.hasMatch(after: offset, filter)
            || (state.wakeAllCount > 0 && state.recent.head > known)
          if !isDone { state.waiters[id] = Waiter(known: known, filter: filter, continuation: continuation) }
          return isDone
        }
        if resumesNow { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiters.removeValue(forKey: id)
        if waiter == nil { state.cancelledWaits.insert(id) }
        return waiter
      }
      waiter?.continuation.resume()
    }
    // If the wait was cancelled after the waiter had been resumed, its id is still in `cancelledWaits`; remove it.
    _ = state.withLock { $0.cancelledWaits.remove(id) }
  }

  /// Resumes the fetches that do not know the newest head, and lets no such fetch wait while the body runs, so that
  /// consumers learn how far the log has been searched.
  func wakingAllWaiters<R>(_ body: () async throws -> R) async rethrows -> R {
    let woken = state.withLock { state in
      state.wakeAllCount += 1
      let outdated = state.waiters.filter { $0.value.known < state.recent.head }
      return Self.removeWaiters(outdated.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
    defer { state.withLock { $0.wakeAllCount -= 1 } }
    return try await body()
  }

  /// Resumes all waiters and rejects new ones.
  func close() {
    let woken = state.withLock { state in
      state.isClosed = true
      return Self.removeWaiters(state.waiters.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  private static func removeWaiters(
    _ ids: some Sequence<Int>, from state: inout State
  ) -> [CheckedContinuation<Void, Never>] {
    Array(ids).compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
  }
}

/// An in-memory cache of the newest events of the log, without gaps, as many as fit into its capacity.
struct RecentEvents: Sendable {
  private var events: Deque<LoggedEvent> = []
  private var byteCount = 0
  private let capacity: Int
  /// The newest offset of the log, whether or not its event is cached.
  private(set) var head: Int64

  /// - Parameters:
  /// - capacity: the number of bytes of events to keep.
  /// - head: the newest offset of the log so far; the events up to it are only on disk.
  init(capacity: Int, head: Int64) {
    self.capacity = capacity
    self.head = head
  }

  /// The oldest cached offset, or `head` + 1 if none is cached.
  var first: Int64 { head + 1 - Int64(events.count) }

  /// Appends the event that follows the newest one.
  mutating func append(_ event: LoggedEvent) {
    events.append(event)
    head = event.offset
    byteCount += event.bytes.count + Self.overhead
    while byteCount > capacity, let oldest = events.popFirst() { byteCount -= oldest.bytes.count + Self.overhead }
  }

  /// Drops the events up to an offset.
  mutating func prune(through offset: Int64) {
    while let oldest = events.first, oldest.offset <= offset {
      byteCount -= oldest.bytes.count + Self.overhead
      events.removeFirst()
    }
  }

  /// Returns the events after an offset, or nil if some of them are only on disk.
  func page(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) -> LogPage? {
    guard offset + 1 >= first else { return nil }
    var page = LogPage(events: [], searched: max(offset, head))
    var bytes = 0
    for index in Int(offset + 1 - first)..<max(events.count, Int(offset + 1 - first)) {
      let event = events[index]
      guard filter.matches(event) else { continue }
      bytes += event.bytes.count
      guard page.events.count < limits.events, bytes <= limits.bytes || page.events.isEmpty else {
        page.searched = event.offset - 1
        break
      }
      page.events.append(event)
    }
    return page
  }

  /// Whether a cached event after the offset matches the filter.
  func hasMatch(after offset: Int64, _ filter: TypeFilter) -> Bool {
    let start = max(offset + 1, first)
    return start <= head && events[Int(start - first)...].contains(where: filter.matches)
  }

  /// The approximate memory overhead of an event in bytes, in addition to its own bytes.
  private static let overhead = 128
}
