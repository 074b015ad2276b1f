internal import JSON
internal import Yams

/// Parses YAML by the 1.2 core schema and records the lines of its fields.
enum YAMLSource {
  static func read(_ bytes: [UInt8]) throws(SourceError) -> (JSONValue, [String: Int]) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SourceError(line: nil, detail: "the file is not valid UTF-8")
    }
    guard let root = try compose(text) else { throw SourceError(line: 1, detail: "the file is empty") }
    var reader = NodeReader(bytes: bytes.count)
    return (try reader.value(of: root, at: .root), reader.lines)
  }

  private static func compose(_ text: String) throws(SourceError) -> Node? {
    do {
      return try Parser(yaml: text, resolver: .basic).singleRoot()
    } catch let error as YamlError {
      throw sourceError(error, in: text)
    } catch {
      throw SourceError(line: nil, detail: "\(error)")
    }
  }

  private static func sourceError(_ error: YamlError, in text: String) -> SourceError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      SourceError(line: mark.line, detail: "\(problem) (column \(mark.column))")
    case .duplicatedKeysInMapping(let duplicates, let context):
      SourceError(
        line: lineOfSecond(duplicates.first ?? "", after: context.mark, in: text),
        detail: "duplicate key \"\(duplicates.first ?? "")\" in a mapping")
    case .reader(let problem, _, _, _): SourceError(line: nil, detail: problem)
    default: SourceError(line: nil, detail: "\(error)")
    }
  }
}

extension YAMLSource {
  /// Returns the line of a key's second occurrence in a block mapping; if it is not found, as in a flow mapping, that
  /// of the first.
  ///
  /// The keys of a block mapping start in the same column; a line that starts further left ends the mapping.
  private static func lineOfSecond(_ key: String, after first: Mark, in text: String) -> Int {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated().dropFirst(first.line) {
      let content = line.drop { $0 == " " }
      if content.isEmpty || content.hasPrefix("#") { continue }
      let column = line.count - content.count + 1
      if column < first.column { break }
      guard column == first.column else { continue }
      let isKey = ["\(key)", "\"\(key)\"", "'\(key)'"].contains { written in
        content.hasPrefix(written) && content.dropFirst(written.count).drop { $0 == " " }.hasPrefix(":")
      }
      if isKey { return index + 1 }
    }
    return first.line
  }
}

/// Converts nodes to values.
private struct NodeReader {
  var lines: [String: Int] = [:]
  /// The number of nodes that may still be converted. Aliases are expanded, so that without a limit a small file could
  /// become a huge value.
  private var remaining: Int

  init(bytes: Int) { remaining = 1_000 + 4 * bytes }

  mutating func value(of node: Node, at pointer: JSONPointer) throws(SourceError) -> JSONValue {
    remaining -= 1
    guard remaining > 0, pointer.tokens.count <= 32 else {
      throw error(node, pointer, "the document has too many nodes or is nested more than 32 levels deep")
    }
    if lines[pointer.description] == nil { lines[pointer.description] = node.mark?.line }
    switch node {
    case .scalar(let scalar): return try value(of: scalar, node, pointer)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for (index, element) in sequence.enumerated() {
        elements.append(try value(of: element, at: pointer.appending("\(index)")))
      }
      return .array(elements)
    case .mapping(let mapping): return try value(of: mapping, pointer)
    case .alias: throw error(node, pointer, "unknown alias; define its anchor before it")
    }
  }

  private mutating func value(of mapping: Node.Mapping, _ pointer: JSONPointer) throws(SourceError) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for (keyNode, valueNode) in mapping {
      guard case .scalar(let key) = keyNode else {
        throw error(keyNode, pointer, "a key must be a string, not a list or a mapping")
      }
      let member = pointer.appending(key.string)
      lines[member.description] = keyNode.mark?.line
      guard members.updateValue(try value(of: valueNode, at: member), forKey: key.string) == nil else {
        throw error(keyNode, pointer, "duplicate key \"\(key.string)\" in a mapping")
      }
    }
    return .object(members)
  }

  private func value(of scalar: Node.Scalar, _ node: Node, _ pointer: JSONPointer) throws(SourceError) -> JSONValue {
    let tag = scalar.tag.rawValue
    if tag == Tag.Name.str.rawValue || (tag.isEmpty && scalar.style != .plain && scalar.style != .any) {
      return .string(scalar.string)
    }
    guard tag.isEmpty else { throw error(node, pointer, "unsupported tag \(tag); remove it") }
    guard let value = CoreSchema.value(scalar.string) else {
      throw error(node, pointer, "unsupported number \(scalar.string); put it in quotes if it is meant as a string")
    }
    return value
  }

  private func error(_ node: Node, _ pointer: JSONPointer, _ detail: String) -> SourceError {
    SourceError(line: node.mark?.line, pointer: pointer.description, detail: detail)
  }
}

/// The interpretation of plain scalars (YAML 1.2.2, section 10.3.2).
enum CoreSchema {
  /// Returns the scalar's value; nil for infinities, NaN and numbers out of range.
  static func value(_ text: String) -> JSONValue? {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, first < 0x3a, let number = NumberText(text) else { return .string(text) }
    switch number.form {
    case .integer: return Int64(text).map { .integer($0) } ?? Self.number(text)
    case .octal: return Int64(text.dropFirst(2), radix: 8).map { .integer($0) }
    case .hexadecimal: return Int64(text.dropFirst(2), radix: 16).map { .integer($0) }
    case .fractional: return Self.number(text)
    case .notFinite: return nil
    }
  }

  private static func number(_ text: String) -> JSONValue? {
    guard let number = Double(text.hasSuffix(".") ? text + "0" : text), number.isFinite else { return nil }
    return .number(number)
  }
}

/// A number in one of the forms of the core schema.
private struct NumberText {
  enum Form {
    case integer, octal, hexadecimal, fractional, notFinite
  }
  let form: Form

  /// Determines the form; nil if the text is not a number.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    switch text {
    case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "-.inf", "-.Inf", "-.INF", "+.inf", "+.Inf", "+.INF":
      form = .notFinite
    case _ where text.hasPrefix("0o") && bytes.count > 2 && bytes.dropFirst(2).allSatisfy(Self.isOctal):
      form = .octal
    case _ where text.hasPrefix("0x") && bytes.count > 2 && bytes.dropFirst(2).allSatisfy(Self.isHexadecimal):
      form = .hexadecimal
    default:
      guard let isInteger = Self.isInteger(bytes) else { return nil }
      form = isInteger ? .integer : .fractional
    }
  }

  /// Matches `[-+]? ([0-9]+ (\. [0-9]*)? | \. [0-9]+) ([eE] [-+]? [0-9]+)?`, and returns whether the text has only a
  /// sign and digits; nil if it does not match.
  private static func isInteger(_ bytes: [UInt8]) -> Bool? {
    var rest = bytes[...]
    func skipSign() { if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() } }
    func skipDigits() -> Int {
      let digits = rest.prefix { (0x30...0x39).contains($0) }.count
      rest.removeFirst(digits)
      return digits
    }
    skipSign()
    let whole = skipDigits()
    if whole > 0, rest.isEmpty { return true }
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = skipDigits()
    }
    guard whole + fraction > 0 else { return nil }
    if let next = rest.first, next | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      skipSign()
      guard skipDigits() > 0 else { return nil }
    }
    return rest.isEmpty ? false : nil
  }

  private static func isOctal(_ byte: UInt8) -> Bool { (0x30...0x37).contains(byte) }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
