public import LaunchModel

/// An event as the bus keeps it.
public struct StoredEvent: Sendable {
  /// Its place in the one order of all events.
  public let offset: Int64
  /// When the bus stored it, on the bus's clock; never earlier than that of the offset before.
  public let storedAt: Timestamp
  /// As its producer wrote it.
  public let bytes: [UInt8]
  /// What `bytes` say, or why they cannot be read.
  public let content: Result<CloudEvent, EventFault>

  /// Reads the event from its bytes.
  public init(offset: Int64, storedAt: Timestamp, bytes: [UInt8]) {
    self.offset = offset
    self.storedAt = storedAt
    self.bytes = bytes
    content = Result { () throws(EventFault) in try CloudEvent(parsing: bytes) }
  }

  /// The event.
  ///
  /// - Throws: `EventFault` where its bytes are no event.
  public func event() throws(EventFault) -> CloudEvent { try content.get() }

  /// When it happened: its `time`, or when it was stored.
  public func occurredAt() throws(EventFault) -> Timestamp { try content.get().time ?? storedAt }
}
