import JSON
import Messaging
import MetricsCore

extension MetricEvent {
  /// Reads a stored event.
  ///
  /// - Parameter readsDocument: whether a metric asks for the whole of an event of that type.
  /// - Throws: `EventError` where the event cannot be counted.
  init(_ event: StoredEvent, readsDocument: (String) -> Bool) throws(EventError) {
    let content = try event.event()
    let document = readsDocument(content.type) ? try Self.document(event) : nil
    do {
      try self.init(
        offset: event.offset, storedAt: event.storedAt, time: content.time, type: content.type, source: content.source,
        id: content.id, data: content.data, document: document)
    } catch {
      throw EventError(code: error.code, detail: error.detail)
    }
  }

  private static func document(_ event: StoredEvent) throws(EventError) -> JSONValue {
    do {
      return try JSONValue(parsing: event.bytes)
    } catch {
      throw EventError(code: "malformed-data", detail: error.detail)
    }
  }
}
