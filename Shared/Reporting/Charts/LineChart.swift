/// Lines over days, each with its name beside its end, in a column in which no two names overlap.
struct LineChart: Chart {
  struct Line: Sendable {
    var name: String
    /// The values by day.
    var points: [(day: Double, value: Double)]
    var style: Style
    /// The label at the end of the line.
    var label: String
  }

  enum Style: Sendable, Hashable {
    /// The line that the chart is about.
    case main
    /// A line for comparison with the main one; each number has its own dashes.
    case context(Int)
  }

  /// A value that is the same on all days.
  struct Level: Sendable {
    var value: Double
    var label: String
  }

  var title: String
  var summary: String
  /// The lines, at most seven, so that there is room for their names.
  var lines: [Line]
  var level: Level?
  /// The last day of the axis.
  var lastDay: Int
  /// Formats a value.
  var format: @Sendable (Double) -> String

  private static let dashes = 5
  /// The room between the plot and the names, in which lines lead to names that were moved apart.
  private static let gutter = 28.0
  /// The height of a name.
  private static let nameHeight = 15.0

  func draw(isWide: Bool) -> SVGCanvas {
    var canvas = SVGCanvas(width: SVGCanvas.narrowWidth, height: 250)
    let highest = (lines.flatMap { $0.points.map(\.value) } + [level?.value ?? 0]).max() ?? 0
    let days = Axis(0...Double(max(1, lastDay)), from: 42, to: 272, ticks: 6)
    let values = Axis(0...(highest > 0 ? highest : 1), from: 206, to: 14, ticks: 5)
    drawGrid(days, values, on: &canvas)
    if let level {
      let y = values.position(of: level.value)
      canvas.line(from: (days.start, y), to: (days.end, y), "target")
    }
    for line in lines.reversed() { draw(line, days, values, on: &canvas) }
    drawLabels(days, values, on: &canvas)
    return canvas
  }

  private func drawGrid(_ days: Axis, _ values: Axis, on canvas: inout SVGCanvas) {
    for tick in values.ticks {
      let y = values.position(of: tick)
      canvas.line(from: (days.start, y), to: (days.end, y), "grid")
      canvas.text(format(tick), x: days.start - 6, y: y + 4, "tick", anchor: .end)
    }
    for tick in days.ticks {
      canvas.text(tick.decimals(0), x: days.position(of: tick), y: 224, "tick", anchor: .middle)
    }
    canvas.text("days since exposure", x: (days.start + days.end) / 2, y: 243, "tick", anchor: .middle)
  }

  private func draw(_ line: Line, _ days: Axis, _ values: Axis, on canvas: inout SVGCanvas) {
    let places = line.points.map { (x: days.position(of: $0.day), y: values.position(of: $0.value)) }
    switch line.style {
    case .main:
      canvas.polyline(places, "main")
      for (point, place) in zip(line.points, places) {
        let hint = "\(line.name), day \(point.day.decimals(0)): \(format(point.value))"
        canvas.circle(
          x: place.x, y: place.y, radius: 2.6, "main-mark", data: .init(x: point.day, y: point.value, hint: hint))
      }
    case .context(let index):
      canvas.polyline(places, "context dash-\(index % Self.dashes)")
    }
  }

  private struct Name {
    var end: (x: Double, y: Double)
    var text: String
    var style: String
  }

  /// Writes the names: that of the main line at its end if the plot has room for it there, the others in a column.
  private func drawLabels(_ days: Axis, _ values: Axis, on canvas: inout SVGCanvas) {
    var names: [Name] = []
    for line in lines {
      guard let last = line.points.last else { continue }
      let end = (x: days.position(of: last.day), y: values.position(of: last.value))
      guard line.style == .main else {
        names.append(Name(end: end, text: line.label, style: "label soft"))
        continue
      }
      let style = "label strong main-text"
      if end.x + 6 + Double(line.label.count) * SVGCanvas.characterWidth < days.end {
        // Lines rise to the right, so there is room below, but for a line close to the axis.
        canvas.text(line.label, x: end.x + 6, y: end.y + (end.y > 180 ? -8 : 18), style + " halo")
      } else {
        names.append(Name(end: end, text: line.label, style: style))
      }
    }
    if let level {
      let end = (x: days.end, y: values.position(of: level.value))
      names.append(Name(end: end, text: level.label, style: "label target-text"))
    }
    let places = LabelLayout.spread(names.map(\.end.y), gap: Self.nameHeight, in: 12...232)
    let left = days.end + Self.gutter
    for (name, y) in zip(names, places) {
      canvas.line(from: (name.end.x + 4, name.end.y), to: (left - 3, y), "leader")
      canvas.text(name.text, x: left, y: y + 4, name.style, limit: canvas.width - left)
    }
  }
}
