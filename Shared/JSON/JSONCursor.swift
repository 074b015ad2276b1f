public import Glibc

/// A position in the bytes of one JSON text, with a parser for the grammar of RFC 8259. It allocates only for escaped
/// keys.
///
/// All JSON is parsed here; `JSONValue`, `JSONScanner` and the bus's event scanner build on it. It is strict: UTF-8,
/// paired surrogates, numbers that fit a double, no duplicate keys, a bounded depth. Two keys are equal if their
/// characters, with escapes resolved, have the same bytes.
///
/// It stores a bare pointer, so that it may be used only while the bytes are borrowed.
public struct JSONCursor: ~Copyable {
  /// The first byte of the text.
  public let base: UnsafeRawPointer
  /// The number of bytes of the text.
  public let end: Int
  /// The offset of the next byte.
  public var position = 0
  /// The keys of the open objects.
  public var keys: JSONKeyStack
  /// The limit on the nesting of arrays and objects.
  @usableFromInline let maximumDepth: Int

  /// Creates a cursor at the start of a text.
  ///
  /// - Parameter keys: memory for keys, possibly from an earlier cursor.
  @inlinable
  public init(
    _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .standard, keys: consuming JSONKeyStack = JSONKeyStack()
  ) {
    // An empty buffer may have no address; `end` is then 0 and nothing is ever read.
    base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
    end = bytes.count
    maximumDepth = limits.depth
    self.keys = keys
  }

  /// Returns the memory for keys, for the next cursor to reuse.
  @inlinable
  public consuming func relinquishKeys() -> JSONKeyStack { keys }

  /// The content of a string between its quotes.
  public struct Text: Sendable {
    /// The first byte after the opening quote.
    public var start: Int
    /// The number of bytes up to the closing quote.
    public var count: Int
    /// Whether the bytes contain a backslash; if not, they are the text itself.
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

  /// A number as written.
  public struct Number: Sendable {
    /// The offset of its sign or first digit.
    public var start: Int
    /// The number of bytes up to its last digit.
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

  /// The kind of a value.
  public enum Kind: Sendable {
    case null
    case bool(Bool)
    case string(Text)
    case number(Number)
    case array, object
  }
}

extension JSONCursor {
  /// Returns the byte at the position.
  ///
  /// - Throws: a syntax error at the end of the text.
  @inlinable @inline(__always)
  public func peek() throws(JSONSyntaxError) -> UInt8 {
    guard position < end else { throw JSONSyntaxError(end == 0 ? .empty : .unexpectedEnd, at: position) }
    return byte(at: position)
  }

  @inlinable @inline(__always)
  func byte(at index: Int) -> UInt8 { base.load(fromByteOffset: index, as: UInt8.self) }

  /// Skips white space.
  @inlinable @inline(__always)
  public mutating func skipWhitespace() {
    while position < end {
      switch byte(at: position) {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  /// Skips white space and requires the end of the text.
  @inlinable
  public mutating func expectEnd() throws(JSONSyntaxError) {
    skipWhitespace()
    guard position == end else { throw JSONSyntaxError(.trailingBytes, at: position) }
  }

  /// Reads and checks one whole value of any kind; the position must be at its first byte.
  ///
  /// - Parameter depth: the depth of the enclosing container; 0 for the text's own value.
  @inlinable
  public mutating func value(depth: Int) throws(JSONSyntaxError) -> Kind {
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

  /// Reads a number, `true`, `false` or `null`.
  @inlinable
  mutating func scalar() throws(JSONSyntaxError) -> Kind {
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
    default: throw JSONSyntaxError(.unexpectedByte, at: position, wanted: .value)
    }
  }

  @usableFromInline
  mutating func word(_ word: StaticString) throws(JSONSyntaxError) {
    let count = word.utf8CodeUnitCount
    guard position + count <= end else { throw JSONSyntaxError(.unexpectedEnd, at: end) }
    guard memcmp(base + position, word.utf8Start, count) == 0 else {
      throw JSONSyntaxError(.unexpectedByte, at: position, wanted: .value)
    }
    position += count
  }

  @usableFromInline
  mutating func array(depth: Int) throws(JSONSyntaxError) {
    try open(depth: depth)
    if try closesAtOnce(UInt8(ascii: "]")) { return }
    repeat {
      _ = try value(depth: depth)
    } while try !closesOrContinues(UInt8(ascii: "]"))
  }

  @usableFromInline
  mutating func object(depth: Int) throws(JSONSyntaxError) {
    try open(depth: depth)
    var names = keys.openObject()
    if try closesAtOnce(UInt8(ascii: "}")) { return }
    repeat {
      _ = try key(&names)
      _ = try value(depth: depth)
    } while try !closesOrContinues(UInt8(ascii: "}"))
    keys.closeObject(names)
  }

  /// Reads the byte that opens an array or object at the given depth.
  @inlinable @inline(__always)
  public mutating func open(depth: Int) throws(JSONSyntaxError) {
    guard depth <= maximumDepth else { throw JSONSyntaxError(.tooDeep, at: position) }
    position += 1
  }

  /// Skips white space after the opening byte of a container, and reads the closing byte if it follows.
  ///
  /// - Returns: whether the container is empty.
  @inlinable @inline(__always)
  public mutating func closesAtOnce(_ closing: UInt8) throws(JSONSyntaxError) -> Bool {
    skipWhitespace()
    guard try peek() == closing else { return false }
    position += 1
    return true
  }

  /// Skips white space after a value, and reads the closing byte, or a comma and the white space after it.
  ///
  /// - Returns: whether the container is closed.
  @inlinable @inline(__always)
  public mutating func closesOrContinues(_ closing: UInt8) throws(JSONSyntaxError) -> Bool {
    skipWhitespace()
    let byte = try peek()
    guard byte == closing || byte == UInt8(ascii: ",") else {
      throw JSONSyntaxError(
        .unexpectedByte, at: position, wanted: closing == UInt8(ascii: "}") ? .commaOrBrace : .commaOrBracket)
    }
    position += 1
    if byte == closing { return true }
    skipWhitespace()
    return false
  }

  /// Reads a key and its colon, up to the value.
  ///
  /// - Throws: a syntax error if the object already has the key.
  @inlinable @inline(__always)
  public mutating func key(_ names: inout JSONKeyStack.Object) throws(JSONSyntaxError) -> JSONKeyStack.Key {
    let key = try name(in: &names).key
    try colon()
    return key
  }

  /// Reads a key without its colon.
  @inlinable @inline(__always)
  mutating func name(in names: inout JSONKeyStack.Object) throws(JSONSyntaxError) -> (key: JSONKeyStack.Key, text: Text)
  {
    let start = position
    let text = try keyText()
    let key =
      text.hasEscapes ? keys.own(unescaped(text)) : JSONKeyStack.Key(start: base + text.start, count: text.count)
    guard keys.insert(key, into: &names) else { throw JSONSyntaxError(.duplicateKey, at: start) }
    return (key, text)
  }

  /// Reads a key without its colon and without checking for a duplicate.
  @inlinable @inline(__always)
  mutating func keyText() throws(JSONSyntaxError) -> Text {
    guard try peek() == UInt8(ascii: "\"") else { throw JSONSyntaxError(.unexpectedByte, at: position, wanted: .key) }
    return try string()
  }

  /// Reads the colon after a key, up to the value.
  @inlinable @inline(__always)
  mutating func colon() throws(JSONSyntaxError) {
    skipWhitespace()
    guard try peek() == UInt8(ascii: ":") else { throw JSONSyntaxError(.unexpectedByte, at: position, wanted: .colon) }
    position += 1
    skipWhitespace()
  }
}

/// The keys of the objects that are open while a text is read, to find duplicates.
///
/// The keys of a small object are compared one by one, those of a large one through a set, so that neither common texts
/// nor texts made of keys alone are slow. Keys point into the scanned bytes or, if they were written with escapes, into
/// memory that this owns until `reset()`.
public struct JSONKeyStack: ~Copyable {
  /// An object with more keys than this looks them up in a set.
  @inlinable static var smallObject: Int { 16 }

  /// Those from `used` on are unused; they keep their memory for reuse.
  @usableFromInline var keys: [Key] = []
  @usableFromInline var used = 0
  private var owned: [UnsafeMutableRawBufferPointer] = []

  /// Creates an empty stack.
  public init() {}

  deinit { for buffer in owned { buffer.deallocate() } }

  /// One key, by its bytes.
  public struct Key: Hashable {
    /// The first byte, in the text or in the stack's memory.
    public let start: UnsafeRawPointer
    /// The number of bytes.
    public let count: Int

    @inlinable
    init(start: UnsafeRawPointer, count: Int) {
      self.start = start
      self.count = count
    }

    /// Creates a key from bytes; nil if there are none.
    @inlinable
    public init?(_ bytes: UnsafeRawBufferPointer) {
      guard let start = bytes.baseAddress else { return nil }
      self.init(start: start, count: bytes.count)
    }

    @inlinable @inline(__always)
    public static func == (left: Self, right: Self) -> Bool {
      left.count == right.count && memcmp(left.start, right.start, left.count) == 0
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(bytes: UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Whether the key is that word.
    @inlinable @inline(__always)
    public func equals(_ word: StaticString) -> Bool {
      count == word.utf8CodeUnitCount && memcmp(start, word.utf8Start, count) == 0
    }
  }

  /// The keys of one open object.
  public struct Object {
    @usableFromInline let first: Int
    @usableFromInline var large: Set<Key> = []

    @inlinable
    init(first: Int) { self.first = first }
  }

  /// Opens an object within the others.
  @inlinable @inline(__always)
  public func openObject() -> Object { Object(first: used) }

  /// Removes the keys of the object that was opened last.
  @inlinable @inline(__always)
  public mutating func closeObject(_ object: Object) { used = object.first }

  /// Adds a key.
  ///
  /// - Returns: false if the object already has it.
  @inlinable @inline(__always)
  public mutating func insert(_ key: Key, into object: inout Object) -> Bool {
    guard used - object.first < Self.smallObject else { return insertIntoLarge(key, &object) }
    for index in object.first..<used where keys[index] == key { return false }
    if used < keys.count { keys[used] = key } else { keys.append(key) }
    used += 1
    return true
  }

  @usableFromInline
  func insertIntoLarge(_ key: Key, _ object: inout Object) -> Bool {
    if object.large.isEmpty { object.large = Set(keys[object.first..<used]) }
    return object.large.insert(key).inserted
  }

  /// Stores the bytes of a key until `reset()`.
  public mutating func own(_ bytes: [UInt8]) -> Key {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 1)
    buffer.copyBytes(from: bytes)
    owned.append(buffer)
    return Key(start: UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped), count: bytes.count)
  }

  /// Removes all keys, so that the memory they point into may be freed.
  public mutating func reset() {
    used = 0
    guard !owned.isEmpty else { return }
    for buffer in owned { buffer.deallocate() }
    owned.removeAll()
  }
}
