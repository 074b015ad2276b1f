import Contract
import JSON
import LaunchModel
import OrderedCollections
import Reporting

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
  /// The expectation in a metric's definition, in the wording of its file.
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

extension Page {
  /// Adds figures and verdicts, each distinct remark once below them, and the articles if there are any.
  ///
  /// - Parameter explanations: further remarks, for example those of a review.
  mutating func metrics(_ metrics: [MetricView], explanations: [Text] = []) {
    let columns = FigureColumn.allCases.filter { $0.isShown(for: metrics) }
    var table = Table(
      columns: columns.map(\.column), whenEmpty: "no metrics are defined; define them with gonogo metric define")
    table.rows = metrics.map { metric in columns.map { $0.cell(of: metric) } }
    self.table(table)
    bullets(Self.remarks(on: metrics) + explanations)
    articles(of: metrics)
  }

  /// Returns each distinct remark once, with the metrics that it applies to.
  private static func remarks(on metrics: [MetricView]) -> [Text] {
    let remarks = metrics.flatMap { metric in metric.remarks.map { (key: metric.key, text: $0) } }
    return OrderedDictionary(grouping: remarks, by: \.text).map { text, group in
      Text("\(group.map(\.key).joined(separator: ", ")): \(text)", .faint)
    }
  }

  /// Adds the articles and locales of all metrics; a figure shared by several metrics is one row.
  private mutating func articles(of metrics: [MetricView]) {
    let figures = metrics.flatMap { metric in (metric.articles ?? []).map { (key: metric.key, figure: $0) } }
    guard !figures.isEmpty else { return }
    let rows = OrderedDictionary(grouping: figures, by: \.figure).map { figure, group in
      let metrics = group.map(\.key).joined(separator: ", ")
      return (figure: figure, metrics: metrics, place: [figure.article, figure.locale ?? "", metrics])
    }
    var table = Table(columns: [
      .flexible("article"), .left("locale"), .right("views"), .right("helpful"), .right("95% interval"),
      .flexible("metric"),
    ])
    table.rows = rows.sorted { $0.place.lexicographicallyPrecedes($1.place) }.map { row in
      [
        Text(row.figure.article), Text(row.figure.locale), Text(row.figure.views), Text(row.figure.helpfulShare),
        Text(shareInterval(row.figure.low, row.figure.high)), Text(row.metrics),
      ]
    }
    blank()
    self.table(table)
  }
}

/// The columns of the table of figures.
private enum FigureColumn: CaseIterable {
  case metric, kind, verdict, value, interval, n, target, baseline, trend, windowEnd

  var column: Table.Column {
    switch self {
    case .metric: .left("metric")
    case .kind: .left("kind").omittable(1)
    case .verdict: .left("verdict")
    case .value: .right("value")
    case .interval: .right("95% interval")
    case .n: .right("n").omittable(2)
    case .target: .left("target")
    case .baseline: .left("baseline")
    case .trend: .left("trend").omittable(4)
    case .windowEnd: .left("window ends").omittable(3)
    }
  }

  /// Whether the column shows something that the others do not.
  func isShown(for metrics: [MetricView]) -> Bool {
    switch self {
    case .kind: metrics.contains { $0.kind != $0.key }
    case .interval: metrics.contains { $0.known?.low != nil }
    case .trend: metrics.contains { $0.trend != nil }
    case .metric, .verdict, .value, .n, .target, .baseline, .windowEnd: true
    }
  }

  func cell(of metric: MetricView) -> Text {
    switch self {
    case .metric: Text(metric.key)
    case .kind: Text(metric.kind)
    case .verdict: metric.verdict.label
    case .value: Text(metric.figure)
    case .interval: Text(shareInterval(metric.known?.low, metric.known?.high))
    case .n: Text(metric.n)
    case .target: Text(metric.expectation ?? metric.target)
    case .baseline: Text(metric.baseline.map { $0.stringValue ?? $0.pretty() })
    case .trend: Text(metric.trend)
    case .windowEnd: Text(metric.windowEnd?.day)
    }
  }
}

/// An interval of shares: `20.8–93.9%`.
private func shareInterval(_ low: Double?, _ high: Double?) -> String? {
  guard let low, let high else { return nil }
  return "\((low * 100).digits(1))–\(high.percent)"
}

extension MetricView {
  /// The maximum number of characters in a trend.
  private static let trendWidth = 10
  /// The minimum number of earlier launches from which adoption is projected (product.md, section 4).
  private static let launchesToProject = 4

  /// The metric; nil if its figure is unknown, even if something was counted.
  var known: MetricView? { verdict == .unknown ? nil : self }

  /// The value, for shares with the counts; nil if it is unknown.
  var figure: String? {
    guard let value = known?.value else { return nil }
    guard let numerator, let denominator, denominator > 0 else { return value.digits(2) }
    return "\(value.percent) (\(numerator)/\(denominator))"
  }

  /// The adoption curve on one line; nil until a day is complete, and if the figure is unknown.
  fileprivate var trend: String? {
    guard let curve = known?.curve, value != nil, !curve.isEmpty else { return nil }
    let shares = curve.map { day -> Double? in
      day.denominator == 0 ? nil : Double(day.numerator) / Double(day.denominator)
    }
    return Sparkline.text(of: shares, width: Self.trendWidth)
  }

  fileprivate var remarks: [String] {
    var remarks = notes
    if let projected { remarks.append(projected) }
    if restated { remarks.append("restated: events that arrived late changed a figure that had been final") }
    return remarks
  }

  private var projected: String? {
    guard let projection else { return nil }
    guard let median = projection.median, let low = projection.low, let high = projection.high,
      let chance = projection.chance
    else { return "too few earlier launches to project: \(projection.launches) of \(Self.launchesToProject)" }
    let day = lastDay.map { " on day \($0)" } ?? ""
    let launches = counted(projection.launches, "earlier launch", plural: "earlier launches")
    return "projected \(median.percent)\(day) (80% interval \(low.percent) to \(high.percent)), "
      + "\(chance.percent) chance of the target, from \(launches)"
  }

  /// The number of days of its window.
  private var lastDay: Int64? {
    guard let windowStart, let windowEnd else { return nil }
    return (windowEnd.microseconds - windowStart.microseconds) / 86_400_000_000
  }
}

extension ArticleFigure {
  /// The share of helpful votes, with the counts; nil without votes.
  fileprivate var helpfulShare: String? {
    votes == 0 ? nil : "\((Double(helpful) / Double(votes)).percent) (\(helpful)/\(votes))"
  }
}
