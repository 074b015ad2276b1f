import MetricsSimulation
import Testing

/// The short form of what `deploy/simulate-metrics` runs at length.
@Suite("Promises checked by simulation")
struct StudyTests {
  @Test("Spikes are announced, and false alarms are rare")
  func spikes() async {
    let some = Study(name: "spikes", cells: Study.spikes.cells.filter { Self.isShort($0.name) })
    let figures = await some.figures(scale: 0.02)
    #expect(figures.count == 6)
    for figure in figures { #expect(figure.isWithinBounds, "\(figure)") }
  }

  @Test("Feeds are rarely wrongly taken as silent, and one that stops is noticed")
  func feeds() async {
    let some = Study(
      name: "feeds", cells: Study.feeds.cells.filter { !$0.name.contains("1000.0") })
    let figures = await some.figures(scale: 0.02)
    #expect(figures.count == 22)
    for figure in figures { #expect(figure.isWithinBounds, "\(figure)") }
  }

  @Test("Projections are as accurate as they claim")
  func forecasts() async {
    let some = Study(name: "forecasts", cells: Study.forecasts.cells.filter { $0.name.hasSuffix("4 launches, day 7") })
    let figures = await some.figures(scale: 0.1)
    #expect(figures.count == 3)
    for figure in figures { #expect(figure.isWithinBounds, "\(figure)") }
  }

  @Test("Readiness forecasts are as accurate as they claim")
  func readiness() async {
    let some = Study(
      name: "readiness",
      cells: Study.readiness.cells.filter { $0.name.hasSuffix(" 5 launches, day 0") && !$0.name.hasPrefix("Weibull") })
    let figures = await some.figures(scale: 0.015)
    #expect(figures.count == 2)
    // Two times 30 intervals, which are too few for each to be within the bounds: three standard errors around 80%.
    let coverage = figures.map(\.value).reduce(0, +) / 2
    #expect(coverage > 0.645 && coverage < 0.955, "\(figures)")
  }

  private static func isShort(_ cell: String) -> Bool {
    cell.hasPrefix("forecast 40, ") && cell.contains("variance 2")
      || cell.hasPrefix("forecast 120, as expected, variance 2, 2.0")
  }
}
