import Synchronization

/// The offset that a consumer has processed, for any value of which tasks can wait.
public final class OffsetWaiter: Sendable {
  private let reached: MonotonicCounter
  /// Counts the waits for offsets that had not been processed yet when the wait began.
  private let demands: MonotonicCounter
  private let lastLag = Mutex<Int64?>(nil)
  private let lastFailure = Mutex<(any Error)?>(nil)

  /// Creates a waiter at the offset that the consumer has processed; 0 for none.
  public init(offset: Int64 = 0) {
    let demands = MonotonicCounter()
    self.demands = demands
    reached = MonotonicCounter(offset) { demands.increment() }
  }

  /// The offset up to which events have been applied.
  public var offset: Int64 { reached.value }

  /// The last known distance to the head of the log; nil before it is first known.
  public var lag: Int64? { lastLag.withLock(\.self) }

  func record(lag: Int64) { lastLag.withLock { $0 = lag } }

  /// Why the consumer cannot process the next events at present; nil if it can.
  public var failure: (any Error)? { lastFailure.withLock { $0 } }

  /// Records why the consumer cannot process the next events; nil if it can.
  public func record(failure: (any Error)?) { lastFailure.withLock { $0 = failure } }

  /// The highest offset that a task waits for; nil if none waits.
  public var wanted: Int64? { reached.wanted }

  /// The number of waits that have begun so far.
  public var demandCount: Int64 { demands.value }

  /// Waits until more than `count` waits have begun.
  ///
  /// - Returns: whether a further wait began before the deadline.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func demand(after count: Int64, until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    try await demands.wait(for: count + 1, until: deadline)
  }

  /// Raises the offset and resumes the tasks that wait for any offset up to it. An offset earlier than the current one
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
