/// Comma-separated values (RFC 4180).
public enum CSVText {
  /// Returns one line for each row; a field is quoted if it contains characters that end fields or lines.
  public static func text(of rows: [[String]]) -> String {
    rows.map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// Returns a person's text so that a spreadsheet does not execute it: a text that starts like a formula gets an
  /// apostrophe in front.
  static func words(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, ["=", "+", "-", "@", "\t", "\r"].contains(first) else { return text }
    return "'\(text)"
  }

  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { [",", "\"", "\r", "\n"].contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
