/// What a refusal quotes of the text it refuses.
///
/// Whoever sends something must not be able to make a service keep or send much more than that.
public enum Excerpt {
  /// The bytes of one text that a refusal quotes.
  public static let quotedBytes = 100
  /// The bytes of a whole description of what is wrong.
  public static let describedBytes = 2_048

  /// Returns the text, or its beginning and `…` if it is longer than the limit.
  public static func of(_ text: String, limit: Int = quotedBytes) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: max(0, limit - 3))
    while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
      end = text.utf8.index(before: end)
    }
    return String(text[..<end]) + "…"
  }

  /// Returns the description of an error with every text in double quotes shortened, and itself if it is still long.
  public static func shortening(_ description: String) -> String {
    guard description.utf8.count > quotedBytes else { return description }
    let parts = description.split(separator: "\"", omittingEmptySubsequences: false)
    let shortened = parts.enumerated().map { index, part in
      // Every second part is in quotes.
      index.isMultiple(of: 2) ? String(part) : of(String(part))
    }
    return of(shortened.joined(separator: "\""), limit: describedBytes)
  }
}
