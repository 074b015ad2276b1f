import Foundation
import MetricsSimulation
import StandardStreams

let usage = "usage: gonogo-simulate-metrics [--scale SHARE] [\(Study.all.map(\.name).joined(separator: "|"))…]"
var names = Array(CommandLine.arguments.dropFirst())
var scale = 1.0
if let index = names.firstIndex(of: "--scale") {
  let value = index + 1 < names.count ? Double(names[index + 1]) : nil
  guard let value, value > 0, value.isFinite else {
    TextStream.diagnostics.writeLine("--scale needs a number above 0, for example 0.1\n\(usage)")
    ProcessEnd.exit(with: 64)
  }
  scale = value
  names.removeSubrange(index...(index + 1))
}
if let unknown = names.first(where: { name in !Study.all.contains { $0.name == name } }) {
  TextStream.diagnostics.writeLine("unknown study \(unknown)\n\(usage)")
  ProcessEnd.exit(with: 64)
}

var broken = 0
for study in Study.all where names.isEmpty || names.contains(study.name) {
  let started = ContinuousClock.now
  let figures = await study.figures(scale: scale)
  TextStream.output.writeLine("\(study.name): \(figures.count) figures in \(ContinuousClock.now - started)")
  for figure in figures {
    let value = (figure.value * 10_000).rounded() / 10_000
    let bounds = figure.bounds.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "reported only"
    let mark = figure.isWithinBounds ? "" : "  OUTSIDE"
    TextStream.output.writeLine("  \(figure.cell): \(figure.name) \(value) (\(bounds))\(mark)")
  }
  broken += figures.count { !$0.isWithinBounds }
}
TextStream.output.writeLine(broken == 0 ? "every figure is within its bounds" : "\(broken) figures are outside")
ProcessEnd.exit(with: broken == 0 ? 0 : 1)
