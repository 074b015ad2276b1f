import Testing

@testable import Gateway

@Suite("The columns that a text takes on a terminal")
struct DisplayWidthTests {
  /// Widths as the Python package wcwidth 0.2 gives them.
  @Test(
    "Wide characters take two columns and combining ones none",
    arguments: [
      ("launch", 6), ("Zürich", 6), ("Zu\u{308}rich", 6), ("発売", 4), ("ｶﾅ", 2), ("Ａ", 2), ("한국", 4), ("🚀", 2), ("👩‍💻", 2),
      ("❤\u{FE0F}", 2), ("✓", 1), ("·", 1), ("…", 1), ("", 0),
    ])
  func widths(text: String, width: Int) { #expect(text.displayWidth == width) }

  @Test(
    "A text that is too wide ends with an ellipsis, and never halfway through a character",
    arguments: [
      ("smart-routing", 13, "smart-routing"), ("smart-routing", 12, "smart-routi…"), ("発売発売", 7, "発売発…"),
      ("発売発売", 6, "発売…"), ("abc", 1, "…"), ("abc", 0, ""),
    ])
  func truncation(text: String, limit: Int, expected: String) {
    #expect(text.truncated(toWidth: limit) == expected)
    #expect(expected.displayWidth <= max(limit, 0))
  }

  @Test("Nothing in a text can move the cursor or change colours")
  func controls() {
    #expect("a\u{1B}[31mred\u{7}".printable == "a·[31mred·")
    #expect("one\ntwo\tthree\r\nfour".printable == "one two three four")
  }
}
