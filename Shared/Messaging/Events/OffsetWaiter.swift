import Synchronization

/// How far a consumer has come, and a way to wait for it.
public final class OffsetWaiter: Sendable {
  private let reached: MonotonicCounter
  /// Counts those who have begun to wait for more than had been processed.
  private let demands: MonotonicCounter
  private let lastLag = Mutex<Int64?>(nil)

  /// Starts at the offset up to which the bus has been processed; 0 for nothing yet.
  public init(offset: Int64 = 0) {
    let demands = MonotonicCounter()
    self.demands = demands
    reached = MonotonicCounter(offset) { demands.increment() }
  }

  /// The offset up to which events have taken effect.
  public var offset: Int64 { reached.value }

  /// How many offsets the consumer was behind the bus's head when it was last known; nil before that.
  public var lag: Int64? { lastLag.withLock(\.self) }

  func record(lag: Int64) { lastLag.withLock { $0 = lag } }

  /// The furthest offset that somebody waits for; nil where nobody waits.
  public var wanted: Int64? { reached.wanted }

  /// How often somebody has begun to wait so far.
  public var demandCount: Int64 { demands.value }

  /// Waits until somebody begins to wait, after so many have.
  ///
  /// - Returns: whether that was before the deadline.
  /// - Throws: `CancellationError`.
  @discardableResult
  public func demand(after count: Int64, until deadline: ContinuousClock.Instant? = nil) async throws -> Bool {
    try await demands.wait(for: count + 1, until: deadline)
  }

  /// Lets everyone through who waits for this offset or an earlier one. It never goes back.
  public func advance(to offset: Int64) { reached.advance(to: offset) }

  /// Waits until the offset is reached.
  ///
  /// - Returns: whether it was reached before the deadline.
  /// - Throws: `CancellationError`.
  public func wait(for offset: Int64, until deadline: ContinuousClock.Instant) async throws -> Bool {
    try await reached.wait(for: offset, until: deadline)
  }
}
