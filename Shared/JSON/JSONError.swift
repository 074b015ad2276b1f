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
