/// Redraws a page of a terminal in place, by the control sequences of ECMA-48. Nothing is cleared before it is written again, so
/// that nothing flickers.
enum Screen {
  /// Clears the screen and hides the cursor.
  static let opening = "\u{1B}[?25l\u{1B}[2J"
  /// Shows the cursor again, below what was drawn last.
  static let closing = "\u{1B}[?25h"

  /// The text that draws the lines at the top of the screen and clears the rest of it.
  ///
  /// - Parameters:
  ///   - lines: none wider than the terminal.
  ///   - rows: the height of the terminal; lines that do not fit are left out.
  static func frame(_ lines: [String], rows: Int) -> String {
    // The cursor stands in the row below, which must not scroll the page.
    let shown = lines.prefix(max(1, rows - 1)).map { "\($0)\u{1B}[K\n" }
    return "\u{1B}[H" + shown.joined() + "\u{1B}[J"
  }
}
