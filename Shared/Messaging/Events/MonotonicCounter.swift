import Synchronization

/// A growing number, for any value of which tasks can wait. It falls only if what it counted was lost.
public final class MonotonicCounter: Sendable {
  private struct Waiter {
    var number: Int64
    var continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var value: Int64
    var waiters: [Int: Waiter] = [:]
    var lastWaiter = 0
  }

  private let state: Mutex<State>
  private let onWaiting: @Sendable () -> Void

  /// - Parameter onWaiting: called whenever a task has begun to wait, on that task's thread.
  public init(_ value: Int64 = 0, onWaiting: @escaping @Sendable () -> Void = {}) {
    state = Mutex(State(value: value))
    self.onWaiting = onWaiting
  }

  /// The current number.
  public var value: Int64 { state.withLock(\.value) }

  /// The greatest number that a task waits for; nil if none waits.
  public var wanted: Int64? { state.withLock { $0.waiters.values.map(\.number).max() } }

  /// Raises the number and resumes the tasks that wait for any number up to it. A number lower than the current one has
  /// no effect.
  public func advance(to number: Int64) { update { max($0, number) } }

  /// Lowers the number, because what it counted was lost. A number greater than the current one has no effect.
  func lower(to number: Int64) { update { min($0, number) } }

  /// Adds one.
  public func increment() { update { $0 + 1 } }

  /// Waits until the number is reached.
  ///
  /// - Returns: whether it was reached before the deadline; always true without a deadline.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func wait(for number: Int64, until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    if value >= number { return true }
    let isReached = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.reached(number) }
      if let deadline {
        group.addTask {
          // Cancelled when the other task finishes first.
          try? await Task.sleep(until: deadline, clock: .continuous)
          return false
        }
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
    if !isReached { try Task.checkCancellation() }
    return isReached
  }

  private func update(_ newValue: (Int64) -> Int64) {
    let passed = state.withLock { state in
      state.value = newValue(state.value)
      let passed = state.waiters.filter { $0.value.number <= state.value }
      for id in passed.keys { state.waiters[id] = nil }
      return passed.values.map(\.continuation)
    }
    for continuation in passed { continuation.resume(returning: true) }
  }

  /// Suspends until the number is reached, and returns true; returns false if the task is cancelled first.
  private func reached(_ number: Int64) async -> Bool {
    let id = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReached = state.withLock { state in
          if state.value < number { state.waiters[id] = Waiter(number: number, continuation: continuation) }
          return state.value >= number
        }
        if isReached { continuation.resume(returning: true) }
        onWaiting()
        if Task.isCancelled { cancelWait(id) }
      }
    } onCancel: {
      cancelWait(id)
    }
  }

  private func cancelWait(_ id: Int) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: false)
  }
}

/// The offset that a consumer has processed, with a way to wait until it reaches another.
public final class OffsetWaiter: Sendable {
  private let reached: MonotonicCounter
  /// Counts the waits that have begun for an offset beyond the processed one.
  private let demands: MonotonicCounter
  private let lastLag = Mutex<Int64?>(nil)
  private let lastFailure = Mutex<(any Error)?>(nil)

  /// Starts at the offset that the consumer has processed; 0 if none.
  public init(offset: Int64 = 0) {
    let demands = MonotonicCounter()
    self.demands = demands
    reached = MonotonicCounter(offset) { demands.increment() }
  }

  /// The offset up to which events have been applied.
  public var offset: Int64 { reached.value }

  /// How many offsets the consumer was behind the head of the log when last known; nil before that.
  public var lag: Int64? { lastLag.withLock(\.self) }

  func record(lag: Int64) { lastLag.withLock { $0 = lag } }

  /// Why the consumer cannot process the next events at present; nil while it can.
  public var failure: (any Error)? { lastFailure.withLock { $0 } }

  /// Records why the consumer cannot process the next events; nil once it can.
  public func record(failure: (any Error)?) { lastFailure.withLock { $0 = failure } }

  /// The highest offset that a task waits for; nil if none waits.
  public var wanted: Int64? { reached.wanted }

  /// The number of waits that have begun so far.
  public var demandCount: Int64 { demands.value }

  /// Waits until more than `count` waits have begun.
  ///
  /// - Returns: whether one began before the deadline.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func demand(after count: Int64, until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    try await demands.wait(for: count + 1, until: deadline)
  }

  /// Raises the offset and resumes the tasks that wait for it or an earlier one. An earlier offset than the current one
  /// has no effect.
  public func advance(to offset: Int64) { reached.advance(to: offset) }

  /// Lowers the offset, because the store has lost what was applied after it.
  public func goBack(to offset: Int64) { reached.lower(to: offset) }

  /// Waits until the offset is reached.
  ///
  /// - Returns: whether it was reached before the deadline.
  /// - Throws: `CancellationError`.
  public func wait(for offset: Int64, until deadline: ContinuousClock.Instant) async throws -> Bool {
    try await reached.wait(for: offset, until: deadline)
  }
}

/// Something that happens once, which any number of tasks can wait for.
public struct Latch: Sendable {
  /// 1 once it is open.
  private let opened = MonotonicCounter()

  public init() {}

  /// Whether it is open.
  public var isOpen: Bool { opened.value > 0 }

  /// Opens it and resumes all waiters; later waits return at once.
  public func open() { opened.advance(to: 1) }

  /// Waits until it is open.
  ///
  /// - Returns: whether it opened before the deadline; always true without a deadline.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func wait(until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    try await opened.wait(for: 1, until: deadline)
  }
}
