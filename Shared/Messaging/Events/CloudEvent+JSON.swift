import JSON

extension CloudEvent {
  /// Reads an event.
  ///
  /// - Throws: `EventFault` where the bytes are no CloudEvents 1.0 event in structured JSON.
  public init(parsing bytes: [UInt8]) throws(EventFault) {
    throw EventFault(code: "malformed", detail: "")
  }

  /// The event as one JSON object, members in ascending order.
  public func encoded() -> [UInt8] { [] }
}
