/// Excerpts of refused texts, for error messages.
///
/// They are limited so that a caller cannot make a service store or send large texts.
public enum Excerpt {
  /// The maximum number of bytes that an error quotes of one text.
  public static let quotedBytes = 100
  /// The maximum number of bytes of an error's whole description.
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

  /// Returns the description of an error with every text in double quotes shortened, and with the whole shortened if it
  /// is still too long.
  public static func shortening(_ description: String) -> String {
    guard description.utf8.count > quotedBytes else { return description }
    // Every second part is within quotes.
    let shortened = parts(of: description).enumerated().map { $0.isMultiple(of: 2) ? $1 : of($1) }
    return of(shortened.joined(separator: "\""), limit: describedBytes)
  }

  /// Returns whether the last double quote in a text opens a quotation that is not closed.
  public static func endsInQuotes(_ text: String) -> Bool { parts(of: text).count.isMultiple(of: 2) }

  /// Splits a text at its double quotes, except those escaped by a backslash, as in JSON.
  private static func parts(of text: String) -> [String] {
    var parts: [String] = []
    var part = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in text.unicodeScalars {
      if scalar == "\"", !isEscaped {
        parts.append(String(part))
        part = String.UnicodeScalarView()
      } else {
        part.append(scalar)
      }
      isEscaped = scalar == "\\" && !isEscaped
    }
    return parts + [String(part)]
  }
}
