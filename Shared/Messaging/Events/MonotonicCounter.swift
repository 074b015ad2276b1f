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
