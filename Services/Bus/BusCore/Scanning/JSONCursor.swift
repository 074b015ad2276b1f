#if canImport(Glibc)
  import Glibc
#endif

/// A position in the bytes of one JSON text, with a scanner for the grammar of RFC 8259 that allocates only for escaped
/// keys.
///
/// It holds an unowned pointer: it must be created, used and discarded inside one `withUnsafeBytes` of the bytes it
/// reads.
struct JSONCursor: ~Copyable {
  /// The deepest nesting of objects and arrays, including the outermost.
  static let maximumDepth = 32

  let base: UnsafeRawPointer
  let end: Int
  var position = 0
  var keys: KeyStack

  init(_ bytes: UnsafeRawBufferPointer, keys: consuming KeyStack) {
    // An empty buffer may have no address; then `end` is 0 and nothing is ever read.
    base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = bytes.count
    self.keys = keys
  }

  /// The content of a string, without its quotes.
  struct Text {
    var start: Int
    var count: Int
    var hasEscapes = false
    var isASCII = true
  }

  /// The kind of a scanned value, as far as callers need it.
  enum Kind {
    case null, bool, string(Text), integer(start: Int, count: Int), number, array, object
  }

  /// Returns the byte at the position. The end of the text is an error.
  @inline(__always)
  func peek() throws(ScanError) -> UInt8 {
    guard position < end else { throw .json(end == 0 ? .empty : .unexpectedEnd, at: position) }
    return base.load(fromByteOffset: position, as: UInt8.self)
  }

  @inline(__always)
  mutating func skipWhitespace() {
    while position < end {
      switch base.load(fromByteOffset: position, as: UInt8.self) {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  @inline(__always)
  mutating func expect(_ byte: UInt8) throws(ScanError) {
    guard try peek() == byte else { throw .json(.unexpectedByte, at: position) }
    position += 1
  }

  /// Scans one value of any kind. `depth` is that of its container.
  mutating func value(depth: Int) throws(ScanError) -> Kind {
    switch try peek() {
    case UInt8(ascii: "\""):
      return .string(try string())
    case UInt8(ascii: "{"):
      try object(depth: depth + 1)
      return .object
    case UInt8(ascii: "["):
      try array(depth: depth + 1)
      return .array
    case UInt8(ascii: "t"):
      try literal("true")
      return .bool
    case UInt8(ascii: "f"):
      try literal("false")
      return .bool
    case UInt8(ascii: "n"):
      try literal("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number()
    default:
      throw .json(.unexpectedByte, at: position)
    }
  }

  private mutating func literal(_ word: StaticString) throws(ScanError) {
    let count = word.utf8CodeUnitCount
    guard position + count <= end else { throw .json(.unexpectedEnd, at: end) }
    guard memcmp(base + position, word.utf8Start, count) == 0 else { throw .json(.unexpectedByte, at: position) }
    position += count
  }

  private mutating func array(depth: Int) throws(ScanError) {
    guard depth <= Self.maximumDepth else { throw .json(.tooDeep, at: position) }
    position += 1
    skipWhitespace()
    if try peek() == UInt8(ascii: "]") {
      position += 1
      return
    }
    while true {
      _ = try value(depth: depth)
      skipWhitespace()
      if try closesOrContinues(UInt8(ascii: "]")) { return }
    }
  }

  private mutating func object(depth: Int) throws(ScanError) {
    guard depth <= Self.maximumDepth else { throw .json(.tooDeep, at: position) }
    position += 1
    var openKeys = keys.openObject()
    skipWhitespace()
    if try peek() == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      _ = try key(&openKeys)
      _ = try value(depth: depth)
      skipWhitespace()
      if try closesOrContinues(UInt8(ascii: "}")) { break }
    }
    keys.closeObject(openKeys)
  }

  /// Consumes what follows a value: returns true at the closing byte, false after a comma.
  @inline(__always)
  mutating func closesOrContinues(_ closing: UInt8) throws(ScanError) -> Bool {
    let byte = try peek()
    guard byte == closing || byte == UInt8(ascii: ",") else { throw .json(.unexpectedByte, at: position) }
    position += 1
    if byte == closing { return true }
    skipWhitespace()
    return false
  }

  /// Scans a key and its colon, up to the value. A key that the object already has is an error.
  @inline(__always)
  mutating func key(_ openKeys: inout KeyStack.Object) throws(ScanError) -> KeyStack.Key {
    let start = position
    guard try peek() == UInt8(ascii: "\"") else { throw .json(.unexpectedByte, at: position) }
    let text = try string()
    let key = text.hasEscapes ? keys.copy(unescaped(text)) : KeyStack.Key(start: base + text.start, count: text.count)
    guard keys.insert(key, into: &openKeys) else { throw .json(.duplicateKey, at: start) }
    skipWhitespace()
    try expect(UInt8(ascii: ":"))
    skipWhitespace()
    return key
  }
}

extension JSONCursor {
  /// Scans a number by the grammar of RFC 8259. A number that does not fit a double is an error.
  mutating func number() throws(ScanError) -> Kind {
    let start = position
    if byte(at: position) == UInt8(ascii: "-") { position += 1 }
    guard position < end else { throw .json(.unexpectedEnd, at: end) }
    if byte(at: position) == UInt8(ascii: "0") {
      position += 1
      if position < end, isDigit(byte(at: position)) { throw .json(.invalidNumber, at: start) }
    } else {
      try digits(of: start)
    }
    let integerEnd = position
    if position < end, byte(at: position) == UInt8(ascii: ".") {
      position += 1
      try digits(of: start)
    }
    var hasExponent = false
    if position < end, byte(at: position) | 0x20 == UInt8(ascii: "e") {
      hasExponent = true
      position += 1
      if position < end, byte(at: position) == UInt8(ascii: "+") || byte(at: position) == UInt8(ascii: "-") {
        position += 1
      }
      try digits(of: start)
    }
    // The largest double has 309 digits: without an exponent a shorter number always fits.
    if hasExponent || position - start > 300 { try checkRange(from: start) }
    return integerEnd == position ? .integer(start: start, count: position - start) : .number
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Scans one or more digits.
  @inline(__always)
  private mutating func digits(of start: Int) throws(ScanError) {
    let first = position
    while position < end, isDigit(byte(at: position)) { position += 1 }
    guard position > first else { throw .json(position < end ? .invalidNumber : .unexpectedEnd, at: start) }
  }

  private func checkRange(from start: Int) throws(ScanError) {
    let text = String(decoding: UnsafeRawBufferPointer(start: base + start, count: position - start), as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw .json(.numberOutOfRange, at: start) }
  }
}

extension JSONCursor {
  /// Scans a string from its opening quote past its closing quote, and checks escapes, control characters and UTF-8.
  mutating func string() throws(ScanError) -> Text {
    position += 1
    var text = Text(start: position, count: 0)
    while true {
      skipPlainBytes()
      let byte = try peek()
      switch byte {
      case UInt8(ascii: "\""):
        text.count = position - text.start
        position += 1
        return text
      case UInt8(ascii: "\\"):
        text.hasEscapes = true
        try escape()
      case 0..<0x20:
        throw .json(.controlCharacter, at: position)
      case 0x80...:
        text.isASCII = false
        try multibyte(byte)
      default:
        position += 1
      }
    }
  }

  /// Skips string bytes that need no check, eight at a time: all except `"`, `\`, bytes below 0x20 and bytes from 0x80
  /// on.
  ///
  /// The tests for "has a zero byte" and "has a byte less than" are from Sean Eron Anderson's Bit Twiddling Hacks;
  /// their lowest hit is exact.
  @inline(__always)
  private mutating func skipPlainBytes() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while position + 8 <= end {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let quotes = word ^ (ones &* 0x22)
      let slashes = word ^ (ones &* 0x5c)
      let found =
        (((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word) | word)
        & highs
      if found != 0 {
        position += found.trailingZeroBitCount / 8
        return
      }
      position += 8
    }
  }

  /// Skips one UTF-8 sequence of two to four bytes (well-formed sequences: Unicode 15, table 3-7).
  private mutating func multibyte(_ lead: UInt8) throws(ScanError) {
    let count: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch lead {
    case 0xc2...0xdf: count = 2
    case 0xe0: (count, second) = (3, 0xa0...0xbf)
    case 0xed: (count, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: count = 3
    case 0xf0: (count, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: count = 4
    case 0xf4: (count, second) = (4, 0x80...0x8f)
    default: throw .json(.invalidUTF8, at: position)
    }
    guard position + count <= end, second.contains(byte(at: position + 1)) else {
      throw .json(.invalidUTF8, at: position)
    }
    for index in 2..<max(count, 2) where byte(at: position + index) & 0xc0 != 0x80 {
      throw .json(.invalidUTF8, at: position)
    }
    position += count
  }

  private mutating func escape() throws(ScanError) {
    guard position + 1 < end else { throw .json(.unexpectedEnd, at: end) }
    switch byte(at: position + 1) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      let unit = try hexUnit(at: position + 2)
      guard unit & 0xfc00 != 0xdc00 else { throw .json(.invalidEscape, at: position) }
      if unit & 0xfc00 == 0xd800 {
        guard position + 7 < end, byte(at: position + 6) == UInt8(ascii: "\\"),
          byte(at: position + 7) == UInt8(ascii: "u"), try hexUnit(at: position + 8) & 0xfc00 == 0xdc00
        else { throw .json(.invalidEscape, at: position) }
        position += 6
      }
      position += 6
    default:
      throw .json(.invalidEscape, at: position)
    }
  }

  /// Returns the UTF-16 code unit of four hexadecimal digits.
  private func hexUnit(at start: Int) throws(ScanError) -> UInt16 {
    guard start + 4 <= end else { throw .json(.unexpectedEnd, at: end) }
    var unit: UInt16 = 0
    for index in start..<start + 4 {
      guard let digit = ASCII.hexDigit(byte(at: index)) else { throw .json(.invalidEscape, at: start) }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  @inline(__always)
  func byte(at index: Int) -> UInt8 { base.load(fromByteOffset: index, as: UInt8.self) }

  /// Returns the text with its escapes resolved. Only valid for a text that `string()` has accepted.
  func unescaped(_ text: Text) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = text.start
    while index < text.start + text.count {
      let current = byte(at: index)
      guard current == UInt8(ascii: "\\") else {
        result.append(current)
        index += 1
        continue
      }
      index = appendEscape(at: index, to: &result)
    }
    return result
  }

  /// Appends the character of an escape sequence and returns the index after it.
  private func appendEscape(at index: Int, to result: inout [UInt8]) -> Int {
    switch byte(at: index + 1) {
    case UInt8(ascii: "b"): result.append(0x08)
    case UInt8(ascii: "f"): result.append(0x0c)
    case UInt8(ascii: "n"): result.append(0x0a)
    case UInt8(ascii: "r"): result.append(0x0d)
    case UInt8(ascii: "t"): result.append(0x09)
    case UInt8(ascii: "u"):
      let high = UInt32(validHexUnit(at: index + 2))
      guard high & 0xfc00 == 0xd800 else {
        append(high, to: &result)
        return index + 6
      }
      let low = UInt32(validHexUnit(at: index + 8))
      append(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00), to: &result)
      return index + 12
    case let plain: result.append(plain)
    }
    return index + 2
  }

  private func validHexUnit(at start: Int) -> UInt16 {
    (start..<start + 4).reduce(0) { $0 << 4 | UInt16(ASCII.hexDigit(byte(at: $1)) ?? 0) }
  }

  private func append(_ scalar: UInt32, to result: inout [UInt8]) {
    guard let scalar = Unicode.Scalar(scalar), let bytes = UTF8.encode(scalar) else { return }
    result.append(contentsOf: bytes)
  }
}

/// Classes of ASCII bytes.
enum ASCII {
  /// Returns the value of a hexadecimal digit; nil for any other byte.
  @inline(__always)
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
