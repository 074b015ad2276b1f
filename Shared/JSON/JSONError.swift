/// The reason why bytes are not acceptable JSON, and the position of the error.
public struct JSONError: Error, Sendable, Hashable {
  /// The rule that was violated.
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
    /// The JSON is well-formed but does not fit the requested type; thrown only by `JSONCoding`.
    case typeMismatch = "type-mismatch"
  }

  /// The rule that was violated, for callers to switch on.
  public var reason: Reason
  /// The byte at which the error was detected, from 0.
  public var offset: Int
  /// The JSON Pointer (RFC 6901) of the value, as far as it is known.
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

/// Limits that a parser enforces in addition to the grammar.
public struct JSONLimits: Sendable, Hashable {
  /// The maximum nesting of arrays and objects; `[]` alone has depth 1.
  public var depth: Int

  /// The standard limits: depth 32 (contract.md, section 2).
  public static let standard = JSONLimits()

  /// - Parameter depth: default 32; capped at 512, so that recursion over a value cannot overflow the stack.
  public init(depth: Int = 32) { self.depth = min(max(depth, 1), 512) }
}

/// A syntax error found by a cursor, and the byte at which it was found; `JSONError` describes it for people.
public struct JSONSyntaxError: Error, Sendable, Hashable {
  /// The rule that was violated.
  public let reason: JSONError.Reason
  /// The byte at which the error was detected, from 0.
  public let offset: Int
  /// What the grammar expects at that byte.
  let wanted: Wanted

  /// What the grammar expects at a position.
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
  /// Creates the description of a syntax error for people.
  init(_ error: JSONSyntaxError, in bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.init(error.reason, offset: error.offset, detail: error.message(bytes, limits))
  }
}

extension JSONSyntaxError {
  fileprivate func message(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) -> String {
    switch reason {
    case .empty: "the text is empty"
    case .unexpectedEnd where wanted == .closingQuote: "unterminated string: closing quote missing"
    case .unexpectedEnd: "unexpected end of JSON"
    case .unexpectedByte, .typeMismatch: "unexpected \(shown(bytes)); expected \(wanted.name)"
    case .invalidUTF8: "invalid UTF-8"
    case .invalidEscape: "invalid escape: not one of JSON's escapes, or an unpaired surrogate"
    case .invalidNumber: "invalid number; JSON numbers look like -12, 0.5 or 1e6"
    case .numberOutOfRange: "number out of range for a 64-bit float"
    case .duplicateKey: "duplicate key \"\(key(bytes))\" in an object"
    case .tooDeep: "arrays and objects are nested more than \(limits.depth) levels deep"
    case .trailingBytes: "unexpected content after the end of the value"
    case .controlCharacter: "unescaped control character in a string; write it as \\u00XX"
    }
  }

  private func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let byte = bytes[offset]
    return (0x21...0x7e).contains(byte) ? "\"\(UnicodeScalar(byte))\"" : "byte 0x\(String(byte, radix: 16))"
  }

  /// Returns the key whose opening quote is at the offset.
  private func key(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    var cursor = JSONCursor(UnsafeRawBufferPointer(bytes))
    cursor.position = offset
    do throws(JSONSyntaxError) { return cursor.text(try cursor.string()) } catch { return "" }
  }
}

extension JSONSyntaxError.Wanted {
  fileprivate var name: String {
    switch self {
    case .unknown: "something else"
    case .value: "a value"
    case .key: "a key in quotes"
    case .colon: "a colon after a key"
    case .commaOrBrace: "a comma or }"
    case .commaOrBracket: "a comma or ]"
    case .closingQuote: "a quote"
    }
  }
}
