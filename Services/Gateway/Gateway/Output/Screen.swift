/// Redraws a page on a terminal in place, using ECMA-48 control sequences. To avoid flicker, nothing is cleared before
/// it is overwritten.
enum Screen {
  /// Clears the screen and hides the cursor.
  static let opening = "\u{1B}[?25l\u{1B}[2J"
  /// Shows the cursor again, below the last drawing.
  static let closing = "\u{1B}[?25h"

  /// Returns the text that draws the lines at the top of the screen and clears the rest.
  ///
  /// - Parameters:
  /// - lines: the lines, none wider than the terminal.
  /// - rows: the height of the terminal; lines that do not fit are omitted.
  static func frame(_ lines: [String], rows: Int) -> String {
    // The cursor ends up in the row below the lines, which must not make the page scroll.
    let shown = lines.prefix(max(1, rows - 1)).map { "\($0)\u{1B}[K\n" }
    return "\u{1B}[H" + shown.joined() + "\u{1B}[J"
  }
}
