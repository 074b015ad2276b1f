/// Rows under headed columns.
struct Table: Sendable, Hashable {
  /// One column: its heading, and how its cells are set.
  struct Column: Sendable, Hashable {
    enum Alignment: Sendable, Hashable {
      case left, right
    }
    var title: String
    var alignment: Alignment
    /// Whether it is cut before others when the terminal is too narrow.
    var isFlexible: Bool

    static func left(_ title: String) -> Column { Column(title: title, alignment: .left, isFlexible: false) }
    static func right(_ title: String) -> Column { Column(title: title, alignment: .right, isFlexible: false) }
    static func flexible(_ title: String) -> Column { Column(title: title, alignment: .left, isFlexible: true) }
  }

  var columns: [Column]
  /// A cell for each column; a row of a single cell among several columns is a heading across all of them.
  var rows: [[Text]] = []
  /// What is said in place of a table without rows.
  var whenEmpty = "nothing"

  /// The lines of the table; cut to the width where one is given, else as wide as they come.
  func lines(width: Int?, style: Style) -> [String] {
    guard !rows.isEmpty else { return [style.apply(.faint, to: whenEmpty)] }
    let cells = rows.map { row in row.map { Text($0.string.printable, $0.tone) } }
    let widths = fitted(naturalWidths(of: cells), into: width)
    let heading = columns.map { Text($0.title.uppercased(), .faint) }
    return ([heading] + cells).map { row in
      if isHeading(row) { return style.apply(.strong, to: row[0].string) }
      return line(of: row, widths: widths, style: style)
    }
  }

  private func isHeading(_ row: [Text]) -> Bool { row.count == 1 && columns.count > 1 }

  private static let gap = 2
  /// A column is not cut below this.
  private static let narrowest = 10

  private func naturalWidths(of cells: [[Text]]) -> [Int] {
    columns.indices.map { index in
      cells.reduce(columns[index].title.displayWidth) { widest, row in
        index < row.count && !isHeading(row) ? max(widest, row[index].string.displayWidth) : widest
      }
    }
  }

  /// Takes what is too much from the widest flexible column, again and again.
  private func fitted(_ natural: [Int], into limit: Int?) -> [Int] {
    var widths = natural
    guard let limit else { return widths }
    var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - limit
    while excess > 0 {
      let candidates = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.narrowest }
      // Where that is not enough, other columns are cut too: a table that wraps cannot be read.
      let others = columns.indices.filter { widths[$0] > Self.narrowest }
      guard let widest = (candidates.isEmpty ? others : candidates).max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private func line(of row: [Text], widths: [Int], style: Style) -> String {
    let cells = zip(zip(row, columns), widths).map { cell, width in
      let text = cell.0.string.truncated(toWidth: width)
      let padding = String(repeating: " ", count: max(0, width - text.displayWidth))
      let shown = style.apply(cell.0.tone, to: text)
      return cell.1.alignment == .left ? shown + padding : padding + shown
    }
    var line = cells.joined(separator: String(repeating: " ", count: Self.gap))
    while line.last == " " { line.removeLast() }
    return line
  }
}
