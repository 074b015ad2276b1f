/// The ids of agenda points: stable while the point stands, and short enough to type.
enum PointID {
  static func escalation(_ ticket: String) -> String { "escalation/\(word(ticket))" }
  static func customer(_ account: String) -> String { "customer/\(word(account))" }
  static func article(_ article: String, _ locale: String?) -> String { path("article", article, locale) }
  static func search(_ words: String, _ locale: String?) -> String { path("search", words, locale) }

  /// A point about an item, as `late/kb-article/de`.
  static func item(_ kind: String, _ key: String, _ instance: String?) -> String { path(kind, key, instance) }

  /// The n-th point of a kind, from 1, as `violation/2`.
  static func numbered(_ kind: String, _ number: Int) -> String { "\(kind)/\(number)" }

  private static func path(_ kind: String, _ subject: String, _ part: String?) -> String {
    ([kind, subject] + (part.map { [$0] } ?? [])).map(word).joined(separator: "/")
  }

  /// Without spaces, so that no shell needs quotes.
  private static func word(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: "-")
  }
}
