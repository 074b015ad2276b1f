/// A JSON value. Parsing is strict: no duplicate keys, valid UTF-8, finite numbers.
///
/// A number written without a fraction or an exponent is an `integer` if it fits 64 bits; any other is a `number`. The
/// order of an object's members is not significant; all writers in this module sort them in ascending order.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue {
  /// The member with the key; nil if this is not an object or has no such member.
  public subscript(_ key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  /// The string; nil if this is not one.
  public var stringValue: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// The integer; nil if this is not one.
  public var integerValue: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  /// The number as a double; nil if this is neither an integer nor a number.
  public var doubleValue: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// The Boolean; nil if this is not one.
  public var boolValue: Bool? {
    guard case .bool(let flag) = self else { return nil }
    return flag
  }

  /// The elements; nil if this is not an array.
  public var arrayValue: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// The members; nil if this is not an object.
  public var objectValue: [String: JSONValue]? {
    guard case .object(let members) = self else { return nil }
    return members
  }
}

extension JSONValue {
  /// Returns the value at a path of member names below this one; nil if a member is missing or not an object.
  public func value(at path: some Sequence<String>) -> JSONValue? {
    path.reduce(self as JSONValue?) { $0?[$1] }
  }

  /// The value as shown to people: a string without quotes, `-` for null, anything else as canonical JSON.
  public var plainText: String {
    switch self {
    case .null: "-"
    case .string(let text): text
    default: String(decoding: canonical(), as: UTF8.self)
    }
  }
}

extension JSONValue? {
  /// The value as shown to people, `-` if it is missing; see `JSONValue.plainText`.
  public var plainText: String { self?.plainText ?? "-" }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
  public init(nilLiteral: ()) { self = .null }
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    /// Decodes a value; nil if it is of another kind, which is not an error, because the next kind is tried.
    func decoded<Value: Decodable>() -> Value? {
      // Only the last attempt, for objects, reports its error.
      try? container.decode(Value.self)
    }
    if container.decodeNil() {
      self = .null
    } else if let flag: Bool = decoded() {
      self = .bool(flag)
    } else if let number: Int64 = decoded() {
      self = .integer(number)
    } else if let number: Double = decoded() {
      self = .number(number)
    } else if let text: String = decoded() {
      self = .string(text)
    } else if let elements: [JSONValue] = decoded() {
      self = .array(elements)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let flag): try container.encode(flag)
    case .integer(let number): try container.encode(number)
    case .number(let number): try container.encode(number)
    case .string(let text): try container.encode(text)
    case .array(let elements): try container.encode(elements)
    case .object(let members): try container.encode(members)
    }
  }
}

extension JSONValue {
  /// Parses one JSON text (RFC 8259) strictly: UTF-8 without a byte order mark, no duplicate keys, finite numbers, no
  /// trailing content.
  ///
  /// Keys that differ only in Unicode normalisation are duplicates, because Swift strings compare by canonical
  /// equivalence.
  public init(parsing bytes: some Sequence<UInt8>, limits: JSONLimits = .standard) throws(JSONError) {
    var scan = Result<JSONValue, JSONError>.failure(JSONError(.empty, detail: "the text is empty"))
    let read: (UnsafeBufferPointer<UInt8>) -> Void = { scan = Self.parse($0, limits) }
    if bytes.withContiguousStorageIfAvailable(read) == nil {
      Array(bytes).withUnsafeBufferPointer(read)
    }
    self = try scan.get()
  }

  /// Parses one JSON text strictly.
  public init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
    try self.init(parsing: text.utf8, limits: limits)
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) -> Result<JSONValue, JSONError> {
    Result { () throws(JSONError) in
      var builder = JSONValueBuilder(bytes, limits)
      return try builder.text()
    }
  }
}

/// Builds values from a text; the cursor's depth limit bounds the recursion.
struct JSONValueBuilder: ~Copyable {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  private var cursor: JSONCursor

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
    cursor = JSONCursor(UnsafeRawBufferPointer(bytes), limits: limits)
  }

  mutating func text() throws(JSONError) -> JSONValue {
    cursor.skipWhitespace()
    let value = try value(depth: 0)
    do throws(JSONSyntaxError) { try cursor.expectEnd() } catch { throw described(error) }
    return value
  }

  private func described(_ error: JSONSyntaxError) -> JSONError { JSONError(error, in: bytes, limits) }

  /// Builds a value.
  ///
  /// - Parameter depth: the depth of the enclosing container.
  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    switch try kind(depth: depth) {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .string(let text): return .string(cursor.text(text))
    case .number(let number):
      if let integer = cursor.integer(number) { return .integer(integer) }
      return .number(cursor.double(number))
    case .array: return .array(try elements(depth: depth + 1))
    case .object: return .object(try members(depth: depth + 1))
    }
  }

  /// Reads a scalar, or the byte that opens an array or object.
  private mutating func kind(depth: Int) throws(JSONError) -> JSONCursor.Kind {
    do throws(JSONSyntaxError) {
      switch try cursor.peek() {
      case UInt8(ascii: "["):
        try cursor.open(depth: depth + 1)
        return .array
      case UInt8(ascii: "{"):
        try cursor.open(depth: depth + 1)
        return .object
      default: return try cursor.value(depth: depth)
      }
    } catch {
      throw described(error)
    }
  }

  private mutating func elements(depth: Int) throws(JSONError) -> [JSONValue] {
    var elements: [JSONValue] = []
    do throws(JSONError) {
      var isOver = try isEmpty(UInt8(ascii: "]"))
      while !isOver {
        elements.append(try value(depth: depth))
        isOver = try isLast(UInt8(ascii: "]"))
      }
    } catch {
      throw error.below("\(elements.count)")
    }
    return elements
  }

  private mutating func members(depth: Int) throws(JSONError) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    var isOver = try isEmpty(UInt8(ascii: "}"))
    while !isOver {
      let start = cursor.position
      let key = try key()
      do throws(JSONError) {
        try colon()
        guard members.updateValue(try value(depth: depth), forKey: key) == nil else {
          throw described(JSONSyntaxError(.duplicateKey, at: start))
        }
      } catch {
        throw error.below(key)
      }
      isOver = try isLast(UInt8(ascii: "}"))
    }
    return members
  }

  private mutating func isEmpty(_ closing: UInt8) throws(JSONError) -> Bool {
    do throws(JSONSyntaxError) { return try cursor.closesAtOnce(closing) } catch { throw described(error) }
  }

  private mutating func isLast(_ closing: UInt8) throws(JSONError) -> Bool {
    do throws(JSONSyntaxError) { return try cursor.closesOrContinues(closing) } catch { throw described(error) }
  }

  private mutating func key() throws(JSONError) -> String {
    do throws(JSONSyntaxError) { return cursor.text(try cursor.keyText()) } catch { throw described(error) }
  }

  private mutating func colon() throws(JSONError) {
    do throws(JSONSyntaxError) { try cursor.colon() } catch { throw described(error) }
  }
}

extension JSONError {
  /// Returns the error with its pointer prefixed by the key.
  func below(_ key: String) -> JSONError {
    var error = self
    error.pointer = "/\(JSONPointer.escape(key))\(pointer)"
    return error
  }
}
