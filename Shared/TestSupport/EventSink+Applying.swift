public import Messaging

extension EventSink {
  /// Applies the events to the store, whatever its offset is.
  public func apply(_ events: [StoredEvent], upTo offset: Int64) async throws {
    try await apply(events, after: 0, upTo: offset)
  }
}
