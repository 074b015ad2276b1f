public import LaunchModel

/// Finds the people whom a comment mentions, such as `@priya`; they are notified.
public enum Mentions {
  /// The maximum number of people that a comment may mention.
  public static let most = 20

  /// Returns the people on the roster whom a text mentions, each once, in the order of the text; nobody before a roster
  /// is adopted.
  ///
  /// A mention is `@` followed by a person's key, in upper or lower case, with no letter, digit, `-` or `_` directly
  /// before or after, so an address such as `support@example.com` is not a mention. A word that is not a key on the
  /// roster, such as `@everyone`, mentions nobody.
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

  /// Returns the person whose key begins at an index; if several match, the one with the longest key.
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
