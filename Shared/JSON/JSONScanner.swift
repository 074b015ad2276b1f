/// Pulls the tokens of one JSON text out of bytes, strictly and without allocating.
///
/// Each `next()` gives one token, checked as far as it goes: UTF-8, escapes, numbers' syntax and range, nesting, commas. The
/// bytes must outlive the scanner. Duplicate keys are refused when their object ends; two keys are the same when their
/// characters, escapes resolved, are byte for byte equal.
public struct JSONScanner {
  /// One step through a text.
  public enum Token: Sendable {
    case beginObject, endObject, beginArray, endArray
    case key(StringToken), string(StringToken)
    case number(NumberToken)
    case bool(Bool)
    case null
    /// The text is over, and nothing but white space follows its value.
    case end
  }

  /// A string as it stands between its quotes.
  public struct StringToken: Sendable {
    /// The bytes between the quotes.
    public let range: Range<Int>
    /// Whether a backslash is among the bytes; where not, they are the text as it is.
    public let hasEscapes: Bool
  }

  /// A number as it is written.
  public struct NumberToken: Sendable {
    /// The bytes of the number, from its sign to its last digit.
    public let range: Range<Int>
    /// Whether it has neither fraction nor exponent.
    public let isWhole: Bool
  }

  /// What must come next.
  enum Expectation {
    case value, firstElementOrEnd, commaOrEnd, firstKeyOrEnd, colon, end
  }

  /// An array or object that is open.
  struct Frame {
    var isObject: Bool
    /// Where its keys begin in `keys`.
    var firstKey: Int
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let limits: JSONLimits
  let checksDuplicates: Bool
  var frames: [Frame] = []
  var keys: [StringToken] = []
  var expectation = Expectation.value
  /// The byte at which the next token is looked for.
  public internal(set) var offset = 0

  /// A scanner at the start of a text.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .standard) {
    self.init(bytes, limits: limits, checksDuplicates: true)
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits, checksDuplicates: Bool) {
    self.bytes = bytes
    self.limits = limits
    self.checksDuplicates = checksDuplicates
  }

  /// How many arrays and objects are open.
  public var depth: Int { frames.count }

  /// The next token.
  public mutating func next() throws(JSONError) -> Token {
    while true {
      skipWhiteSpace()
      guard offset < bytes.count else {
        if case .end = expectation { return .end }
        throw JSONError(bytes.isEmpty ? .empty : .unexpectedEnd, offset: offset, detail: "the text ends too early")
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
          throw JSONError(.unexpectedEnd, offset: offset, detail: "the text ends too early")
        }
        return try key(bytes[offset])
      case .end: throw JSONError(.trailingBytes, offset: offset, detail: "something follows the value")
      }
    }
  }

  /// Passes over the next value whole, checking it, and gives the bytes it takes.
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

  /// Checks that nothing but white space follows.
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
      return JSONError(.unexpectedEnd, offset: offset, detail: "the text ends where \(wanted) should be")
    }
    let byte = bytes[offset]
    let shown = (0x21...0x7e).contains(byte) ? "\"\(UnicodeScalar(byte))\"" : "byte 0x\(String(byte, radix: 16))"
    return JSONError(.unexpectedByte, offset: offset, detail: "\(shown) stands where \(wanted) should be")
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
      throw JSONError(.tooDeep, offset: offset, detail: "arrays and objects nest more than \(limits.depth) deep")
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
    if frame.isObject, checksDuplicates { try refuseDuplicates(from: frame.firstKey) }
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

  /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`, and finite.
  private mutating func number() throws(JSONError) -> NumberToken {
    let start = offset
    if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
    let hasLeadingZero = offset < bytes.count && bytes[offset] == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !hasLeadingZero || whole == 1 else { throw numberFault(from: start) }
    var isWhole = true
    var hasExponent = false
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
      isWhole = false
      offset += 1
      guard digits() > 0 else { throw numberFault(from: start) }
    }
    if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      hasExponent = true
      offset += 1
      if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") { offset += 1 }
      guard digits() > 0 else { throw numberFault(from: start) }
    }
    let token = NumberToken(range: start..<offset, isWhole: isWhole)
    if hasExponent || whole > 300, !double(token).isFinite {
      throw JSONError(.numberOutOfRange, offset: start, detail: "the number is beyond what 64-bit floating point holds")
    }
    return token
  }

  private mutating func digits() -> Int {
    let start = offset
    while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
    return offset - start
  }

  private func numberFault(from start: Int) -> JSONError {
    JSONError(.invalidNumber, offset: start, detail: "a number that starts here is not written as JSON has it")
  }
}

extension JSONScanner {
  /// The number, where it is written without fraction and exponent and fits 64 bits.
  public func integer(_ token: NumberToken) -> Int64? {
    guard token.isWhole else { return nil }
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

  /// The nearest double.
  public func double(_ token: NumberToken) -> Double {
    if let exact = exactDouble(token) { return exact }
    return Double(String(decoding: UnsafeBufferPointer(rebasing: bytes[token.range]), as: UTF8.self)) ?? .infinity
  }

  /// Up to 2⁵³ times or divided by a power of ten up to 10²² is exact, because both are doubles and one rounding is made.
  ///
  /// William D. Clinger, "How to Read Floating Point Numbers Accurately", 1990.
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

  /// Nil beyond three digits.
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
