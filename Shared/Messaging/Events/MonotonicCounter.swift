import Synchronization

/// A number that only grows, and a way to wait for it.
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

  /// - Parameter onWaiting: called whenever somebody has begun to wait, on that one's thread.
  public init(_ value: Int64 = 0, onWaiting: @escaping @Sendable () -> Void = {}) {
    state = Mutex(State(value: value))
    self.onWaiting = onWaiting
  }

  /// How far it has grown.
  public var value: Int64 { state.withLock(\.value) }

  /// The greatest number that somebody waits for; nil where nobody waits.
  public var wanted: Int64? { state.withLock { $0.waiters.values.map(\.number).max() } }

  /// Lets everyone through who waits for this number or a lower one. It never goes back.
  public func advance(to number: Int64) { raise { max($0, number) } }

  /// Adds one.
  public func increment() { raise { $0 + 1 } }

  /// Waits until the number is reached.
  ///
  /// - Returns: whether it was reached before the deadline; without one it is.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func wait(for number: Int64, until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    if value >= number { return true }
    let isReached = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.reached(number) }
      if let deadline {
        group.addTask {
          // Cut short by cancellation, which is what it is raced against.
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

  private func raise(_ raised: (Int64) -> Int64) {
    let passed = state.withLock { state in
      state.value = raised(state.value)
      let passed = state.waiters.filter { $0.value.number <= state.value }
      for id in passed.keys { state.waiters[id] = nil }
      return passed.values.map(\.continuation)
    }
    for continuation in passed { continuation.resume(returning: true) }
  }

  /// True when the number is reached, false when the task is cancelled before.
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
        if Task.isCancelled { giveUp(id) }
      }
    } onCancel: {
      giveUp(id)
    }
  }

  private func giveUp(_ id: Int) {
    state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume(returning: false)
  }
}
