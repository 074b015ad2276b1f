import JSON
import Messaging
import MetricsCore

extension Observation {
  /// Reads a stored event.
  ///
  /// - Parameter readsDocument: whether a metric asks for the whole of an event of that type.
  /// - Throws: `EventFault` where the event cannot be counted.
  init(_ event: StoredEvent, readsDocument: (String) -> Bool) throws(EventFault) {
    let content = try event.event()
    let document = readsDocument(content.type) ? try Self.document(event) : nil
    do {
      try self.init(
        offset: event.offset, storedAt: event.storedAt, time: content.time, type: content.type, source: content.source,
        id: content.id, data: content.data, document: document)
    } catch {
      throw EventFault(code: error.code, detail: error.detail)
    }
  }

  private static func document(_ event: StoredEvent) throws(EventFault) -> JSONValue {
    do {
      return try JSONValue(parsing: event.bytes)
    } catch {
      throw EventFault(code: "malformed-data", detail: error.detail)
    }
  }
}
