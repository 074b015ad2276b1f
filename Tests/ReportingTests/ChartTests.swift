import LaunchModel
import Testing

@testable import Reporting

@Suite("Charts")
struct ChartTests {
  @Test(
    "An axis is labelled with round numbers that include all values",
    arguments: [
      (0.0...0.41, 5, [0, 0.1, 0.2, 0.3, 0.4, 0.5]), (0...30, 6, [0, 5, 10, 15, 20, 25, 30]),
      (0...7, 5, [0, 2, 4, 6, 8]), (0...38.88, 5, [0, 10, 20, 30, 40]), (0.75...0.95, 6, [0.75, 0.8, 0.85, 0.9, 0.95]),
      (0...1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0...12_000, 5, [0, 5_000, 10_000, 15_000]),
    ] as [(ClosedRange<Double>, Int, [Double])])
  func ticks(values: ClosedRange<Double>, count: Int, ticks: [Double]) {
    let axis = Axis(values, from: 0, to: 100, ticks: count)
    #expect(axis.ticks.count == ticks.count)
    #expect(zip(axis.ticks, ticks).allSatisfy { abs($0 - $1) < 1e-9 }, "\(axis.ticks)")
  }

  @Test("A value is drawn in proportion, and one beyond the axis at the axis's end")
  func positions() {
    let axis = Axis(0...0.5, from: 206, to: 14, ticks: 5)
    #expect(axis.position(of: 0) == 206)
    #expect(axis.position(of: 0.25) == 110)
    #expect(axis.position(of: 0.5) == 14)
    #expect(axis.position(of: 7) == 14)
  }

  @Test(
    "Dates are labelled on Mondays, or on first days of months if there would be too many",
    arguments: [
      ("2027-02-03", "2027-02-27", ["2027-02-08", "2027-02-15", "2027-02-22"]),
      ("2027-01-05", "2027-03-20", ["2027-01-11", "2027-01-25", "2027-02-08", "2027-02-22", "2027-03-08"]),
      ("2026-12-15", "2027-12-20", ["2027-01-01", "2027-04-01", "2027-07-01", "2027-10-01"]),
    ])
  func dates(first: String, last: String, labelled: [String]) {
    let axis = Axis(SampleLaunch.date(first)...SampleLaunch.date(last), from: 0, to: 100, ticks: 5)
    #expect(axis.ticks.map { LocalDate(ordinal: Int($0)).description } == labelled)
  }

  @Test("Labels are moved apart by no less than the gap, keep their order and stay within the range")
  func labels() {
    var generator = SplitMix(state: 7)
    for count in 1...7 {
      for _ in 0..<200 {
        let wanted = (0..<count).map { _ in Double.random(in: 0...220, using: &generator) }
        let placed = LabelLayout.spread(wanted, gap: 15, in: 12...232)
        let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
        let sorted = order.map { placed[$0] }
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= 15 - 1e-9 })
        #expect(sorted.allSatisfy { (12 - 1e-9...232 + 1e-9).contains($0) })
      }
    }
  }

  @Test(
    "Labels are as near to their values as the gap allows: a cluster spreads to both sides, or away from an edge",
    arguments: [
      ([50, 120], [50, 120]), ([50, 50, 50], [35, 50, 65]), ([50, 60, 150], [47.5, 62.5, 150]), ([3, 3], [0, 15]),
      ([200, 198], [200, 185]), ([120, 0, 5], [120, 0, 15]), ([-7], [0]), ([], []),
    ] as [([Double], [Double])])
  func nearest(wanted: [Double], placed: [Double]) {
    #expect(LabelLayout.spread(wanted, gap: 15, in: 0...200) == placed)
  }

  @Test("Labels that do not fit are as far apart as the range allows")
  func crowded() {
    #expect(LabelLayout.spread([4, 0, 9], gap: 15, in: 0...10) == [5, 0, 10])
  }

  @Test("The names of lines that end close together are stacked, and stay within the image")
  func names() throws {
    let ends = [("audit-log", 0.3275), ("saved-views", 0.295), ("shared-inbox", 0.2725), ("bulk-edit", 0.24)]
    var lines = [
      LineChart.Line(name: "this", points: [(1, 0.05), (30, 0.2825)], style: .main, label: "now 28.3%")
    ]
    for (index, end) in ends.enumerated() {
      lines.append(.init(name: end.0, points: [(1, 0.02), (30, end.1)], style: .context(index), label: end.0))
    }
    let chart = LineChart(
      title: "Adoption", summary: "Close.", lines: lines, level: .init(value: 0.3, label: "target 30%"), lastDay: 30,
      format: { $0.percentage })
    let texts = try MarkupReader(chart.svg(id: "c")).elements.filter {
      $0.name == "text" && $0.attributes["class"]?.hasPrefix("label") == true
    }
    #expect(texts.count == 6)
    #expect(Set(texts.map { $0.attributes["x"] }) == ["300"])
    let places = texts.compactMap { $0.attributes["y"].flatMap(Double.init) }.sorted()
    #expect(zip(places, places.dropFirst()).allSatisfy { $1 - $0 >= 15 - 0.02 }, "\(places)")
    // From the highest value to the lowest.
    let byPlace = texts.sorted {
      ($0.attributes["y"].flatMap(Double.init) ?? 0) < ($1.attributes["y"].flatMap(Double.init) ?? 0)
    }
    let names = byPlace.map(\.text)
    #expect(names == ["audit-log", "target 30%", "saved-views", "now 28.3%", "shared-inbox", "bulk-edit"])
    #expect(names.allSatisfy { 300 + Double($0.count) * SVGCanvas.characterWidth <= 400 })
  }

  @Test("The name of a line that ends early is placed at its end")
  func early() throws {
    let chart = LineChart(
      title: "Adoption", summary: "A week.",
      lines: [.init(name: "this", points: [(1, 0.1), (7, 0.2)], style: .main, label: "now 20%")], level: nil,
      lastDay: 30, format: { $0.percentage })
    let texts = try MarkupReader(chart.svg(id: "c")).elements.filter { $0.text == "now 20%" }
    // Day 7 of 30, from x = 42 to 272, and 6 units.
    #expect(texts.map { $0.attributes["x"] } == ["101.67"])
  }

  @Test("Each day of a curve has a mark at its position, with its value")
  func curve() throws {
    let chart = LineChart(
      title: "Adoption", summary: "Half.",
      lines: [.init(name: "this", points: [(1, 0.1), (2, 0.5)], style: .main, label: "now 50%")],
      level: .init(value: 0.3, label: "target 30%"), lastDay: 2, format: { $0.percentage })
    let circles = try MarkupReader(chart.svg(id: "c")).elements.filter { $0.name == "circle" }
    // Days 0 to 2 from x = 42 to 272, shares 0 to 0.5 from y = 206 to 14.
    #expect(circles.map { $0.attributes["cx"] } == ["157", "272"])
    #expect(circles.map { $0.attributes["cy"] } == ["167.6", "14"])
    #expect(circles.map { $0.attributes["data-y"] } == ["0.1", "0.5"])
  }

  @Test("A bar's height is its count, and a mark is at its day")
  func bars() throws {
    let chart = BarChart(
      title: "Tickets", summary: "Few.", counts: [10, 20], expected: [], expectedLabel: "",
      marks: [.init(day: 2, label: "alarm")], unit: "tickets")
    let elements = try MarkupReader(chart.svg(id: "c")).elements
    let heights = elements.filter { $0.name == "rect" }.compactMap { $0.attributes["height"].flatMap(Double.init) }
    #expect(heights.count == 2)
    #expect(abs(heights[1] - 2 * heights[0]) < 0.02)
    // The second of two slots from x = 42 to 392 has its middle at 304.5.
    let tip = elements.first { $0.name == "polygon" }?.attributes["points"]?.split(separator: " ").last
    #expect(tip == "304.5,30")
  }

  @Test(
    "Numbers are written without needless digits",
    arguments: [(0.26, "26%"), (0.3125, "31.3%"), (1, "100%"), (0, "0%")])
  func percentages(value: Double, text: String) {
    #expect(value.percentage == text)
  }

  @Test("Large counts are grouped", arguments: [(0, "0"), (999, "999"), (5_120, "5,120"), (-1_234_567, "-1,234,567")])
  func groups(value: Int, text: String) {
    #expect(value.grouped == text)
  }
}

/// A generator of reproducible numbers (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
