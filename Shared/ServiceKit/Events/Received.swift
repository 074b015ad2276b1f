public import Contract
public import JSON
public import LaunchModel
public import Messaging

/// An event as its handler gets it: the content, decoded by its one declaration in `Contract`, and its place in the log.
public struct Received<Content: Sendable>: Sendable {
  /// What the event says.
  public let content: Content
  /// The event as the bus stores it.
  public let stored: StoredEvent
  /// The event's envelope.
  public let event: CloudEvent

  /// The event's place in the order of the log.
  public var offset: Int64 { stored.offset }
  /// When the bus stored it.
  public var storedAt: Timestamp { stored.storedAt }
  /// When it happened: its `time`, or when it was stored.
  public var at: Timestamp { event.time ?? stored.storedAt }
  /// Its `source` and `id`, which no other event has.
  public var reference: String { "\(event.source) \(event.id)" }

  init(_ content: Content, _ stored: StoredEvent, _ event: CloudEvent) {
    self.content = content
    self.stored = stored
    self.event = event
  }
}

/// The data of an event that a service announced.
public struct Announced<Payload: Codable & Sendable>: Sendable {
  /// Who announced what about which launch.
  public let header: AnnouncementHeader
  /// What happened.
  public let payload: Payload

  /// The launch that the event is about.
  ///
  /// - Throws: `EventError` if the header names none, as for documents.
  public func launch() throws(EventError) -> LaunchID {
    guard let launch = LaunchID(header.launch) else {
      throw .malformedData("data.launch is \"\(header.launch)\"; expected a launch id")
    }
    return launch
  }
}

extension CloudEvent {
  /// The data as an announcement of that type.
  ///
  /// - Throws: `EventError` with code `malformed-data` if they do not fit.
  public func announced<Payload>(_ type: EventType<Payload>) throws(EventError) -> Announced<Payload> {
    Announced(header: try decoded(AnnouncementHeader.self), payload: try decoded(Payload.self))
  }

  private func decoded<Value: Decodable>(_ type: Value.Type) throws(EventError) -> Value {
    do {
      return try JSONCoding.decode(type, from: data ?? .null)
    } catch let error as JSONError {
      throw .malformedData("\(self.type): \(error.pointer.isEmpty ? "data" : "data\(error.pointer)"): \(error.detail)")
    } catch {
      throw .malformedData("\(self.type): \(error)")
    }
  }
}

extension StoredEvent {
  /// The event as the signal that its type declares; nil if it is not a signal.
  ///
  /// - Throws: `EventError` with code `future-time` or `malformed-data`; every service refuses the same signals for the same reason.
  public func signal() throws(EventError) -> Received<Signal>? {
    let event = try event()
    guard let type = SignalType(rawValue: event.type) else { return nil }
    try requirePast()
    return Received(try Signal(type, data: event.data), self, event)
  }

  /// The event as one kind of signal.
  func signal<Payload: SignalPayload>(_ payload: Payload.Type) throws(EventError) -> Received<Payload> {
    let event = try event()
    try requirePast()
    return Received(try Payload(data: event.data), self, event)
  }

  /// Refuses an event whose time is in the future (`EventTime`).
  ///
  /// - Throws: `EventError` with code `future-time`.
  public func requirePast() throws(EventError) {
    try EventTime.requirePast(try occurredAt(), storedAt: storedAt)
  }

  /// The event's data with every key of a signal as a string, whether it was given as a string or as a whole number.
  ///
  /// - Throws: as `signal()`.
  public func normalizedData() throws(EventError) -> JSONValue {
    let event = try event()
    guard let type = SignalType(rawValue: event.type) else { return event.data ?? .null }
    return try Signal.normalized(event.data, as: type)
  }
}
