import Contract
import JSON
import LaunchModel

/// The attributes of an event, collected while its outermost object is read and checked at the end.
struct EventAttributes {
  private var specversion = false
  private var id: AttributeText?
  private var source: AttributeText?
  private var type: AttributeText?
  /// The unescaped texts of the attributes above that were written with escapes.
  private var unescaped: [UInt8] = []
  private var hasData = false
  private var hasBinaryData = false

  init(reading cursor: inout JSONCursor) throws(ScanError) {
    guard try cursor.opensEvent() else { throw try Self.notAnObject(&cursor) }
    var names = cursor.keys.openObject()
    if try !cursor.endsAtOnce() {
      repeat {
        let name = try cursor.memberName(&names)
        try member(name, &cursor)
      } while try !cursor.endsAfterMember()
    }
    try cursor.endsEvent()
  }

  /// Returns the event if all required attributes are present. Its source is not validated yet.
  func event(_ bytes: [UInt8]) throws(ScanError) -> ScannedEvent {
    guard specversion else { throw Self.missing("specversion") }
    guard let id else { throw Self.missing("id") }
    guard let source else { throw Self.missing("source") }
    guard let type else { throw Self.missing("type") }
    guard !(hasData && hasBinaryData) else {
      throw .event(
        EventRejection(
          code: "data-conflict", detail: "the event has both data and data_base64; send only one",
          pointer: "/data_base64"))
    }
    return ScannedEvent(
      bytes: bytes, unescaped: unescaped, source: source, id: id, type: type,
      contentChecksum: bytes.withUnsafeBytes { EventChecksum.content(of: $0) })
  }

  /// Reads the value of one member of the event.
  private mutating func member(_ name: JSONKeyStack.Key, _ cursor: inout JSONCursor) throws(ScanError) {
    switch name.count {
    case 2 where name.equals("id"):
      let text = try text(
        "id", &cursor, AttributeRules.isUndamaged, "contains U+FFFD: the text was damaged before it was sent")
      id = location(of: text, cursor)
    case 4 where name.equals("type"): type = location(of: try text("type", &cursor), cursor)
    case 4 where name.equals("time"):
      _ = try text("time", &cursor, AttributeRules.isTimestamp, "is not an RFC 3339 time")
    case 4 where name.equals("data"):
      _ = try cursor.memberValue()
      hasData = true
    case 6 where name.equals("source"): source = location(of: try text("source", &cursor), cursor)
    case 7 where name.equals("subject"): _ = try text("subject", &cursor)
    case 10 where name.equals("dataschema"):
      _ = try text("dataschema", &cursor, AttributeRules.isURI, "is not an absolute URI (RFC 3986)")
    case 11 where name.equals("specversion"): try version(&cursor)
    case 11 where name.equals("data_base64"): try binaryData(&cursor)
    case 15 where name.equals("datacontenttype"):
      _ = try text("datacontenttype", &cursor, AttributeRules.isMediaType, "is not a media type (RFC 2046)")
    default: try extensionAttribute(name, &cursor)
    }
  }

  /// Reads a non-empty string that the rule accepts; nil for null, which means that the attribute is absent.
  @inline(__always)
  private func text(
    _ name: StaticString, _ cursor: inout JSONCursor, _ rule: (UnsafeRawBufferPointer) -> Bool = { _ in true },
    _ violation: StaticString = ""
  ) throws(ScanError) -> JSONCursor.Text? {
    switch try cursor.memberValue() {
    case .null: return nil
    case .string(let text):
      guard text.count > 0 else { throw .attribute("\(name)", "is empty") }
      guard cursor.satisfies(text, { AttributeRules.isText($0, ascii: text.isASCII && !text.hasEscapes) }) else {
        throw .attribute("\(name)", "contains a control character or a noncharacter")
      }
      guard cursor.satisfies(text, rule) else { throw .attribute("\(name)", "\(violation)") }
      return text
    default: throw .attribute("\(name)", "is not a string")
    }
  }

  /// Returns the location of the text, which is stored in `unescaped` if it was written with escapes.
  @inline(__always)
  private mutating func location(of text: JSONCursor.Text?, _ cursor: borrowing JSONCursor) -> AttributeText? {
    guard let text else { return nil }
    guard text.hasEscapes else { return AttributeText(start: text.start, count: text.count) }
    let start = unescaped.count
    unescaped += cursor.unescaped(text)
    return AttributeText(start: start, count: unescaped.count - start, isUnescaped: true)
  }

  private mutating func version(_ cursor: inout JSONCursor) throws(ScanError) {
    guard let version = try text("specversion", &cursor) else { return }
    guard cursor.satisfies(version, { JSONKeyStack.Key($0)?.equals("1.0") == true }) else {
      throw .attribute("specversion", "is not \"1.0\", the only version accepted", code: "unsupported-specversion")
    }
    specversion = true
  }

  /// Reads `data_base64`. Null means that it is absent, as in the JSON schema of CloudEvents.
  private mutating func binaryData(_ cursor: inout JSONCursor) throws(ScanError) {
    switch try cursor.memberValue() {
    case .null: return
    case .string(let text) where cursor.satisfies(text, AttributeRules.isBase64):
      hasBinaryData = true
    default: throw .attribute("data_base64", "is not a base64 string (RFC 4648)", code: "invalid-base64")
    }
  }

  private func extensionAttribute(_ name: JSONKeyStack.Key, _ cursor: inout JSONCursor) throws(ScanError) {
    let bytes = UnsafeRawBufferPointer(start: name.start, count: name.count)
    let text = String(decoding: bytes.prefix(64), as: UTF8.self)
    guard AttributeRules.isName(bytes) else {
      throw .event(
        EventRejection(
          code: "invalid-name", detail: "the attribute name \"\(text)\" has characters other than a-z and 0-9",
          pointer: "/\(text)"))
    }
    switch try cursor.memberValue() {
    case .null, .bool: return
    case .number(let number) where number.isWhole:
      guard cursor.integer(number).map({ Int32(exactly: $0) != nil }) == true else {
        throw .attribute(text, "is not a 32-bit integer")
      }
    case .string(let value):
      let isPlain = value.isASCII && !value.hasEscapes
      guard cursor.satisfies(value, { AttributeRules.isText($0, ascii: isPlain) }) else {
        throw .attribute(text, "contains a control character or a noncharacter")
      }
    case .number, .array, .object:
      throw .attribute(text, "is not a string, boolean or integer, as an extension attribute must be")
    }
  }

  private static func missing(_ name: String) -> ScanError {
    .event(EventRejection(code: "missing-attribute", detail: "the event has no \(name)", pointer: "/\(name)"))
  }

  /// Returns the error for bytes that are not an object; a JSON syntax error in them takes precedence.
  private static func notAnObject(_ cursor: inout JSONCursor) throws(ScanError) -> ScanError {
    try cursor.otherValue()
    return .event(
      EventRejection(
        code: "no-object", detail: "the event is not a JSON object; send each event of a batch in its own frame"))
  }
}

extension JSONCursor {
  /// Whether the rule accepts the string with its escapes resolved.
  @inline(__always)
  func satisfies(_ text: Text, _ rule: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    guard !text.hasEscapes else { return unescaped(text).withUnsafeBytes(rule) }
    return rule(UnsafeRawBufferPointer(start: base + text.start, count: text.count))
  }
}

/// The steps through an event; JSON errors are thrown as scan errors.
extension JSONCursor {
  /// Reads the opening brace, if the text is an object.
  @inline(__always)
  fileprivate mutating func opensEvent() throws(ScanError) -> Bool {
    do throws(JSONSyntaxError) {
      skipWhitespace()
      guard try peek() == UInt8(ascii: "{") else { return false }
      try open(depth: 1)
      return true
    } catch {
      throw .json(error)
    }
  }

  /// Whether the object is empty.
  @inline(__always)
  fileprivate mutating func endsAtOnce() throws(ScanError) -> Bool {
    do throws(JSONSyntaxError) { return try closesAtOnce(UInt8(ascii: "}")) } catch { throw .json(error) }
  }

  /// Whether the object has no more members.
  @inline(__always)
  fileprivate mutating func endsAfterMember() throws(ScanError) -> Bool {
    do throws(JSONSyntaxError) { return try closesOrContinues(UInt8(ascii: "}")) } catch { throw .json(error) }
  }

  @inline(__always)
  fileprivate mutating func memberName(_ names: inout JSONKeyStack.Object) throws(ScanError) -> JSONKeyStack.Key {
    do throws(JSONSyntaxError) { return try key(&names) } catch { throw .json(error) }
  }

  @inline(__always)
  fileprivate mutating func memberValue() throws(ScanError) -> Kind {
    do throws(JSONSyntaxError) { return try value(depth: 1) } catch { throw .json(error) }
  }

  @inline(__always)
  fileprivate mutating func endsEvent() throws(ScanError) {
    do throws(JSONSyntaxError) { try expectEnd() } catch { throw .json(error) }
  }

  /// Reads a value that is not an object, and the end of the text.
  fileprivate mutating func otherValue() throws(ScanError) {
    do throws(JSONSyntaxError) {
      _ = try value(depth: 0)
      try expectEnd()
    } catch {
      throw .json(error)
    }
  }
}
