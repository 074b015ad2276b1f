import StandardStreams

/// Rows under column headings.
struct Table: Sendable, Hashable {
  /// One column: its heading, and how its cells are aligned and cut.
  struct Column: Sendable, Hashable {
    enum Alignment: Sendable, Hashable {
      case left, right
    }
    var title: String
    var alignment: Alignment
    /// Whether the column is cut before other columns if the terminal is too narrow.
    var isFlexible: Bool
    /// The column's position in the order in which columns are left out, lowest first, before any column is cut; nil if
    /// it is always shown.
    var omission: Int?

    static func left(_ title: String) -> Column { Column(title: title, alignment: .left, isFlexible: false) }
    static func right(_ title: String) -> Column { Column(title: title, alignment: .right, isFlexible: false) }
    static func flexible(_ title: String) -> Column { Column(title: title, alignment: .left, isFlexible: true) }

    /// Returns the same column, to be left out if the terminal is too narrow; columns with a lower position are left
    /// out first.
    func omittable(_ place: Int) -> Column {
      var column = self
      column.omission = place
      return column
    }
  }

  var columns: [Column]
  /// The rows, with a cell for each column. In a table with several columns, a row with a single cell is a heading
  /// across all of them.
  var rows: [[Text]] = []
  /// The text that replaces a table without rows.
  var whenEmpty = "nothing"

  /// Returns the lines of the table, cut to the width if there is one.
  func lines(width: Int?, style: Style) -> [String] {
    guard !rows.isEmpty else { return [style.apply(.faint, to: whenEmpty.printable)] }
    var table = self
    table.rows = rows.map { row in row.map { Text($0.string.printable, $0.tone) } }
    if let width { table.leaveOutColumns(for: width) }
    return table.shownLines(width: width, style: style)
  }

  private func shownLines(width: Int?, style: Style) -> [String] {
    let layout = layout(naturalWidths, limit: width)
    let heading = columns.map { Text($0.title.uppercased().printable, .faint) }
    return ([heading] + rows).map { row in
      if isHeading(row) { return style.apply(.strong, to: row[0].string) }
      return line(of: row, layout, style: style)
    }
  }

  /// Removes columns that may be left out until the others fit uncut, with one space between them.
  private mutating func leaveOutColumns(for limit: Int) {
    while naturalWidths.reduce(columns.count - 1, +) > limit {
      let places = columns.enumerated().compactMap { index, column in
        column.omission.map { (place: $0, index: index) }
      }
      guard let first = places.min(by: { $0.place < $1.place }) else { return }
      for row in rows.indices where !isHeading(rows[row]) { rows[row].remove(at: first.index) }
      columns.remove(at: first.index)
    }
  }

  private func isHeading(_ row: [Text]) -> Bool { row.count == 1 && columns.count > 1 }

  /// The width of each column, and the number of spaces between two columns.
  private struct Layout {
    var widths: [Int]
    var gap: Int
  }

  /// The minimum width below which no column is cut.
  private static let narrowest = 10

  private var naturalWidths: [Int] {
    columns.indices.map { index in
      rows.reduce(columns[index].title.displayWidth) { widest, row in
        index < row.count && !isHeading(row) ? max(widest, row[index].string.displayWidth) : widest
      }
    }
  }

  /// Separates columns by two spaces, or by one if that avoids cutting columns that are not flexible.
  private func layout(_ natural: [Int], limit: Int?) -> Layout {
    guard let limit else { return Layout(widths: natural, gap: 2) }
    let gaps = natural.count - 1
    let spare = limit - natural.reduce(0, +)
    if spare >= 2 * gaps { return Layout(widths: natural, gap: 2) }
    if spare >= gaps, !columns.contains(where: \.isFlexible) { return Layout(widths: natural, gap: 1) }
    return fitted(natural, gap: 2, into: limit) ?? fitted(natural, gap: 1, into: limit)
      ?? Layout(widths: natural.map { min($0, Self.narrowest) }, gap: 1)
  }

  /// Narrows the widest flexible column, one step at a time, until the table fits; returns nil if it cannot.
  private func fitted(_ natural: [Int], gap: Int, into limit: Int) -> Layout? {
    var widths = natural
    var excess = widths.reduce(0, +) + gap * (widths.count - 1) - limit
    while excess > 0 {
      let candidates = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.narrowest }
      // If that is not sufficient, other columns are cut as well, because a table that wraps cannot be read.
      let others = columns.indices.filter { widths[$0] > Self.narrowest }
      guard let widest = (candidates.isEmpty ? others : candidates).max(by: { widths[$0] < widths[$1] }) else {
        return nil
      }
      widths[widest] -= 1
      excess -= 1
    }
    return Layout(widths: widths, gap: gap)
  }

  private func line(of row: [Text], _ layout: Layout, style: Style) -> String {
    let cells = zip(zip(row, columns), layout.widths).map { cell, width in
      let text = cell.0.string.truncated(toWidth: width)
      let padding = String(repeating: " ", count: max(0, width - text.displayWidth))
      let shown = style.apply(cell.0.tone, to: text)
      return cell.1.alignment == .left ? shown + padding : padding + shown
    }
    var line = cells.joined(separator: String(repeating: " ", count: layout.gap))
    while line.last == " " { line.removeLast() }
    return line
  }
}
