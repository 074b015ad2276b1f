public import Messaging

extension EventSink {
  /// Applies the events, whatever the store had before.
  public func apply(_ events: [StoredEvent], upTo offset: Int64) async throws {
    try await apply(events, after: 0, upTo: offset)
  }
}
