/// An event whose bytes are strict JSON and a CloudEvent 1.0, with the attributes that the bus itself uses.
///
/// Every publisher waits for it to be handed on: it is two arrays and numbers, cheap to copy.
public struct ScannedEvent: Sendable {
  /// As the producer wrote them.
  public let bytes: [UInt8]
  /// The texts of attributes that were written with escapes, one after the other; empty for almost every event.
  public let unescaped: [UInt8]
  /// A URI reference, as `/helpdesk`; unique together with `id`.
  public let source: AttributeText
  /// Never empty; another event of the same source has another.
  public let id: AttributeText
  /// What happened, as `dev.gonogo.signal.feature.used.v1`; the bus takes unknown ones too.
  public let type: AttributeText
  /// What the log's checksum has of the bytes.
  let contentChecksum: Int64

  /// The bytes of an attribute of this event; the pointer is valid inside the body only.
  @inlinable
  public func withBytes<R>(of text: AttributeText, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try text.withBytes(in: bytes, unescaped: unescaped, body)
  }

  /// An attribute of this event as a string.
  public func string(_ text: AttributeText) -> String {
    withBytes(of: text) { String(decoding: $0, as: UTF8.self) }
  }
}

/// Where the text of an attribute stands: in the event, or, where it was written with escapes, among its unescaped texts.
public struct AttributeText: Sendable, Hashable {
  @usableFromInline let start: Int32
  @usableFromInline let length: Int32
  @usableFromInline let isUnescaped: Bool

  /// The text that stands at that place of the event as it is, or of its unescaped texts.
  public init(start: Int, count: Int, isUnescaped: Bool = false) {
    self.start = Int32(start)
    length = Int32(count)
    self.isUnescaped = isUnescaped
  }

  /// Where the text stands in the event; nil where it was written with escapes.
  public var place: Range<Int>? { isUnescaped ? nil : Int(start)..<Int(start + length) }

  /// How many bytes of UTF-8 the text has.
  public var count: Int { Int(length) }

  /// Calls the body with the bytes of the text, which was found in that event.
  @inlinable
  public func withBytes<R>(
    in event: [UInt8], unescaped: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let place = Int(start)..<Int(start + length)
    if isUnescaped { return try unescaped.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[place])) } }
    return try event.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[place])) }
  }
}
