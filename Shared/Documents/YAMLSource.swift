internal import JSON
internal import Yams

/// Reads YAML by the 1.2 core schema, with the lines of its fields.
enum YAMLSource {
  static func read(_ bytes: [UInt8]) throws(SourceFault) -> (JSONValue, [String: Int]) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SourceFault(line: nil, detail: "the file is not UTF-8 text")
    }
    guard let root = try compose(text) else { throw SourceFault(line: 1, detail: "the file has no content") }
    var reader = NodeReader()
    return (try reader.value(of: root, at: .root), reader.lines)
  }

  private static func compose(_ text: String) throws(SourceFault) -> Node? {
    do {
      return try Parser(yaml: text, resolver: .basic).singleRoot()
    } catch let error as YamlError {
      throw fault(error)
    } catch {
      throw SourceFault(line: nil, detail: "\(error)")
    }
  }

  private static func fault(_ error: YamlError) -> SourceFault {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      SourceFault(line: mark.line, detail: "\(problem) (column \(mark.column))")
    case .duplicatedKeysInMapping(let duplicates, let context):
      SourceFault(
        line: context.mark.line, detail: "the key \"\(duplicates.first ?? "")\" stands twice in one mapping")
    case .reader(let problem, _, _, _): SourceFault(line: nil, detail: problem)
    default: SourceFault(line: nil, detail: "\(error)")
    }
  }
}

/// Turns nodes into values.
private struct NodeReader {
  var lines: [String: Int] = [:]
  /// Aliases repeat what they point to; the bound keeps a small file from becoming a huge value.
  private var remaining = 200_000

  mutating func value(of node: Node, at pointer: JSONPointer) throws(SourceFault) -> JSONValue {
    remaining -= 1
    guard remaining > 0, pointer.tokens.count <= 32 else {
      throw fault(node, pointer, "the document is too large or nests more than 32 deep")
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
    case .alias: throw fault(node, pointer, "an alias stands here for what is not there")
    }
  }

  private mutating func value(of mapping: Node.Mapping, _ pointer: JSONPointer) throws(SourceFault) -> JSONValue {
    var members: [String: JSONValue] = [:]
    for (keyNode, valueNode) in mapping {
      guard case .scalar(let key) = keyNode else { throw fault(keyNode, pointer, "a key must be a plain text") }
      let member = pointer.appending(key.string)
      lines[member.description] = keyNode.mark?.line
      guard members.updateValue(try value(of: valueNode, at: member), forKey: key.string) == nil else {
        throw fault(keyNode, pointer, "the key \"\(key.string)\" stands twice in one mapping")
      }
    }
    return .object(members)
  }

  private func value(of scalar: Node.Scalar, _ node: Node, _ pointer: JSONPointer) throws(SourceFault) -> JSONValue {
    let tag = scalar.tag.rawValue
    if tag == Tag.Name.str.rawValue || (tag.isEmpty && scalar.style != .plain && scalar.style != .any) {
      return .string(scalar.string)
    }
    guard tag.isEmpty else { throw fault(node, pointer, "the tag \(tag) is not supported here") }
    guard let value = CoreSchema.value(scalar.string) else {
      throw fault(node, pointer, "\(scalar.string) is no number that JSON can say; put it in quotes if it is a text")
    }
    return value
  }

  private func fault(_ node: Node, _ pointer: JSONPointer, _ detail: String) -> SourceFault {
    SourceFault(line: node.mark?.line, pointer: pointer.description, detail: detail)
  }
}

/// How plain scalars are understood (YAML 1.2.2, section 10.3.2).
enum CoreSchema {
  /// Nil for infinities and not-a-number, and for numbers beyond a double.
  static func value(_ text: String) -> JSONValue? {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    if text.wholeMatch(of: /[-+]?[0-9]+/) != nil { return Int64(text).map { .integer($0) } ?? number(text) }
    if text.wholeMatch(of: /0o[0-7]+/) != nil { return Int64(text.dropFirst(2), radix: 8).map { .integer($0) } }
    if text.wholeMatch(of: /0x[0-9a-fA-F]+/) != nil { return Int64(text.dropFirst(2), radix: 16).map { .integer($0) } }
    if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil { return number(text) }
    if text.wholeMatch(of: /[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)/) != nil { return nil }
    return .string(text)
  }

  private static func number(_ text: String) -> JSONValue? {
    guard let number = Double(text.hasSuffix(".") ? text + "0" : text), number.isFinite else { return nil }
    return .number(number)
  }
}
