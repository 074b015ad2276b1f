#if canImport(Glibc)
  import Glibc
#endif

/// A position in the bytes of one JSON text, and the grammar of RFC 8259 over it: no allocation but for escaped keys.
///
/// It holds a bare pointer: it is made, used and dropped inside one `withUnsafeBytes` of the bytes it reads.
struct JSONCursor: ~Copyable {
  /// How deep objects and arrays may nest, the outermost counted.
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

  /// A string's content between its quotes.
  struct Text {
    var start: Int
    var count: Int
    var hasEscapes = false
    var isASCII = true
  }

  /// What a scanned value was, as far as anyone asks.
  enum Kind {
    case null, bool, string(Text), integer(start: Int, count: Int), number, array, object
  }

  /// The byte at the position; the end of the text is a fault.
  @inline(__always)
  func peek() throws(ScanFault) -> UInt8 {
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
  mutating func expect(_ byte: UInt8) throws(ScanFault) {
    guard try peek() == byte else { throw .json(.unexpectedByte, at: position) }
    position += 1
  }

  /// Scans one value, whatever it is; `depth` is that of the container it stands in.
  mutating func value(depth: Int) throws(ScanFault) -> Kind {
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
      try word("true")
      return .bool
    case UInt8(ascii: "f"):
      try word("false")
      return .bool
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number()
    default:
      throw .json(.unexpectedByte, at: position)
    }
  }

  private mutating func word(_ word: StaticString) throws(ScanFault) {
    let count = word.utf8CodeUnitCount
    guard position + count <= end else { throw .json(.unexpectedEnd, at: end) }
    guard memcmp(base + position, word.utf8Start, count) == 0 else { throw .json(.unexpectedByte, at: position) }
    position += count
  }

  private mutating func array(depth: Int) throws(ScanFault) {
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

  private mutating func object(depth: Int) throws(ScanFault) {
    guard depth <= Self.maximumDepth else { throw .json(.tooDeep, at: position) }
    position += 1
    var names = keys.openObject()
    skipWhitespace()
    if try peek() == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      _ = try key(&names)
      _ = try value(depth: depth)
      skipWhitespace()
      if try closesOrContinues(UInt8(ascii: "}")) { break }
    }
    keys.closeObject(names)
  }

  /// After a value: true at the closing byte, false after a comma.
  @inline(__always)
  mutating func closesOrContinues(_ closing: UInt8) throws(ScanFault) -> Bool {
    let byte = try peek()
    guard byte == closing || byte == UInt8(ascii: ",") else { throw .json(.unexpectedByte, at: position) }
    position += 1
    if byte == closing { return true }
    skipWhitespace()
    return false
  }

  /// Scans a key and its colon, up to the value; a key that the object already has is a fault.
  @inline(__always)
  mutating func key(_ names: inout KeyStack.Object) throws(ScanFault) -> KeyStack.Key {
    let start = position
    guard try peek() == UInt8(ascii: "\"") else { throw .json(.unexpectedByte, at: position) }
    let text = try string()
    let key = text.hasEscapes ? keys.own(unescaped(text)) : KeyStack.Key(start: base + text.start, count: text.count)
    guard keys.insert(key, into: &names) else { throw .json(.duplicateKey, at: start) }
    skipWhitespace()
    try expect(UInt8(ascii: ":"))
    skipWhitespace()
    return key
  }
}
