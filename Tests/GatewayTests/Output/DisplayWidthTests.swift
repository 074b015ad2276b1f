import Testing
import StandardStreams

@testable import Gateway

@Suite("Display width of text")
struct DisplayWidthTests {
  /// Widths according to the Python package wcwidth 0.2.
  @Test(
    "Wide characters are two columns wide, and combining ones none",
    arguments: [
      ("launch", 6), ("Zürich", 6), ("Zu\u{308}rich", 6), ("発売", 4), ("ｶﾅ", 2), ("Ａ", 2), ("한국", 4), ("🚀", 2), ("👩‍💻", 2),
      ("❤\u{FE0F}", 2), ("✓", 1), ("·", 1), ("…", 1), ("", 0),
    ])
  func widths(text: String, width: Int) { #expect(text.displayWidth == width) }

  @Test(
    "Text that is too wide is cut with an ellipsis, and never within a character",
    arguments: [
      ("smart-routing", 13, "smart-routing"), ("smart-routing", 12, "smart-routi…"), ("発売発売", 7, "発売発…"),
      ("発売発売", 6, "発売…"), ("abc", 1, "…"), ("abc", 0, ""),
    ])
  func truncation(text: String, limit: Int, expected: String) {
    #expect(text.truncated(toWidth: limit) == expected)
    #expect(expected.displayWidth <= max(limit, 0))
  }

  @Test("Text can neither move the cursor nor change colors")
  func controls() {
    #expect("a\u{1B}[31mred\u{7}".printable == "a·[31mred·")
    #expect("one\ntwo\tthree\r\nfour".printable == "one two three four")
    #expect("a\u{9B}31mb\u{85}c\u{7F}".printable == "a·31mb c·")
    #expect("abc\u{202E}fdp.exe\u{2066}\u{200F}".printable == "abc·fdp.exe··")
    #expect("a\u{1B}\u{301}".printable == "a·\u{301}", "a control with a combining mark is one character")
    #expect("error: a\u{202E}\nb\u{1B}[2J\tc\r\n".printableLines == "error: a·\nb·[2J\tc\n")
    #expect("👩‍💻 Zürich".printable == "👩‍💻 Zürich")
  }
}
