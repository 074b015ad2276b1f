import Contract
import JSON
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit

extension MetricEvent {
  /// The event as metrics count it.
  ///
  /// - Parameter readsDocument: whether a metric asks for the whole of an event of that type.
  /// - Throws: `EventError` if the event is quarantined instead.
  init(_ stored: StoredEvent, readsDocument: (String) -> Bool) throws(EventError) {
    let event = try stored.event()
    let signal = try stored.signal()?.content
    if signal == nil, !event.isAnnouncement { try stored.requirePast() }
    self.init(
      offset: stored.offset, storedAt: stored.storedAt, at: event.time ?? stored.storedAt, type: event.type,
      reference: "\(event.source) \(event.id)", signal: signal,
      document: readsDocument(event.type) ? try stored.document() : nil)
  }

  /// The event as metrics count it; nil for one that the consumer has quarantined, or will.
  static func counted(_ stored: StoredEvent, readsDocument: (String) -> Bool) -> MetricEvent? {
    do throws(EventError) {
      return try MetricEvent(stored, readsDocument: readsDocument)
    } catch {
      return nil
    }
  }
}

extension CloudEvent {
  /// Whether a service announced it; it is not a signal, but a custom metric may count it.
  var isAnnouncement: Bool { type.hasPrefix(EventNamespace.own) && !type.hasPrefix(EventNamespace.signals) }
}

extension StoredEvent {
  /// The whole event, with every key of a signal as a string.
  func document() throws(EventError) -> JSONValue {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: bytes)
    } catch {
      throw .malformedEvent(error.detail)
    }
    guard case .object(var members) = document else { return document }
    members["data"] = try normalizedData()
    return .object(members)
  }
}
