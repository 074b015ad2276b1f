/// A strict pull parser for one JSON text that does not allocate per token.
///
/// Each `next()` returns one token, checked as far as it goes. The bytes must outlive the scanner.
public struct JSONScanner: ~Copyable {
  /// The content of a string as written between its quotes.
  public typealias StringToken = JSONCursor.Text
  /// A number as written.
  public typealias NumberToken = JSONCursor.Number

  /// One step through a text.
  public enum Token: Sendable {
    case beginObject, endObject, beginArray, endArray
    case key(StringToken), string(StringToken)
    case number(NumberToken)
    case bool(Bool)
    case null
    /// The end of the text; only white space follows its value.
    case end
  }

  /// What may come next.
  private enum Expectation {
    case value, firstElementOrEnd, firstKeyOrEnd, colon, commaOrEnd, end
  }

  /// An open array or object.
  private struct Frame {
    var isObject: Bool
    var names: JSONKeyStack.Object
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  private var cursor: JSONCursor
  private var frames: [Frame] = []
  private var expectation = Expectation.value

  /// Creates a scanner at the start of a text.
  public init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits = .standard) {
    self.bytes = bytes
    self.limits = limits
    cursor = JSONCursor(UnsafeRawBufferPointer(bytes), limits: limits)
  }

  /// The offset at which the next token is searched.
  public var offset: Int { cursor.position }

  /// How many arrays and objects are open.
  public var depth: Int { frames.count }

  /// Returns the next token.
  public mutating func next() throws(JSONError) -> Token {
    do throws(JSONSyntaxError) { return try token() } catch { throw JSONError(error, in: bytes, limits) }
  }

  /// Reads and checks the next value, either the text's own or that of the last key, and returns the range of its
  /// bytes.
  @discardableResult
  public mutating func skipValue() throws(JSONError) -> Range<Int> {
    do throws(JSONSyntaxError) {
      try beginValue()
      let start = cursor.position
      _ = try cursor.value(depth: frames.count)
      finishValue()
      return start..<cursor.position
    } catch {
      throw JSONError(error, in: bytes, limits)
    }
  }

  /// Checks that only white space follows.
  public mutating func expectEnd() throws(JSONError) {
    do throws(JSONSyntaxError) { try cursor.expectEnd() } catch { throw JSONError(error, in: bytes, limits) }
  }

  private mutating func token() throws(JSONSyntaxError) -> Token {
    switch expectation {
    case .value, .colon: return try value()
    case .firstElementOrEnd: return try cursor.closesAtOnce(UInt8(ascii: "]")) ? close() : try value()
    case .firstKeyOrEnd: return try cursor.closesAtOnce(UInt8(ascii: "}")) ? close() : try key()
    case .commaOrEnd:
      guard frames[frames.count - 1].isObject else {
        return try cursor.closesOrContinues(UInt8(ascii: "]")) ? close() : try value()
      }
      return try cursor.closesOrContinues(UInt8(ascii: "}")) ? close() : try key()
    case .end:
      try cursor.expectEnd()
      return .end
    }
  }

  private mutating func beginValue() throws(JSONSyntaxError) {
    if case .colon = expectation { try cursor.colon() } else { cursor.skipWhitespace() }
  }

  private mutating func value() throws(JSONSyntaxError) -> Token {
    try beginValue()
    switch try cursor.peek() {
    case UInt8(ascii: "{"):
      try cursor.open(depth: frames.count + 1)
      frames.append(Frame(isObject: true, names: cursor.keys.openObject()))
      expectation = .firstKeyOrEnd
      return .beginObject
    case UInt8(ascii: "["):
      try cursor.open(depth: frames.count + 1)
      frames.append(Frame(isObject: false, names: cursor.keys.openObject()))
      expectation = .firstElementOrEnd
      return .beginArray
    case UInt8(ascii: "\""):
      let token = Token.string(try cursor.string())
      finishValue()
      return token
    default:
      let kind = try cursor.scalar()
      finishValue()
      switch kind {
      case .bool(let flag): return .bool(flag)
      case .number(let number): return .number(number)
      case .null, .string, .array, .object: return .null
      }
    }
  }

  private mutating func key() throws(JSONSyntaxError) -> Token {
    let text = try cursor.name(in: &frames[frames.count - 1].names).text
    expectation = .colon
    return .key(text)
  }

  private mutating func close() -> Token {
    let frame = frames.removeLast()
    cursor.keys.closeObject(frame.names)
    finishValue()
    return frame.isObject ? .endObject : .endArray
  }

  private mutating func finishValue() { expectation = frames.isEmpty ? .end : .commaOrEnd }
}

extension JSONScanner {
  /// Returns the string with escapes resolved.
  public func text(_ token: StringToken) -> String { cursor.text(token) }

  /// Returns whether the string, with escapes resolved, equals the text.
  public func matches(_ token: StringToken, _ text: StaticString) -> Bool { cursor.matches(token, text) }

  /// Returns the number if it is written without fraction and exponent and fits 64 bits; otherwise nil.
  public func integer(_ token: NumberToken) -> Int64? { cursor.integer(token) }

  /// Returns the nearest double.
  public func double(_ token: NumberToken) -> Double { cursor.double(token) }
}
