import Contract
import JSON
import LaunchModel

extension MetricsView: Displayable {
  func display(on page: inout Page) {
    page.heading("Metrics of \(launch), as of \(asOf.short)")
    page.fields([
      "Sealed": sealed ? Text("yes, \(digest?.shortDigest ?? "")", .good) : Text("no", .warning),
      "Attempt": attempt.map { Text($0) },
      "Exposed": metrics.compactMap(\.windowStart).first.map { Text($0.short) },
    ])
    page.metrics(metrics)
    guard let beforeAmendment else { return }
    page.heading("By the sealed definition, before amendments")
    page.metrics(beforeAmendment)
  }
}

extension Verdict {
  var label: Text {
    switch self {
    case .met: Text(rawValue, .good)
    case .missed: Text(rawValue, .bad)
    case .inconclusive, .unknown: Text(rawValue, .warning)
    case .pending: Text(rawValue)
    }
  }
}

extension PlanView: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Launch": Text(launch),
      "Sealed": sealed ? Text("\(sealedAt?.short ?? "") by \(sealedBy ?? "-")", .good) : Text("no", .warning),
      "Digest": digest.map { Text($0) },
      "Defaults": defaultsVersion.flatMap { $0 > 1 ? Text("version \($0)") : nil },
    ])
    var table = Table(
      columns: [.left("metric"), .left("kind"), .left("target"), .right("days")], whenEmpty: "no metrics are defined")
    table.rows = (definition?["metrics"]?.arrayValue ?? []).map { metric in
      [
        Text(metric["key"]?.stringValue), Text(metric["kind"]?.stringValue), Text(metric.expectation),
        Text(metric["days"]?.integerValue),
      ]
    }
    page.table(table)
    page.section(
      "Amendments",
      amendments.map {
        Text("\($0.at.short) by \($0.by)\($0.retroactive ? ", retroactive" : ""): \($0.reason)", .warning)
      })
  }
}

extension JSONValue {
  /// The expectation in a metric's definition, in the words of its file.
  fileprivate var expectation: String? {
    if let target = self["target"] { return target.stringValue ?? target["text"]?.stringValue ?? target.pretty() }
    if let forecast = self["forecast"]?.doubleValue { return "forecast \(forecast.digits(2))" }
    if let margin = self["margin"] { return "margin \(margin.stringValue ?? margin.pretty())" }
    return nil
  }
}

extension SeriesView: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.right("day"), .right("count"), .right("of"), .right("value"), .left("")], whenEmpty: "no days yet")
    let highest = points.compactMap(\.value).max() ?? 0
    table.rows = points.map { point in
      [
        Text(point.day), Text(point.numerator), Text(point.denominator), Text(point.valueText),
        Text(String(repeating: "▪", count: highest > 0 ? Int(30 * (point.value ?? 0) / highest) : 0), .faint),
      ]
    }
    page.table(table)
  }
}

extension SeriesPoint {
  fileprivate var valueText: String? {
    value.map { denominator == nil ? $0.digits(2) : $0.percent }
  }
}

extension RebuildView: Displayable {
  func display(on page: inout Page) {
    page.paragraph("Rebuilding the figures of \(launch) from the bus's log, offsets \(from) to \(to).")
  }
}
