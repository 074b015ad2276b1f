/// A strict pull parser for one JSON text, which does not allocate per token.
///
/// Each `next()` returns one token and validates it: UTF-8, escapes, the syntax and range of numbers, nesting, commas.
/// The bytes must outlive the scanner. Duplicate keys are rejected at the end of their object; keys are equal if their
/// bytes are, with escapes resolved.
public struct JSONScanner {
  /// A token of the text.
  public enum Token: Sendable {
    case beginObject, endObject, beginArray, endArray
    case key(StringToken), string(StringToken)
    case number(NumberToken)
    case bool(Bool)
    case null
    /// The end of the text; only white space follows its value.
    case end
  }

  /// A string in its escaped form.
  public struct StringToken: Sendable {
    /// The range of the bytes between the quotes.
    public let range: Range<Int>
    /// Whether the bytes contain escapes; if not, they are the string itself.
    public let hasEscapes: Bool
  }

  /// A number in its textual form.
  public struct NumberToken: Sendable {
    /// The range of the number's bytes, from its sign to its last digit.
    public let range: Range<Int>
    /// Whether it is written without a fraction and an exponent.
    public let isInteger: Bool
  }

  /// What must follow.
  enum Expectation {
    case value, firstElementOrEnd, commaOrEnd, firstKeyOrEnd, colon, end
  }

  /// An open array or object.
  struct Frame {
    var isObject: Bool
    /// The index of its first key in `keys`.
    var firstKey: Int
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  let checksDuplicates: Bool
  var frames: [Frame] = []
  var keys: [StringToken] = []
  var expectation = Expectation.value
  /// The byte offset at which the search for the next token starts.
  public internal(set) var offset = 0

  /// Creates a scanner at the start of a text.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .standard) {
    self.init(bytes, limits: limits, checksDuplicates: true)
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits, checksDuplicates: Bool) {
    self.bytes = bytes
    self.limits = limits
    self.checksDuplicates = checksDuplicates
  }

  /// The number of open arrays and objects.
  public var depth: Int { frames.count }

  /// Returns the next token.
  public mutating func next() throws(JSONError) -> Token {
    while true {
      skipWhiteSpace()
      guard offset < bytes.count else {
        if case .end = expectation { return .end }
        throw JSONError(bytes.isEmpty ? .empty : .unexpectedEnd, offset: offset, detail: "unexpected end of JSON")
      }
      let byte = bytes[offset]
      switch expectation {
      case .value: return try value(byte)
      case .firstElementOrEnd: return byte == UInt8(ascii: "]") ? try close(byte) : try value(byte)
      case .firstKeyOrEnd: return byte == UInt8(ascii: "}") ? try close(byte) : try key(byte)
      case .colon:
        guard byte == UInt8(ascii: ":") else { throw unexpected("a colon after a key") }
        offset += 1
        expectation = .value
      case .commaOrEnd:
        guard byte == UInt8(ascii: ",") else { return try close(byte) }
        offset += 1
        guard let frame = frames.last, frame.isObject else {
          expectation = .value
          continue
        }
        skipWhiteSpace()
        guard offset < bytes.count else {
          throw JSONError(.unexpectedEnd, offset: offset, detail: "unexpected end of JSON")
        }
        return try key(bytes[offset])
      case .end:
        throw JSONError(.trailingBytes, offset: offset, detail: "unexpected content after the end of the value")
      }
    }
  }

  /// Skips the whole next value, validating it, and returns the range of its bytes.
  @discardableResult
  public mutating func skipValue() throws(JSONError) -> Range<Int> {
    let outer = frames.count
    var start: Int?
    repeat {
      let before = offset
      let token = try next()
      if start == nil { start = tokenStart(token, from: before) }
    } while frames.count > outer
    return (start ?? offset)..<offset
  }

  /// Checks that only white space follows.
  public mutating func expectEnd() throws(JSONError) {
    guard case .end = try next() else { throw unexpected("the end of the text") }
  }

  private func tokenStart(_ token: Token, from before: Int) -> Int {
    switch token {
    case .string(let string), .key(let string): return string.range.lowerBound - 1
    case .number(let number): return number.range.lowerBound
    default:
      var index = before
      while index < offset, Self.isBetweenTokens(bytes[index]) { index += 1 }
      return index
    }
  }

  private static func isBetweenTokens(_ byte: UInt8) -> Bool {
    isWhiteSpace(byte) || byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":")
  }

  @inline(__always)
  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  @inline(__always)
  private mutating func skipWhiteSpace() {
    while offset < bytes.count, Self.isWhiteSpace(bytes[offset]) { offset += 1 }
  }

  func unexpected(_ wanted: String) -> JSONError {
    guard offset < bytes.count else {
      return JSONError(.unexpectedEnd, offset: offset, detail: "unexpected end of JSON; expected \(wanted)")
    }
    let byte = bytes[offset]
    let shown = (0x21...0x7e).contains(byte) ? "\"\(UnicodeScalar(byte))\"" : "byte 0x\(String(byte, radix: 16))"
    return JSONError(.unexpectedByte, offset: offset, detail: "unexpected \(shown); expected \(wanted)")
  }
}

extension JSONScanner {
  private mutating func value(_ byte: UInt8) throws(JSONError) -> Token {
    switch byte {
    case UInt8(ascii: "{"): return try open(isObject: true)
    case UInt8(ascii: "["): return try open(isObject: false)
    case UInt8(ascii: "\""):
      let token = try string()
      finishValue()
      return .string(token)
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), 0x30...0x39:
      let token = try number()
      finishValue()
      return .number(token)
    default: throw unexpected("a value")
    }
  }

  private mutating func open(isObject: Bool) throws(JSONError) -> Token {
    guard frames.count < limits.depth else {
      throw JSONError(
        .tooDeep, offset: offset, detail: "arrays and objects are nested more than \(limits.depth) levels deep")
    }
    frames.append(Frame(isObject: isObject, firstKey: keys.count))
    offset += 1
    expectation = isObject ? .firstKeyOrEnd : .firstElementOrEnd
    return isObject ? .beginObject : .beginArray
  }

  private mutating func close(_ byte: UInt8) throws(JSONError) -> Token {
    guard let frame = frames.last, byte == UInt8(ascii: frame.isObject ? "}" : "]") else {
      throw unexpected(frames.last?.isObject == true ? "a comma or }" : "a comma or ]")
    }
    if frame.isObject, checksDuplicates { try rejectDuplicates(from: frame.firstKey) }
    frames.removeLast()
    keys.removeSubrange(frame.firstKey...)
    offset += 1
    finishValue()
    return frame.isObject ? .endObject : .endArray
  }

  private mutating func key(_ byte: UInt8) throws(JSONError) -> Token {
    guard byte == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
    let token = try string()
    if checksDuplicates { keys.append(token) }
    expectation = .colon
    return .key(token)
  }

  private mutating func finishValue() { expectation = frames.isEmpty ? .end : .commaOrEnd }

  private mutating func word(_ text: StaticString, _ token: Token) throws(JSONError) -> Token {
    for index in 0..<text.utf8CodeUnitCount {
      guard offset < bytes.count, bytes[offset] == text.utf8Start[index] else { throw unexpected("\(text)") }
      offset += 1
    }
    finishValue()
    return token
  }

  /// Parses `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`, and rejects numbers beyond the range of `Double`.
  private mutating func number() throws(JSONError) -> NumberToken {
    let start = offset
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let hasLeadingZero = offset < bytes.count && bytes[offset] == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !hasLeadingZero || whole == 1 else { throw numberError(from: start) }
    var isInteger = true
    var hasExponent = false
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      guard digits() > 0 else { throw numberError(from: start) }
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      hasExponent = true
      offset += 1
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") { offset += 1 }
      guard digits() > 0 else { throw numberError(from: start) }
    }
    let token = NumberToken(range: start..<offset, isInteger: isInteger)
    if hasExponent || whole > 300, !double(token).isFinite {
      throw JSONError(.numberOutOfRange, offset: start, detail: "number out of range for a 64-bit float")
    }
    return token
  }

  private mutating func digits() -> Int {
    let start = offset
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
    return offset - start
  }

  private func numberError(from start: Int) -> JSONError {
    JSONError(.invalidNumber, offset: start, detail: "invalid number; JSON numbers look like -12, 0.5 or 1e6")
  }
}

extension JSONScanner {
  /// Returns the number as an integer; nil if it has a fraction or an exponent, or does not fit 64 bits.
  public func integer(_ token: NumberToken) -> Int64? {
    guard token.isInteger else { return nil }
    let isNegative = bytes[token.range.lowerBound] == UInt8(ascii: "-")
    var value: Int64 = 0
    for byte in bytes[token.range].dropFirst(isNegative ? 1 : 0) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(byte - 0x30)
      let (sum, carries) = isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      guard !overflow, !carries else { return nil }
      value = sum
    }
    return value
  }

  /// Returns the nearest double.
  public func double(_ token: NumberToken) -> Double {
    if let exact = exactDouble(token) { return exact }
    return Double(String(decoding: UnsafeBufferPointer(rebasing: bytes[token.range]), as: UTF8.self)) ?? .infinity
  }

  /// The fast path: returns the correctly rounded double if the mantissa is at most 2⁵³ and the power of ten at most
  /// 10²², else nil. Both are then exact doubles, so that a single multiplication or division rounds only once.
  ///
  /// Source: William D. Clinger, "How to Read Floating Point Numbers Accurately", 1990.
  private func exactDouble(_ token: NumberToken) -> Double? {
    var index = token.range.lowerBound
    let isNegative = bytes[index] == UInt8(ascii: "-")
    if isNegative { index += 1 }
    var mantissa: UInt64 = 0
    var scale = 0
    var digits = 0
    var isFraction = false
    while index < token.range.upperBound, bytes[index] | 0x20 != UInt8(ascii: "e") {
      if bytes[index] == UInt8(ascii: ".") {
        isFraction = true
      } else {
        digits += 1
        guard digits <= 17 else { return nil }
        mantissa = mantissa * 10 + UInt64(bytes[index] - 0x30)
        if isFraction { scale -= 1 }
      }
      index += 1
    }
    if index < token.range.upperBound {
      guard let exponent = exponent(bytes[(index + 1)..<token.range.upperBound]) else { return nil }
      scale += exponent
    }
    guard mantissa <= 1 << 53, abs(scale) < Self.powers.count else { return nil }
    let value = scale < 0 ? Double(mantissa) / Self.powers[-scale] : Double(mantissa) * Self.powers[scale]
    return isNegative ? -value : value
  }

  /// Parses an exponent; nil if it has more than three digits.
  private func exponent(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    let isSigned = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+")
    let digits = text.dropFirst(isSigned ? 1 : 0)
    guard digits.count <= 3 else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    return text.first == UInt8(ascii: "-") ? -value : value
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}

/// Why bytes were rejected as JSON, and where.
public struct JSONError: Error, Sendable, Hashable {
  /// The kind of error.
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
    /// The JSON is well-formed but does not match the decoded type. Thrown only by `JSONCoding`.
    case typeMismatch = "type-mismatch"
  }

  /// The kind of error, for callers to switch on.
  public var reason: Reason
  /// The byte offset at which it was detected, from 0.
  public var offset: Int
  /// The JSON Pointer (RFC 6901) of the invalid value, as far as known.
  public var pointer: String
  /// A description for people.
  public var detail: String

  public init(_ reason: Reason, offset: Int = 0, pointer: String = "", detail: String) {
    self.reason = reason
    self.offset = offset
    self.pointer = pointer
    self.detail = detail
  }
}

/// Limits beyond which a parser rejects valid JSON.
public struct JSONLimits: Sendable, Hashable {
  /// The maximum nesting depth of arrays and objects; `[]` alone has depth 1.
  public var depth: Int

  /// The default limits: depth 32.
  public static let standard = JSONLimits()

  /// - Parameter depth: default 32, at least 1; capped at 512, so that recursion over a value cannot overflow the
  ///   stack.
  public init(depth: Int = 32) { self.depth = min(max(depth, 1), 512) }
}
