public import Contract
import JSON
import LaunchModel

/// Checks the bytes of events in one pass: strict JSON (RFC 8259, UTF-8, depth, no key twice) and the attribute rules
/// of CloudEvents 1.0 in its JSON format. The content of `data` is not judged.
///
/// One scanner serves one thread, and keeps its working memory from event to event.
public struct EventScanner: ~Copyable {
  /// The largest event, in bytes, unless it is set otherwise.
  public static let defaultMaximumBytes = 65_536
  /// What the largest event may be set to.
  public static let highestMaximumBytes = 1_048_576

  private let maximumBytes: Int
  private var keys = JSONKeyStack()
  /// Publishers name the same source again and again: the last that was found right is known by its bytes.
  private var knownSource: [UInt8] = []

  /// - Parameter maximumBytes: up to 1,048,576.
  public init(maximumBytes: Int = Self.defaultMaximumBytes) {
    self.maximumBytes = min(maximumBytes, Self.highestMaximumBytes)
  }

  /// The event's attributes, or why it is none.
  public mutating func scan(_ bytes: [UInt8]) throws(EventRejection) -> ScannedEvent {
    guard bytes.count <= maximumBytes else {
      throw EventRejection(
        code: "too-large", detail: "the event has \(bytes.count) bytes, and \(maximumBytes) is the most")
    }
    do throws(ScanError) {
      let members = try bytes.withUnsafeBufferPointer { (buffer) throws(ScanError) -> EventAttributes in
        try attributes(of: UnsafeRawBufferPointer(buffer))
      }
      let event = try members.event(bytes)
      try judgeSource(of: event)
      return event
    } catch {
      throw error.rejection
    }
  }

  private mutating func judgeSource(of event: ScannedEvent) throws(ScanError) {
    let isKnown = event.withBytes(of: event.source) { source in
      knownSource.withUnsafeBytes { JSONKeyStack.Key(source) == JSONKeyStack.Key($0) }
    }
    if isKnown { return }
    guard event.withBytes(of: event.source, AttributeRules.isURIReference) else {
      throw .attribute("source", "is no URI reference (RFC 3986)")
    }
    knownSource = event.withBytes(of: event.source) { Array($0) }
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

extension ScannedEvent {
  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  /// Whether it announces the roster that the bus checks rights by.
  var announcesRoster: Bool {
    type.count == Self.rosterType.count && withBytes(of: type) { $0.elementsEqual(Self.rosterType) }
  }
}

extension Sequence<ScannedEvent> {
  /// The last of them that announces a roster, and its place; nil where none does.
  var lastRoster: (place: Int, event: ScannedEvent)? {
    var last: (Int, ScannedEvent)?
    for (place, event) in enumerated() where event.announcesRoster { last = (place, event) }
    return last
  }
}

/// Why the bytes of an event are not acceptable; `EventRejection` is what the producer is told of it.
enum ScanError: Error {
  /// Not JSON, or JSON beyond the limits.
  case json(JSONFault)
  /// JSON, but no CloudEvent.
  case event(EventRejection)
}

extension JSONFault {
  /// What is wrong with an event that has this fault.
  fileprivate var sentence: String {
    switch reason {
    case .empty: "the event has no bytes"
    case .unexpectedEnd: "the JSON ends too early"
    case .unexpectedByte, .typeMismatch: "this byte is not allowed here"
    case .invalidUTF8: "the text is not UTF-8"
    case .invalidEscape: "this is no escape of JSON, or an unpaired surrogate"
    case .invalidNumber: "this is no number of JSON"
    case .numberOutOfRange: "the number does not fit a double"
    case .duplicateKey: "the object has this key twice"
    case .tooDeep: "the JSON nests deeper than \(JSONLimits.standard.depth) levels"
    case .trailingBytes: "there is more after the object; send each event as a part of its own"
    case .controlCharacter: "a control character in a string must be escaped"
    }
  }
}

extension ScanError {
  /// As the producer is told.
  var rejection: EventRejection {
    switch self {
    case .event(let rejection): rejection
    case .json(let fault):
      EventRejection(code: fault.reason.rawValue, detail: "\(fault.sentence) (byte \(fault.offset))")
    }
  }

  static func attribute(_ name: String, _ detail: String, code: String = "invalid-attribute") -> ScanError {
    .event(EventRejection(code: code, detail: "\(name) \(detail)", pointer: "/\(name)"))
  }
}
