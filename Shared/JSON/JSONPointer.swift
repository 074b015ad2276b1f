/// Where a value stands within a JSON text (RFC 6901).
public struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
  /// The keys and indexes from the root, unescaped.
  public var tokens: [String]

  /// The whole text.
  public static let root = JSONPointer(tokens: [])

  /// Takes the tokens unescaped, with `/` and `~` as they are; none for the whole document.
  public init(tokens: [String]) { self.tokens = tokens }

  /// Nil where the text is no pointer: it is neither empty nor starts with `/`, or has a `~` without 0 or 1.
  public init?(_ text: String) {
    guard !text.isEmpty else {
      self = .root
      return
    }
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    var tokens: [String] = []
    for part in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard let token = Self.unescape(part) else { return nil }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  /// The pointer to that member of what this points to.
  public func appending(_ token: String) -> JSONPointer { JSONPointer(tokens: tokens + [token]) }

  public var description: String { tokens.map { "/\(Self.escape($0))" }.joined() }

  /// A key as it stands within a pointer: `~` as `~0`, `/` as `~1`.
  public static func escape(_ token: String) -> String {
    guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
    return token.reduce(into: "") { text, character in
      switch character {
      case "~": text += "~0"
      case "/": text += "~1"
      default: text.append(character)
      }
    }
  }

  private static func unescape(_ part: Substring) -> String? {
    guard part.contains("~") else { return String(part) }
    var text = ""
    var rest = part[...]
    while let character = rest.popFirst() {
      guard character == "~" else {
        text.append(character)
        continue
      }
      switch rest.popFirst() {
      case "0": text.append("~")
      case "1": text.append("/")
      default: return nil
      }
    }
    return text
  }
}

extension JSONValue {
  /// What the pointer points to, or nil where there is nothing.
  public subscript(_ pointer: JSONPointer) -> JSONValue? {
    var value = self
    for token in pointer.tokens {
      switch value {
      case .object(let members):
        guard let member = members[token] else { return nil }
        value = member
      case .array(let elements):
        guard let index = Int(token), String(index) == token, elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }
}
