/// Why bytes are not acceptable JSON, and where.
public struct JSONError: Error, Sendable, Hashable {
  /// What was wrong.
  public enum Reason: String, Sendable, Hashable {
    case empty
    case unexpectedEnd = "unexpected-end"
    case unexpectedByte = "unexpected-byte"
    case invalidUTF8 = "invalid-utf8"
    case invalidEscape = "invalid-escape"
    case invalidNumber = "invalid-number"
    case numberOutOfRange = "number-out-of-range"
    case duplicateKey = "duplicate-key"
    case tooDeep = "too-deep"
    case trailingBytes = "trailing-bytes"
    case controlCharacter = "control-character"
    /// The JSON is well-formed but not what the type asks for; only from `JSONCoding`.
    case typeMismatch = "type-mismatch"
  }

  /// Which rule was broken, for callers to switch on.
  public var reason: Reason
  /// The byte at which it showed, from 0.
  public var offset: Int
  /// The JSON Pointer (RFC 6901) of the value concerned, as far as it is known.
  public var pointer: String
  /// A sentence for a person.
  public var detail: String

  public init(_ reason: Reason, offset: Int = 0, pointer: String = "", detail: String) {
    self.reason = reason
    self.offset = offset
    self.pointer = pointer
    self.detail = detail
  }
}

/// What a parser refuses beside what is no JSON.
public struct JSONLimits: Sendable, Hashable {
  /// How deep arrays and objects may nest; `[]` alone is 1 deep.
  public var depth: Int

  /// Depth 32 (contract.md, section 2).
  public static let standard = JSONLimits()

  /// - Parameter depth: default 32; capped at 512, so that recursion over a value stays within any stack.
  public init(depth: Int = 32) { self.depth = min(max(depth, 1), 512) }
}

/// What a cursor finds wrong with a text, and at which byte; `JSONError` says it in words.
public struct JSONFault: Error, Sendable, Hashable {
  /// Which rule was broken.
  public let reason: JSONError.Reason
  /// The byte at which it showed, from 0.
  public let offset: Int
  /// What the grammar has at that byte.
  let wanted: Wanted

  /// What the grammar has at a place.
  @usableFromInline
  enum Wanted: Sendable, Hashable {
    case unknown, value, key, colon, commaOrBrace, commaOrBracket, closingQuote
  }

  @usableFromInline
  init(_ reason: JSONError.Reason, at offset: Int, wanted: Wanted = .unknown) {
    self.reason = reason
    self.offset = offset
    self.wanted = wanted
  }
}

extension JSONError {
  /// A fault of a text in words.
  init(_ fault: JSONFault, in bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.init(fault.reason, offset: fault.offset, detail: fault.sentence(bytes, limits))
  }
}

extension JSONFault {
  fileprivate func sentence(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) -> String {
    switch reason {
    case .empty: "there is nothing to read"
    case .unexpectedEnd where wanted == .closingQuote: "a string is not closed"
    case .unexpectedEnd: "the text ends too early"
    case .unexpectedByte, .typeMismatch: "unexpected \(shown(bytes)); expected \(wanted.name)"
    case .invalidUTF8: "these bytes are not UTF-8"
    case .invalidEscape: "this is not an escape of JSON, or it is half of a surrogate pair"
    case .invalidNumber: "a number that starts here is not written as JSON requires"
    case .numberOutOfRange: "the number is beyond what 64-bit floating point holds"
    case .duplicateKey: "the object has the key \"\(key(bytes))\" twice"
    case .tooDeep: "arrays and objects nest more than \(limits.depth) deep"
    case .trailingBytes: "something follows the value"
    case .controlCharacter: "a control character in a string must be escaped"
    }
  }

  private func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let byte = bytes[offset]
    return (0x21...0x7e).contains(byte) ? "\"\(UnicodeScalar(byte))\"" : "byte 0x\(String(byte, radix: 16))"
  }

  /// The key whose opening quote is at the offset.
  private func key(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var cursor = JSONCursor(UnsafeRawBufferPointer(bytes))
    cursor.position = offset
    do throws(JSONFault) { return cursor.text(try cursor.string()) } catch { return "" }
  }
}

extension JSONFault.Wanted {
  fileprivate var name: String {
    switch self {
    case .unknown: "something else"
    case .value: "a value"
    case .key: "a key in quotes"
    case .colon: "a colon after the key"
    case .commaOrBrace: "a comma or }"
    case .commaOrBracket: "a comma or ]"
    case .closingQuote: "a quote"
    }
  }
}
