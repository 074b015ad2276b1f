/// An event whose bytes are strict JSON and a CloudEvent 1.0, with the attributes that the bus itself uses.
public struct ScannedEvent: Sendable {
  /// As the producer wrote them.
  public let bytes: [UInt8]
  /// A URI reference, as `/helpdesk`; unique together with `id`.
  public let source: AttributeText
  /// Never empty; another event of the same source has another.
  public let id: AttributeText
  /// What happened, as `dev.gonogo.signal.feature.used.v1`; the bus takes unknown ones too.
  public let type: AttributeText
  /// What it is about within its source; nil where the event has none.
  public let subject: AttributeText?
  /// When it happened, an RFC 3339 time; nil stands for when it was stored.
  public let time: AttributeText?
  /// What the log's checksum has of the bytes.
  let contentChecksum: Int64

  /// The bytes of an attribute of this event; the pointer is valid inside the body only.
  @inlinable
  public func withBytes<R>(of text: AttributeText, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try text.withBytes(in: bytes, body)
  }

  /// An attribute of this event as a string.
  public func string(_ text: AttributeText) -> String {
    withBytes(of: text) { String(decoding: $0, as: UTF8.self) }
  }
}

/// The text of an attribute: where it stands in the event, or, where it was written with escapes, its own bytes.
public struct AttributeText: Sendable, Hashable {
  @usableFromInline let start: Int32
  @usableFromInline let length: Int32
  @usableFromInline let unescaped: [UInt8]?

  /// The text that stands at that place of the event as it is.
  public init(start: Int, count: Int) {
    self.start = Int32(start)
    length = Int32(count)
    unescaped = nil
  }

  /// A text that stands in the event with escapes.
  public init(unescaped: [UInt8]) {
    start = 0
    length = Int32(unescaped.count)
    self.unescaped = unescaped
  }

  /// Where the text stands in the event; nil where it was written with escapes.
  public var place: Range<Int>? { unescaped == nil ? Int(start)..<Int(start + length) : nil }

  /// How many bytes of UTF-8 the text has.
  public var count: Int { Int(length) }

  /// Calls the body with the bytes of the text; `event` must be the bytes that it was found in.
  @inlinable
  public func withBytes<R>(in event: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    if let unescaped { return try unescaped.withUnsafeBytes(body) }
    let place = Int(start)..<Int(start + length)
    return try event.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[place])) }
  }
}
