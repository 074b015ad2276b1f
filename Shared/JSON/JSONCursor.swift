import Glibc

/// A position in the bytes of one JSON text, and the grammar of RFC 8259 over it: no allocation but for escaped keys.
///
/// This is the only place that reads JSON; what is built of a text is up to its users (`JSONValue`, `JSONScanner`, the bus's
/// events). It is strict: UTF-8, paired surrogates, numbers that a double holds, no key twice in an object, a bounded depth. Two
/// keys are the same when their characters, escapes resolved, are byte for byte equal.
///
/// It holds a bare pointer: it is made, used and dropped while the bytes it reads are borrowed.
public struct JSONCursor: ~Copyable {
  /// The first byte of the text.
  public let base: UnsafeRawPointer
  /// How many bytes the text has.
  public let end: Int
  /// The byte that is read next.
  public var position = 0
  /// The keys of the objects that are open.
  public var keys: JSONKeyStack
  /// How deep arrays and objects may nest.
  @usableFromInline let maximumDepth: Int

  /// A cursor at the start of a text.
  ///
  /// - Parameter keys: room for keys, of a cursor before this one where there was one.
  @inlinable
  public init(
    _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard, keys: consuming JSONKeyStack = JSONKeyStack()
  ) {
    // An empty buffer may have no address; then `end` is 0 and nothing is ever read.
    base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = bytes.count
    maximumDepth = limits.depth
    self.keys = keys
  }

  /// Returns the memory for keys, for the next cursor.
  @inlinable
  public consuming func relinquishKeys() -> JSONKeyStack { keys }

  /// A string's content between its quotes.
  public struct Text: Sendable {
    /// The first byte after the opening quote.
    public var start: Int
    /// How many bytes there are up to the closing quote.
    public var count: Int
    /// Whether a backslash is among the bytes; where not, they are the text as it is.
    public var hasEscapes = false
    /// Whether all bytes are ASCII.
    public var isASCII = true

    /// The bytes between the quotes.
    public var range: Range<Int> { start..<start + count }

    @inlinable
    init(start: Int, count: Int) {
      self.start = start
      self.count = count
    }
  }

  /// A number as it is written.
  public struct Number: Sendable {
    /// Its sign, or its first digit.
    public var start: Int
    /// How many bytes it has, up to its last digit.
    public var count: Int
    /// Whether it has neither fraction nor exponent.
    public var isWhole: Bool

    /// Its bytes.
    public var range: Range<Int> { start..<start + count }

    @inlinable
    init(start: Int, count: Int, isWhole: Bool) {
      self.start = start
      self.count = count
      self.isWhole = isWhole
    }
  }

  /// What a value was.
  public enum Kind: Sendable {
    case null
    case bool(Bool)
    case string(Text)
    case number(Number)
    case array, object
  }
}

extension JSONCursor {
  /// The byte at the position.
  ///
  /// - Throws: where the text has ended.
  @inlinable @inline(__always)
  public func peek() throws(JSONFault) -> UInt8 {
    guard position < end else { throw JSONFault(end == 0 ? .empty : .unexpectedEnd, at: position) }
    return byte(at: position)
  }

  @inlinable @inline(__always)
  func byte(at index: Int) -> UInt8 { base.load(fromByteOffset: index, as: UInt8.self) }

  /// Passes white space.
  @inlinable @inline(__always)
  public mutating func skipWhitespace() {
    while position < end {
      switch byte(at: position) {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  /// Passes white space, after which the text must have ended.
  @inlinable
  public mutating func expectEnd() throws(JSONFault) {
    skipWhitespace()
    guard position == end else { throw JSONFault(.trailingBytes, at: position) }
  }

  /// Passes one value, whatever it is, and checks all of it; the position is at its first byte.
  ///
  /// - Parameter depth: that of the container that it is in; 0 for the text's own value.
  @inlinable
  public mutating func value(depth: Int) throws(JSONFault) -> Kind {
    switch try peek() {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"):
      try object(depth: depth + 1)
      return .object
    case UInt8(ascii: "["):
      try array(depth: depth + 1)
      return .array
    default: return try scalar()
    }
  }

  /// A number, `true`, `false` or `null`.
  @inlinable
  mutating func scalar() throws(JSONFault) -> Kind {
    switch try peek() {
    case UInt8(ascii: "t"):
      try word("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try word("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try word("null")
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw JSONFault(.unexpectedByte, at: position, wanted: .value)
    }
  }

  @usableFromInline
  mutating func word(_ word: StaticString) throws(JSONFault) {
    let count = word.utf8CodeUnitCount
    guard position + count <= end else { throw JSONFault(.unexpectedEnd, at: end) }
    guard memcmp(base + position, word.utf8Start, count) == 0 else {
      throw JSONFault(.unexpectedByte, at: position, wanted: .value)
    }
    position += count
  }

  @usableFromInline
  mutating func array(depth: Int) throws(JSONFault) {
    try open(depth: depth)
    if try closesAtOnce(UInt8(ascii: "]")) { return }
    repeat {
      _ = try value(depth: depth)
    } while try !closesOrContinues(UInt8(ascii: "]"))
  }

  @usableFromInline
  mutating func object(depth: Int) throws(JSONFault) {
    try open(depth: depth)
    var names = keys.openObject()
    if try closesAtOnce(UInt8(ascii: "}")) { return }
    repeat {
      _ = try key(&names)
      _ = try value(depth: depth)
    } while try !closesOrContinues(UInt8(ascii: "}"))
    keys.closeObject(names)
  }

  /// Passes the byte that opens an array or object of that depth.
  @inlinable @inline(__always)
  public mutating func open(depth: Int) throws(JSONFault) {
    guard depth <= maximumDepth else { throw JSONFault(.tooDeep, at: position) }
    position += 1
  }

  /// After the byte that opens a container: passes white space; true at the closing byte, which is passed as well.
  @inlinable @inline(__always)
  public mutating func closesAtOnce(_ closing: UInt8) throws(JSONFault) -> Bool {
    skipWhitespace()
    guard try peek() == closing else { return false }
    position += 1
    return true
  }

  /// After a value: passes white space; true at the closing byte, false after a comma, up to what follows it.
  @inlinable @inline(__always)
  public mutating func closesOrContinues(_ closing: UInt8) throws(JSONFault) -> Bool {
    skipWhitespace()
    let byte = try peek()
    guard byte == closing || byte == UInt8(ascii: ",") else {
      throw JSONFault(
        .unexpectedByte, at: position, wanted: closing == UInt8(ascii: "}") ? .commaOrBrace : .commaOrBracket)
    }
    position += 1
    if byte == closing { return true }
    skipWhitespace()
    return false
  }

  /// Passes a key and its colon, up to the value.
  ///
  /// - Throws: where the object has the key already.
  @inlinable @inline(__always)
  public mutating func key(_ names: inout JSONKeyStack.Object) throws(JSONFault) -> JSONKeyStack.Key {
    let key = try name(in: &names).key
    try colon()
    return key
  }

  /// Passes a key without its colon.
  @inlinable @inline(__always)
  mutating func name(in names: inout JSONKeyStack.Object) throws(JSONFault) -> (key: JSONKeyStack.Key, text: Text) {
    let start = position
    let text = try keyText()
    let key =
      text.hasEscapes ? keys.own(unescaped(text)) : JSONKeyStack.Key(start: base + text.start, count: text.count)
    guard keys.insert(key, into: &names) else { throw JSONFault(.duplicateKey, at: start) }
    return (key, text)
  }

  /// Passes a key without its colon, which the object may have already.
  @inlinable @inline(__always)
  mutating func keyText() throws(JSONFault) -> Text {
    guard try peek() == UInt8(ascii: "\"") else { throw JSONFault(.unexpectedByte, at: position, wanted: .key) }
    return try string()
  }

  /// Passes the colon after a key, up to the value.
  @inlinable @inline(__always)
  mutating func colon() throws(JSONFault) {
    skipWhitespace()
    guard try peek() == UInt8(ascii: ":") else { throw JSONFault(.unexpectedByte, at: position, wanted: .colon) }
    position += 1
    skipWhitespace()
  }
}
