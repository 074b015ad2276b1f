public import Contract

/// Where a consumer's events take effect: a store that changes effect and offset in one transaction.
public protocol EventSink: Sendable {
  /// The offset up to which events have taken effect; 0 before any.
  func offset() async throws -> Int64

  /// Applies the events, in their order, and moves the offset to `offset`, in one transaction: all of it or nothing.
  ///
  /// Without events it only moves the offset: the log has been searched up to there.
  ///
  /// - Throws: `RefusedEvents` naming the events that cannot take effect by a fault of their own; nothing was applied then, and the
  ///   others may be applied without them. Any other error is a failure of the store.
  func apply(_ events: [StoredEvent], upTo offset: Int64) async throws

  /// Applies an event from the quarantine, which lies behind the offset, in one transaction; the offset stays.
  ///
  /// - Throws: `RefusedEvents` if it still cannot take effect.
  func applyLate(_ event: StoredEvent) async throws
}

/// The events of a batch that cannot take effect by a fault of their own.
public struct RefusedEvents: Error, Sendable {
  /// One event, with its fault.
  public struct Refusal: Sendable {
    /// The event as it came.
    public let event: StoredEvent
    /// Why it cannot take effect.
    public let error: EventError

    public init(_ event: StoredEvent, _ error: EventError) {
      self.event = event
      self.error = error
    }
  }

  /// At least one, in the order of the log.
  public let refusals: [Refusal]

  public init(_ refusals: [Refusal]) { self.refusals = refusals }
}
