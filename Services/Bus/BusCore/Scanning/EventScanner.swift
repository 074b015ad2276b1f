public import Contract
import JSON
import LaunchModel

/// Validates the bytes of events in one pass: strict JSON (RFC 8259, UTF-8, limited depth, no duplicate keys) and the
/// attribute rules of the CloudEvents 1.0 JSON format. The content of `data` is not checked.
///
/// One scanner serves one thread and reuses its working memory for each event.
public struct EventScanner: ~Copyable {
  /// The default size limit of an event, in bytes.
  public static let defaultMaximumBytes = 65_536
  /// The highest size limit that can be configured, in bytes.
  public static let highestMaximumBytes = 1_048_576

  private let maximumBytes: Int
  private var keys = JSONKeyStack()
  /// The last valid source. Publishers repeat the same source, so comparing its bytes usually replaces validation.
  private var lastValidSource: [UInt8] = []

  /// - Parameter maximumBytes: the size limit of an event; at most 1,048,576.
  public init(maximumBytes: Int = Self.defaultMaximumBytes) {
    self.maximumBytes = min(maximumBytes, Self.highestMaximumBytes)
  }

  /// Validates the bytes of one event.
  public mutating func scan(_ bytes: [UInt8]) throws(EventRejection) -> ScannedEvent {
    guard bytes.count <= maximumBytes else {
      throw EventRejection(
        code: "too-large", detail: "the event has \(bytes.count) bytes; the limit is \(maximumBytes)")
    }
    do throws(ScanError) {
      let members = try bytes.withUnsafeBufferPointer { (buffer) throws(ScanError) -> EventAttributes in
        try attributes(of: UnsafeRawBufferPointer(buffer))
      }
      let event = try members.event(bytes)
      try validateSource(of: event)
      return event
    } catch {
      throw error.rejection
    }
  }

  private mutating func validateSource(of event: ScannedEvent) throws(ScanError) {
    let isRepeated = event.withBytes(of: event.source) { source in
      lastValidSource.withUnsafeBytes { JSONKeyStack.Key(source) == JSONKeyStack.Key($0) }
    }
    if isRepeated { return }
    guard event.withBytes(of: event.source, AttributeRules.isURIReference) else {
      throw .attribute("source", "is not a URI reference (RFC 3986)")
    }
    lastValidSource = event.withBytes(of: event.source) { Array($0) }
  }

  private mutating func attributes(of bytes: UnsafeRawBufferPointer) throws(ScanError) -> EventAttributes {
    keys.reset()
    var spare = JSONKeyStack()
    swap(&keys, &spare)
    var cursor = JSONCursor(bytes, keys: spare)
    do {
      let members = try EventAttributes(reading: &cursor)
      keys = cursor.relinquishKeys()
      return members
    } catch {
      keys = cursor.relinquishKeys()
      throw error
    }
  }
}

/// A valid event, with the locations of the attributes that the bus itself uses.
///
/// It is cheap to copy, because every publisher waits for it: two arrays and a few numbers.
public struct ScannedEvent: Sendable {
  /// The event as the producer wrote it.
  public let bytes: [UInt8]
  /// The unescaped texts of attributes that were written with escapes, one after the other; empty for almost every
  /// event.
  public let unescaped: [UInt8]
  /// A URI reference such as `/helpdesk`; unique together with `id`.
  public let source: AttributeText
  /// The id, never empty; unique within the source.
  public let id: AttributeText
  /// The event type, such as `dev.gonogo.signal.feature.used.v1`. The bus also accepts unknown types.
  public let type: AttributeText
  /// The part of the log's checksum that depends on the bytes.
  let contentChecksum: Int64

  /// Calls the body with the bytes of an attribute of this event; the pointer is valid only inside the body.
  @inlinable
  public func withBytes<R>(of text: AttributeText, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try text.withBytes(in: bytes, unescaped: unescaped, body)
  }

  /// Returns an attribute of this event as a string.
  public func string(_ text: AttributeText) -> String {
    withBytes(of: text) { String(decoding: $0, as: UTF8.self) }
  }
}

/// The location of an attribute's text: in the event, or in its unescaped texts if it was written with escapes.
public struct AttributeText: Sendable, Hashable {
  @usableFromInline let start: Int32
  @usableFromInline let length: Int32
  @usableFromInline let isUnescaped: Bool

  /// Creates a location in the event itself, or in its unescaped texts.
  public init(start: Int, count: Int, isUnescaped: Bool = false) {
    self.start = Int32(start)
    length = Int32(count)
    self.isUnescaped = isUnescaped
  }

  /// The range of the text in the event; nil if it was written with escapes.
  public var range: Range<Int>? { isUnescaped ? nil : Int(start)..<Int(start + length) }

  /// The number of UTF-8 bytes of the text.
  public var count: Int { Int(length) }

  /// Calls the body with the bytes of the text, which must have been found in that event.
  @inlinable
  public func withBytes<R>(
    in event: [UInt8], unescaped: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let range = Int(start)..<Int(start + length)
    if isUnescaped { return try unescaped.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) } }
    return try event.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }
}

extension ScannedEvent {
  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  /// Whether the event announces a roster, by which the bus checks rights.
  var announcesRoster: Bool {
    type.count == Self.rosterType.count && withBytes(of: type) { $0.elementsEqual(Self.rosterType) }
  }
}

extension Sequence<ScannedEvent> {
  /// The last event that announces a roster, with its index; nil if none does.
  var lastRoster: (index: Int, event: ScannedEvent)? {
    var last: (Int, ScannedEvent)?
    for (index, event) in enumerated() where event.announcesRoster { last = (index, event) }
    return last
  }
}

/// Why the bytes of an event are invalid; `EventRejection` is the form that the producer receives.
enum ScanError: Error {
  /// Not JSON, or JSON beyond the limits.
  case json(JSONSyntaxError)
  /// JSON, but not a CloudEvent.
  case event(EventRejection)
}

extension JSONSyntaxError {
  /// The message for an event with this error.
  fileprivate var message: String {
    switch reason {
    case .empty: "the event is empty"
    case .unexpectedEnd: "the JSON ends too early"
    case .unexpectedByte, .typeMismatch: "this byte is not allowed here"
    case .invalidUTF8: "the text is not UTF-8"
    case .invalidEscape: "this is not a JSON escape, or it is an unpaired surrogate"
    case .invalidNumber: "this is not a JSON number"
    case .numberOutOfRange: "the number does not fit a double"
    case .duplicateKey: "the object has this key twice"
    case .tooDeep: "the JSON nests deeper than \(JSONLimits.standard.depth) levels"
    case .trailingBytes: "there are more bytes after the object; send each event in its own frame"
    case .controlCharacter: "a control character in a string must be escaped"
    }
  }
}

extension ScanError {
  /// The error as the producer receives it.
  var rejection: EventRejection {
    switch self {
    case .event(let rejection): rejection
    case .json(let error):
      EventRejection(code: error.reason.rawValue, detail: "\(error.message) (byte \(error.offset))")
    }
  }

  static func attribute(_ name: String, _ detail: String, code: String = "invalid-attribute") -> ScanError {
    .event(EventRejection(code: code, detail: "\(name) \(detail)", pointer: "/\(name)"))
  }
}
