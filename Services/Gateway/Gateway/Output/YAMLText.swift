import JSON
import Yams
import StandardStreams

/// Formats JSON values as YAML. Members that name a thing come first and reasons last; all others are sorted between
/// them.
enum YAMLText {
  private static let first = ["version", "launch", "calendar", "id", "key", "name", "title", "tier"]
  private static let last = ["because", "why", "reason"]

  /// Returns the document without `---`, with a line break at its end.
  static func of(_ value: JSONValue) throws -> String {
    // Such characters occur only in double quotes, where YAML has the same escapes as JSON.
    try Yams.serialize(node: node(of: value), indent: 2, width: -1, allowUnicode: true).escapedForTerminal
  }

  /// Returns a text as a scalar on one line, to be inserted into a document whose other lines are fixed.
  static func scalar(_ text: String) -> String {
    guard style(of: text) != .plain else { return text }
    return String(decoding: JSONValue.string(text).serialized(), as: UTF8.self).escapedForTerminal
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

  /// Returns the plain style only if every reader of YAML 1.1 or 1.2 reads the text as this string.
  private static func style(of text: String) -> Node.Scalar.Style {
    if text.unicodeScalars.contains("\n") { return isHarmlessLiteral(text) ? .literal : .doubleQuoted }
    let looksLikeWord = text.first?.isLetter == true && text.last != " " && text.last != ":"
    let isHarmless = text.allSatisfy { $0.isLetter || $0.isNumber || " _-./+@(),".contains($0) }
    return looksLikeWord && isHarmless && !reserved.contains(text.lowercased()) ? .plain : .doubleQuoted
  }

  /// Whether a literal block represents exactly this text: the text has no line breaks or invisible characters other
  /// than line feeds, and starts with a character that determines the block's indentation.
  private static func isHarmlessLiteral(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first != " ", first != "\n", first != "\t" else { return false }
    return !text.unicodeScalars.contains { ($0.actsOnTerminal && $0 != "\n") || $0.value == 0xFEFF }
  }

  private static let reserved: Set<String> = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "null", "inf", "nan",
  ]
}
