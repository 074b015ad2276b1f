/// Shares on one scale, each shown as a mark with its interval.
struct IntervalChart: Chart {
  struct Row: Sendable {
    var label: String
    var value: Double
    var interval: ClosedRange<Double>?
    /// Whether it is the subject of the chart rather than something to compare it with.
    var isMain: Bool
  }

  /// A value that should be exceeded.
  struct Limit: Sendable {
    var value: Double
    var label: String
  }

  var title: String
  var summary: String
  var rows: [Row]
  var limit: Limit?

  private static let firstRow = 40.0

  func draw(isWide: Bool) -> SVGCanvas {
    let rowHeight = 44.0
    let bottom = 24 + rowHeight * Double(rows.count)
    var canvas = SVGCanvas(width: SVGCanvas.narrowWidth, height: bottom + (limit == nil ? 26 : 46))
    let ends = rows.flatMap { [$0.value, $0.interval?.lowerBound ?? $0.value, $0.interval?.upperBound ?? $0.value] }
    let all = ends + [limit?.value].compactMap(\.self)
    let (low, high) = (max(0, (all.min() ?? 0) - 0.03), min(1, (all.max() ?? 1) + 0.03))
    let shares = Axis(low...max(high, low + 0.01), from: 22, to: 378, ticks: 6)
    for tick in shares.ticks {
      let x = shares.position(of: tick)
      canvas.line(from: (x, 8), to: (x, bottom), "grid")
      canvas.text(tick.percentage, x: x, y: bottom + 18, "tick", anchor: .middle)
    }
    if let limit {
      let x = shares.position(of: limit.value)
      for index in rows.indices {
        let y = Self.firstRow + rowHeight * Double(index)
        canvas.line(from: (x, y - 9), to: (x, y + 13), "target")
      }
      let anchor: SVGCanvas.Anchor = x < 130 ? .start : x > 270 ? .end : .middle
      canvas.text(limit.label, x: x, y: bottom + 38, "label target-text", anchor: anchor)
    }
    for (index, row) in rows.enumerated() {
      draw(row, y: Self.firstRow + rowHeight * Double(index), shares, on: &canvas)
    }
    return canvas
  }

  private func draw(_ row: Row, y: Double, _ shares: Axis, on canvas: inout SVGCanvas) {
    if let interval = row.interval {
      let (low, high) = (shares.position(of: interval.lowerBound), shares.position(of: interval.upperBound))
      canvas.line(from: (low, y), to: (high, y), "interval")
      for end in [low, high] { canvas.line(from: (end, y - 6), to: (end, y + 6), "interval") }
    }
    let x = shares.position(of: row.value)
    let data = SVGCanvas.Datum(x: row.value, y: 0, hint: row.label)
    if row.isMain {
      canvas.circle(x: x, y: y, radius: 6, "main-mark", data: data)
    } else {
      canvas.diamond(x: x, y: y, radius: 6.5, "other-mark", data: data)
    }
    canvas.text(row.label, x: 22, y: y - 14, row.isMain ? "label strong main-text halo" : "label halo", limit: 356)
  }
}
