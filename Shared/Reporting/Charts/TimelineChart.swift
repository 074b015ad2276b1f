import LaunchModel

/// Dated work as rows: when each item was due, and when it was done.
struct TimelineChart: Chart {
  struct Row: Sendable {
    var label: String
    var due: LocalDate
    /// The day on which it was done; nil if it is not done.
    var done: LocalDate?
    /// The remark beside it, for example `9 days late`.
    var remark: String
    var tone: Tone
  }

  struct Group: Sendable {
    var name: String
    var rows: [Row]
  }

  /// A date that is marked across all rows, for example the launch.
  struct Moment: Sendable {
    var date: LocalDate
    var label: String
  }

  var title: String
  var summary: String
  var groups: [Group]
  var moments: [Moment]

  var hasWideForm: Bool { true }

  private static let headHeight = 46.0

  func draw(isWide: Bool) -> SVGCanvas {
    let layout = Layout(isWide: isWide)
    let rows = groups.reduce(0) { $0 + $1.rows.count }
    let height = Self.headHeight + Double(groups.count) * layout.groupHeight + Double(rows) * layout.rowHeight + 8
    var canvas = SVGCanvas(width: layout.width, height: height)
    let dates = Axis(range, from: layout.left, to: layout.right, ticks: isWide ? 9 : 5)
    for moment in moments {
      let x = dates.position(of: Double(moment.date.ordinal))
      // On a narrow page the line would cross the remarks beside the rows; there each row has its own part of the line.
      if isWide { canvas.line(from: (x, 18), to: (x, height - 6), "target") }
      let anchor: SVGCanvas.Anchor = x > layout.width - 120 ? .end : .middle
      canvas.text(moment.label, x: min(x, layout.width - 2), y: 14, "label target-text halo", anchor: anchor)
    }
    for tick in dates.ticks {
      let x = dates.position(of: tick)
      canvas.line(from: (x, Self.headHeight - 6), to: (x, height - 6), "grid")
      let isClear = moments.allSatisfy { abs(dates.position(of: Double($0.date.ordinal)) - x) > 26 }
      if isClear {
        canvas.text(LocalDate(ordinal: Int(tick)).dayAndMonth, x: x, y: Self.headHeight - 12, "tick", anchor: .middle)
      }
    }
    drawLegend(on: &canvas)
    var y = Self.headHeight
    for group in groups {
      canvas.text(group.name, x: 2, y: y + layout.groupHeight - 6, "label strong halo")
      y += layout.groupHeight
      for row in group.rows {
        draw(row, top: y, dates, layout, on: &canvas)
        y += layout.rowHeight
      }
    }
    return canvas
  }

  private func drawLegend(on canvas: inout SVGCanvas) {
    canvas.diamond(x: 8, y: 10, radius: 5, "due-mark")
    canvas.text("due", x: 18, y: 14, "label soft")
    canvas.circle(x: 56, y: 10, radius: 4.2, "main-mark")
    canvas.text("done", x: 65, y: 14, "label soft")
    canvas.circle(x: 108, y: 10, radius: 4.2, "late-mark")
    canvas.text("done late", x: 117, y: 14, "label soft")
  }

  /// From the first to the last date, with a few more days on both sides. Work done long before the first or after the
  /// last due date is shown at the edge, so that the rest stays legible.
  private var range: ClosedRange<LocalDate> {
    let rows = groups.flatMap(\.rows)
    let fixed = rows.map(\.due) + moments.map(\.date)
    let (first, last) = (fixed.min() ?? LocalDate(ordinal: 0), fixed.max() ?? LocalDate(ordinal: 0))
    let done = rows.compactMap(\.done)
    let from = max(done.min() ?? first, first.adding(days: -Self.margin))
    let to = min(done.max() ?? last, last.adding(days: Self.margin))
    let (start, end) = (min(first, from), max(last, to))
    let edge = max(2, (end.ordinal - start.ordinal) / 40)
    return start.adding(days: -edge)...end.adding(days: edge)
  }

  /// The maximum number of days that the axis extends before the first and after the last due date.
  private static let margin = 60

  private func draw(_ row: Row, top: Double, _ dates: Axis, _ layout: Layout, on canvas: inout SVGCanvas) {
    let y = top + layout.trackOffset
    let due = dates.position(of: Double(row.due.ordinal))
    if !layout.isWide {
      for moment in moments {
        let x = dates.position(of: Double(moment.date.ordinal))
        canvas.line(from: (x, y - 6), to: (x, y + 8), "target")
      }
    }
    canvas.text(row.label, x: layout.labelLeft, y: top + layout.labelOffset, "label halo", limit: layout.labelWidth)
    if let done = row.done {
      let x = dates.position(of: Double(done.ordinal))
      canvas.line(from: (min(due, x), y), to: (max(due, x), y), row.tone == .bad ? "late-span" : "early-span")
      let hint = "\(row.label): done \(done), due \(row.due)"
      canvas.circle(
        x: x, y: y, radius: 4.2, row.tone == .bad ? "late-mark" : "main-mark",
        data: .init(x: Double(done.ordinal), y: 0, hint: hint))
    }
    canvas.diamond(
      x: due, y: y, radius: 5, "due-mark",
      data: .init(x: Double(row.due.ordinal), y: 1, hint: "\(row.label): due \(row.due)"))
    let style = row.tone == .bad ? "label alert-text halo" : "label soft halo"
    canvas.text(
      row.remark, x: layout.width - 2, y: top + layout.labelOffset, style, anchor: .end, limit: layout.remarkWidth)
  }

  /// The positions of the parts of a row: beside each other, or the track below its label.
  private struct Layout {
    var isWide: Bool
    var width: Double
    var left: Double
    var right: Double
    var labelLeft = 12.0
    var labelWidth: Double
    var remarkWidth: Double
    var rowHeight: Double
    var groupHeight = 24.0
    var labelOffset: Double
    var trackOffset: Double

    init(isWide: Bool) {
      self.isWide = isWide
      width = isWide ? SVGCanvas.wideWidth : SVGCanvas.narrowWidth
      left = isWide ? 300 : 12
      right = isWide ? width - 160 : width - 12
      labelWidth = isWide ? 280 : 255
      remarkWidth = isWide ? 150 : 125
      rowHeight = isWide ? 19 : 36
      labelOffset = isWide ? 13 : 14
      trackOffset = isWide ? 9 : 25
    }
  }
}
