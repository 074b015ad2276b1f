/// How far a consumer has come, and a way to wait for it.
public final class OffsetGate: Sendable {
  public init(offset: Int64 = 0) {}

  /// The offset up to which events have taken effect.
  public var offset: Int64 { 0 }

  /// Lets everyone through who waits for this offset or an earlier one.
  public func advance(to offset: Int64) {}

  /// Waits until the offset is reached.
  ///
  /// - Returns: whether it was reached before the deadline.
  /// - Throws: `CancellationError`.
  public func wait(for offset: Int64, until deadline: ContinuousClock.Instant) async throws -> Bool { false }
}
