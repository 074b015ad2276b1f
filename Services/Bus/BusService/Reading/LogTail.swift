import BusCore
import Contract
import LaunchModel
import Synchronization

/// The newest events, shared by the log's thread, which adds them, and the calls, which read them and wait for more.
///
/// Its waiters are its own rather than a `MonotonicCounter`'s: a fetch waits for an event of its types, not for an offset, so
/// that an append resumes only the fetches that it concerns; their number is limited; and what resumes them is decided under
/// the same lock as what they read, so that no event falls in between.
final class LogTail: Sendable {
  private struct Waiter {
    /// What the caller knows: anything beyond it is worth telling when somebody wants everybody to go on.
    let known: Int64
    let filter: TypeFilter
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var recent: RecentEvents
    var first: Int64
    /// Why events after the head cannot be read.
    var damage: LogError?
    var waiters: [Int: Waiter] = [:]
    /// Of waits that ended before they had begun.
    var ended: Set<Int> = []
    var nextWaiter = 0
    /// While it is above 0, nobody waits who has not heard of the newest head.
    var settlers = 0
    var isClosed = false
  }

  private let state: Mutex<State>
  private let maximumWaiters: Int

  init(bounds: LogBounds, recentBytes: Int, maximumWaiters: Int) {
    state = Mutex(State(recent: RecentEvents(capacity: recentBytes, head: bounds.head), first: bounds.first))
    self.maximumWaiters = maximumWaiters
  }

  /// The ends of the log.
  var bounds: LogBounds { state.withLock { LogBounds(head: $0.recent.head, first: $0.first) } }

  /// Why events after the head cannot be read; nil if none is known to be damaged.
  var damage: LogError? { state.withLock { $0.damage } }

  /// How many fetches wait for events.
  var waiting: Int { state.withLock { $0.waiters.count } }

  /// Whether somebody wants everybody to go on.
  var isWakingAll: Bool { state.withLock { $0.settlers > 0 } }

  /// Whether the bus is being stopped.
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Events after an offset; nil where some of them are on disk only.
  func page(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) -> LogPage? {
    state.withLock { $0.recent.page(after: offset, matching: filter, limits: limits) }
  }

  // MARK: The log's thread

  /// Adds events that are on disk, and wakes those who wait for one of them.
  func append(_ events: [LoggedEvent]) {
    guard !events.isEmpty else { return }
    let woken = state.withLock { state in
      for event in events { state.recent.append(event) }
      let waiting =
        state.settlers > 0
        ? state.waiters : state.waiters.filter { waiter in events.contains(where: waiter.value.filter.matches) }
      return Self.take(waiting.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  /// Notes that the events before an offset have been deleted.
  func prune(before first: Int64) {
    state.withLock { state in
      state.first = first
      state.recent.prune(through: first - 1)
    }
  }

  /// Records why the next events cannot be read, or that they can.
  func record(damage: LogError?) { state.withLock { $0.damage = damage } }

  // MARK: Waiting

  /// Waits until an event that is wanted comes after the offset, the deadline has come, or everybody is sent home.
  ///
  /// - Parameter known: the head that the caller has heard of.
  /// - Throws: `busy` where too many wait already.
  func wait(
    after offset: Int64, known: Int64, matching filter: TypeFilter, until deadline: ContinuousClock.Instant
  ) async throws {
    let id = try state.withLock { state throws(Problem) -> Int in
      guard state.waiters.count < maximumWaiters else {
        throw .busy("\(state.waiters.count) fetches are waiting; ask again, or ask without waitMs", retryAfterMs: 500)
      }
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.suspend(id, after: offset, known: known, filter) }
      // Cut short by cancellation, which is what it is raced against.
      group.addTask { try? await Task.sleep(until: deadline, clock: .continuous) }
      await group.next()
      group.cancelAll()
    }
  }

  private func suspend(_ id: Int, after offset: Int64, known: Int64, _ filter: TypeFilter) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          let mustGo =
            state.isClosed || state.ended.remove(id) != nil || state.recent.hasMatch(after: offset, filter)
            || (state.settlers > 0 && state.recent.head > known)
          if !mustGo { state.waiters[id] = Waiter(known: known, filter: filter, continuation: continuation) }
          return mustGo
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiters.removeValue(forKey: id)
        if waiter == nil { state.ended.insert(id) }
        return waiter
      }
      waiter?.continuation.resume()
    }
    // Where it was cancelled after it had been woken, nobody comes for the mark any more.
    _ = state.withLock { $0.ended.remove(id) }
  }

  /// Lets fetches that have nothing to tell but the newest head go and tell it, while the body runs.
  func wakingAllWaiters<R>(_ body: () async throws -> R) async rethrows -> R {
    let woken = state.withLock { state in
      state.settlers += 1
      let late = state.waiters.filter { $0.value.known < state.recent.head }
      return Self.take(late.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
    defer { state.withLock { $0.settlers -= 1 } }
    return try await body()
  }

  /// Sends everybody home who waits, and lets nobody wait any more.
  func close() {
    let woken = state.withLock { state in
      state.isClosed = true
      return Self.take(state.waiters.keys, from: &state)
    }
    for waiter in woken { waiter.resume() }
  }

  private static func take(
    _ ids: some Sequence<Int>, from state: inout State
  ) -> [CheckedContinuation<Void, Never>] {
    Array(ids).compactMap { state.waiters.removeValue(forKey: $0)?.continuation }
  }
}
