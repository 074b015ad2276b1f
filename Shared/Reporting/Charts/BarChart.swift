/// Counts by day as bars, with the expected count of each day and marks on single days.
struct BarChart: Chart {
  struct Mark: Sendable {
    var day: Int
    var label: String
  }

  var title: String
  var summary: String
  /// The count of each day, from day 1.
  var counts: [Int]
  /// The expected count of each day, from day 1; empty if unknown.
  var expected: [Double]
  /// The label of the line of expected counts.
  var expectedLabel: String
  var marks: [Mark]
  /// The counted things, for example `tickets`.
  var unit: String

  /// The maximum number of bars for which each has its count above it.
  private static let mostLabels = 10

  func draw(isWide: Bool) -> SVGCanvas {
    var canvas = SVGCanvas(width: SVGCanvas.narrowWidth, height: 250)
    let days = max(counts.count, expected.count, 1)
    let highest = max(Double(counts.max() ?? 0), expected.max() ?? 0, 1)
    let values = Axis(0...(highest * 1.08), from: 206, to: marks.isEmpty ? 22 : 40, ticks: 5)
    let (left, right) = (42.0, 392.0)
    let slot = (right - left) / Double(days)
    for tick in values.ticks {
      let y = values.position(of: tick)
      canvas.line(from: (left, y), to: (right, y), "grid")
      canvas.text(tick.decimals(1), x: left - 6, y: y + 4, "tick", anchor: .end)
    }
    for (index, count) in counts.enumerated() {
      let (x, y) = (left + slot * Double(index), values.position(of: Double(count)))
      let hint = "day \(index + 1): \(count) \(unit)"
      canvas.rectangle(
        x: x + slot * 0.15, y: y, width: slot * 0.7, height: values.start - y, "bar",
        data: .init(x: Double(index + 1), y: Double(count), hint: hint))
    }
    drawExpectation(left, slot, values, on: &canvas)
    drawLabels(left, slot, values, days: days, on: &canvas)
    return canvas
  }

  private func drawExpectation(_ left: Double, _ slot: Double, _ values: Axis, on canvas: inout SVGCanvas) {
    var steps: [(x: Double, y: Double)] = []
    for (index, value) in expected.enumerated() {
      let y = values.position(of: value)
      steps += [(left + slot * Double(index), y), (left + slot * Double(index + 1), y)]
    }
    if !steps.isEmpty { canvas.polyline(steps, "target") }
  }

  private func drawLabels(
    _ left: Double, _ slot: Double, _ values: Axis, days: Int, on canvas: inout SVGCanvas
  ) {
    if days <= Self.mostLabels {
      for (index, count) in counts.enumerated() {
        let inside = values.position(of: Double(count)) + 15
        let fits = inside < values.start - 3
        canvas.text(
          String(count), x: left + slot * (Double(index) + 0.5), y: fits ? inside : inside - 19,
          fits ? "label on-bar" : "label halo", anchor: .middle)
      }
    }
    let step = max(1, Int((Double(days) / 10).rounded(.up)))
    for day in stride(from: 1, through: days, by: step) {
      canvas.text(String(day), x: left + slot * (Double(day) - 0.5), y: 224, "tick", anchor: .middle)
    }
    canvas.text("days since exposure", x: left, y: 243, "tick")
    if !expected.isEmpty { canvas.text("- - \(expectedLabel)", x: 392, y: 243, "label target-text", anchor: .end) }
    for mark in marks where (1...days).contains(mark.day) {
      let x = left + slot * (Double(mark.day) - 0.5)
      let count = counts.indices.contains(mark.day - 1) ? counts[mark.day - 1] : 0
      canvas.line(from: (x, 30), to: (x, values.position(of: Double(count))), "alert-line")
      canvas.pointer(
        x: x, y: 30, size: 12, "alert", data: .init(x: Double(mark.day), y: 0, hint: "day \(mark.day): \(mark.label)"))
      let anchor: SVGCanvas.Anchor = x < 120 ? .start : x > 300 ? .end : .middle
      canvas.text(mark.label, x: x, y: 14, "label strong alert-text", anchor: anchor, limit: 240)
    }
  }
}
