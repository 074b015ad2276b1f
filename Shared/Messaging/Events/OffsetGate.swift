import Synchronization

/// How far a consumer has come, and a way to wait for it.
public final class OffsetGate: Sendable {
  private struct Waiter {
    var offset: Int64
    var continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var offset: Int64
    var lag: Int64?
    var waiters: [Int: Waiter] = [:]
    var lastWaiter = 0
  }

  private let state: Mutex<State>
  /// Tells a consumer that somebody waits for more than has been processed.
  let demand: AsyncStream<Void>
  private let demandSink: AsyncStream<Void>.Continuation

  /// Starts at the offset up to which the bus has been processed; 0 for nothing yet.
  public init(offset: Int64 = 0) {
    state = Mutex(State(offset: offset))
    (demand, demandSink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// The offset up to which events have taken effect.
  public var offset: Int64 { state.withLock(\.offset) }

  /// How many offsets the consumer was behind the bus's head when it was last known; nil before that.
  public var lag: Int64? { state.withLock(\.lag) }

  func record(lag: Int64) { state.withLock { $0.lag = lag } }

  /// The furthest offset that somebody waits for.
  var wanted: Int64? { state.withLock { $0.waiters.values.map(\.offset).max() } }

  /// Lets everyone through who waits for this offset or an earlier one. It never goes back.
  public func advance(to offset: Int64) {
    let passed = state.withLock { state in
      state.offset = max(state.offset, offset)
      let passed = state.waiters.filter { $0.value.offset <= state.offset }
      for number in passed.keys { state.waiters[number] = nil }
      return passed.values.map(\.continuation)
    }
    for continuation in passed { continuation.resume(returning: true) }
  }

  /// Waits until the offset is reached.
  ///
  /// - Returns: whether it was reached before the deadline.
  /// - Throws: `CancellationError`.
  public func wait(for offset: Int64, until deadline: ContinuousClock.Instant) async throws -> Bool {
    if self.offset >= offset { return true }
    let isReached = await withTaskGroup(of: Bool.self) { group in
      group.addTask { await self.reached(offset) }
      group.addTask {
        // Cut short by cancellation, which is what it is raced against.
        try? await Task.sleep(until: deadline, clock: .continuous)
        return false
      }
      let first = await group.next() ?? false
      group.cancelAll()
      return first
    }
    if !isReached { try Task.checkCancellation() }
    return isReached
  }

  /// True when the offset is reached, false when the task is cancelled before.
  private func reached(_ offset: Int64) async -> Bool {
    let number = state.withLock { state in
      state.lastWaiter += 1
      return state.lastWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReached = state.withLock { state in
          if state.offset < offset { state.waiters[number] = Waiter(offset: offset, continuation: continuation) }
          return state.offset >= offset
        }
        if isReached { continuation.resume(returning: true) }
        demandSink.yield()
        if Task.isCancelled { giveUp(number) }
      }
    } onCancel: {
      giveUp(number)
    }
  }

  private func giveUp(_ number: Int) {
    state.withLock { $0.waiters.removeValue(forKey: number) }?.continuation.resume(returning: false)
  }
}
