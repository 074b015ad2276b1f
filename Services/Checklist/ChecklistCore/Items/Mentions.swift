public import LaunchModel

/// The people whom a comment mentions, such as `@priya`, and who are notified of it.
public enum Mentions {
  /// How many people a comment may mention.
  public static let most = 20

  /// The people on the roster whom a text mentions, each once, in the text's order; nobody before there is a roster.
  ///
  /// A mention is `@` and a person's key, in upper or lower case, with no letter, digit, `-` or `_` on either side, so that an
  /// address such as `support@example.com` is none. What is no key of the roster, such as `@everyone`, mentions nobody.
  public static func people(in text: String, on roster: Roster?) -> [PersonID] {
    guard let roster, !roster.isEmpty, text.contains("@") else { return [] }
    let keys = Dictionary(roster.people.keys.map { ($0.lowercased(), $0) }, uniquingKeysWith: { min($0, $1) })
    let longest = keys.keys.map(\.count).max() ?? 0
    var found: [PersonID] = []
    var before: Character?
    for index in text.indices {
      let character = text[index]
      if character == "@", !(before.map(isPartOfWord) ?? false),
        let person = person(at: text.index(after: index), of: text, among: keys, longest: longest),
        !found.contains(person)
      {
        found.append(person)
      }
      before = character
    }
    return found
  }

  /// The person whose key begins there: of several that fit, the one with the longest key.
  private static func person(
    at start: String.Index, of text: String, among keys: [String: PersonID], longest: Int
  ) -> PersonID? {
    let candidate = text[start...].prefix { !$0.isWhitespace }.prefix(longest)
    for end in candidate.indices.reversed() {
      let next = text.index(after: end)
      guard next == text.endIndex || !isPartOfWord(text[next]) else { continue }
      if let person = keys[candidate[...end].lowercased()] { return person }
    }
    return nil
  }

  private static func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "-" || character == "_"
  }

  /// Throws `invalid` if a comment mentions more people than it may.
  static func requireFew(in text: String, on roster: Roster?) throws(Problem) {
    let count = people(in: text, on: roster).count
    guard count > most else { return }
    throw Problem.unfit(
      "text",
      "the comment mentions \(count) people, and at most \(most) can be notified; mention only those who must act")
  }
}
