/// Where a consumer's events take effect: a store that keeps effect and offset in one transaction.
public protocol EventEffects: Sendable {
  /// The offset up to which events have taken effect; 0 before any.
  func offset() async throws -> Int64

  /// Applies the events, in their order, and moves the offset to `offset`, in one transaction: all of it or nothing.
  ///
  /// No events with a later offset means that the log has been searched up to there, or that an event was put aside.
  ///
  /// - Throws: `EventError` where one of the events is at fault itself; anything else is taken for a failure of the store.
  func apply(_ events: [StoredEvent], upTo offset: Int64) async throws

  /// Applies an event that was put aside and lies behind the offset, which stays, in one transaction.
  func applyLate(_ event: StoredEvent) async throws
}
