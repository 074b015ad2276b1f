import JSON
import Yams

/// JSON values as YAML. Members that name a thing come first, reasons last, and all others between them, sorted.
enum YAMLText {
  private static let first = ["version", "launch", "calendar", "id", "key", "name", "title", "tier"]
  private static let last = ["because", "why", "reason"]

  /// The document, without `---`, with a line break at its end.
  static func of(_ value: JSONValue) throws -> String {
    try Yams.serialize(node: node(of: value), indent: 2, width: -1, allowUnicode: true)
  }

  private static func node(of value: JSONValue) -> Node {
    switch value {
    case .null: plain("null", .null)
    case .bool(let flag): plain(flag ? "true" : "false", .bool)
    case .integer(let number): plain(String(number), .int)
    case .number(let number): plain(String(number), .float)
    case .string(let text): Node(text, Tag(.str), style(of: text))
    case .array(let elements): .sequence(.init(elements.map(node(of:)), Tag(.seq), elements.isEmpty ? .flow : .block))
    case .object(let members):
      .mapping(
        .init(
          members.sorted { place(of: $0.key) < place(of: $1.key) }.map {
            (Node($0.key, Tag(.str), style(of: $0.key)), node(of: $0.value))
          },
          Tag(.map), members.isEmpty ? .flow : .block))
    }
  }

  private static func place(of name: String) -> (Int, String) {
    if let index = first.firstIndex(of: name) { return (index, name) }
    return (last.contains(name) ? first.count + 1 : first.count, name)
  }

  private static func plain(_ text: String, _ tag: Tag.Name) -> Node { Node(text, Tag(tag), .plain) }

  /// Plain only if every reader of YAML 1.1 or 1.2 takes it for this string.
  private static func style(of text: String) -> Node.Scalar.Style {
    if text.contains("\n") { return .literal }
    let looksLikeWord = text.first?.isLetter == true && text.last != " " && text.last != ":"
    let isHarmless = text.allSatisfy { $0.isLetter || $0.isNumber || " _-./+@(),".contains($0) }
    return looksLikeWord && isHarmless && !reserved.contains(text.lowercased()) ? .plain : .doubleQuoted
  }

  private static let reserved: Set<String> = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "null", "inf", "nan",
  ]
}
