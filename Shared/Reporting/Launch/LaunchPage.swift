import Contract
import JSON
import LaunchModel

extension LaunchReport {
  /// The report as a page: the conclusion first, then its basis, then the launch's path.
  var page: ReportPage {
    let text = LaunchSummaryText(self)
    return ReportPage(
      title: launch.plan.name, facts: text.facts, conclusion: outcome.words, tone: outcome.tone, lead: text.reasons,
      tiles: tiles, missing: missing.map { "\($0.part): \($0.reason)" },
      sections: [
        adoptionSection, ticketsSection, satisfactionSection, escalationsSection, topicsSection, actionsSection,
        figuresSection, knowledgeSection, customersSection, readinessSection, timelineSection, decisionSection,
        findingsSection, learningsSection, minutesSection, recordSection,
      ].compactMap(\.self),
      footer: ["gonogo report \(launch.plan.launch)", "as of \(at.minute)"])
  }

  /// One tile for each metric.
  private var tiles: [ReportPage.Tile] {
    (metrics?.metrics ?? []).map { metric in
      ReportPage.Tile(
        label: metric.key, value: metric.figure ?? "no figure", detail: detail(of: metric),
        mark: ReportPage.Mark(metric.verdict.symbol, metric.verdict.rawValue, metric.verdict.tone))
    }
  }

  /// Returns what a figure is compared with, and by how much it differs.
  private func detail(of metric: MetricView) -> String {
    let expectation = metric.comparison ?? ""
    guard let gap = gap(of: metric.key), let size = gap.gap else { return expectation }
    let side = size == 0 ? "exactly there" : "\(gap.amount(size)) \(size < 0 ? "below" : "above")"
    let compared =
      switch gap.comparedWith {
      case .target, .forecast: side
      case .others: "\(side) other features"
      }
    return expectation.isEmpty ? compared : "\(expectation) · \(compared)"
  }
}

// MARK: - Outcome

extension LaunchReport {
  /// Returns a section with a chart of each metric of a kind; nil if the plan has no such metric.
  private func section(
    of kind: String, _ id: String, _ title: String, _ block: (MetricView) -> ReportPage.Block
  ) -> ReportPage.Section? {
    let metrics = (metrics?.metrics ?? []).filter { $0.kind == kind }
    return metrics.isEmpty ? nil : ReportPage.Section(id, title, isHalf: true, metrics.map(block))
  }

  /// Returns the title of a chart, with the metric's key unless it is the name of its kind.
  private static func title(_ title: String, _ metric: MetricView) -> String {
    metric.key == metric.kind ? title : "\(title): \(metric.key)"
  }

  private var adoptionSection: ReportPage.Section? {
    section(of: "adoption", "adoption", "Adoption", adoptionBlock)
  }

  private func adoptionBlock(_ metric: MetricView) -> ReportPage.Block {
    let points = (metric.known?.curve ?? []).filter { $0.denominator > 0 }
      .map { (day: Double($0.day), value: Double($0.numerator) / Double($0.denominator)) }
    guard let last = points.last else { return .absence(Self.noFigure(metric)) }
    let target = gaps.first { $0.key == metric.key && $0.comparedWith == .target }?.reference ?? metric.targetNumber
    var lines = [
      LineChart.Line(name: launch.plan.name, points: points, style: .main, label: "now \(last.value.percentage)")
    ]
    for (index, launch) in earlier.prefix(5).enumerated() {
      let points = launch.curve.filter { $0.denominator > 0 }
        .map { (day: Double($0.day), value: Double($0.numerator) / Double($0.denominator)) }
      lines.append(
        LineChart.Line(
          name: launch.launch.rawValue, points: points, style: .context(index), label: launch.launch.rawValue))
    }
    let figure = metric.figure ?? last.value.percentage
    var summary = "\(figure) of active accounts after \(counted(Int(last.day), "day"))"
    if let target { summary += "; the target is \(target.percentage)" }
    if !earlier.isEmpty {
      let others = earlier.prefix(5).map { "\($0.launch) \($0.outcome.percentage)" }.joined(separator: ", ")
      summary += "; earlier launches of tier \(launch.tier.rawValue) ended at: \(others)"
    }
    return .chart(
      LineChart(
        title: Self.title("Adoption by day", metric), summary: summary + ".", lines: lines,
        level: target.map { LineChart.Level(value: $0, label: "target \($0.percentage)") },
        lastDay: max(metric.windowDays ?? 0, Int(last.day)), format: { $0.percentage }))
  }

  private var ticketsSection: ReportPage.Section? {
    section(of: "tickets", "tickets", "Tickets", ticketsBlock)
  }

  private func ticketsBlock(_ metric: MetricView) -> ReportPage.Block {
    guard metric.verdict != .unknown, let points = series.first(where: { $0.key == metric.key })?.points,
      !points.isEmpty
    else { return .absence(Self.noFigure(metric)) }
    let counts = points.map(\.numerator)
    let forecast = TicketExpectation(metric: metric, definition: plan?.definition)
    var summary = "\(counts.reduce(0, +).grouped) tickets in \(counted(counts.count, "day"))"
    if let total = forecast.total { summary += "; the forecast for the whole window is \(total.decimals(1))" }
    let peak = counts.enumerated().max { $0.element < $1.element }
    if let peak, peak.element > 0 { summary += "; most on day \(peak.offset + 1): \(peak.element)" }
    var marks: [BarChart.Mark] = []
    if let spike = metric.spike {
      if let raised = spike.raisedAt, let day = forecast.day(of: raised) {
        summary += "; the alarm was raised on day \(day) and has not been cleared"
        marks = [BarChart.Mark(day: day, label: "alarm raised on day \(day)")]
      } else if spike.count > 0 {
        summary += "; \(counted(spike.count, "alarm")) raised and cleared"
      } else {
        summary += "; no alarm"
      }
    }
    return .chart(
      BarChart(
        title: Self.title("Tickets by day", metric), summary: summary + ".", counts: counts, expected: forecast.byDay,
        expectedLabel: forecast.label, marks: marks, unit: "tickets"))
  }

  private var satisfactionSection: ReportPage.Section? {
    section(of: "csat", "csat", "Satisfaction", satisfactionBlock)
  }

  private func satisfactionBlock(_ metric: MetricView) -> ReportPage.Block {
    guard let value = metric.known?.value else { return .absence(Self.noFigure(metric)) }
    let interval = metric.low.flatMap { low in metric.high.flatMap { low <= $0 ? low...$0 : nil } }
    let within = metric.interval.map { " (\($0))" } ?? ""
    let own = "this launch \(value.percentage)\(within), n = \(metric.n.grouped)"
    var rows = [IntervalChart.Row(label: own, value: value, interval: interval, isMain: true)]
    var summary = "Satisfied: this launch \(value.percentage) of \(counted(metric.n, "answer"))"
    if let interval = metric.interval { summary += ", 95% interval \(interval)" }
    var limit: IntervalChart.Limit?
    if let other = metric.satisfaction {
      let share = other.othersShare.percentage
      rows.append(
        IntervalChart.Row(
          label: "other features \(share), n = \(other.others.grouped)", value: other.othersShare, isMain: false))
      summary += "; other features \(share) of \(counted(other.others, "answer"))"
      summary += "; probability that it is worse by more than the margin: \(other.probabilityWorse.percentage)"
      if let margin = metric.expectedNumber {
        limit = IntervalChart.Limit(value: other.othersShare - margin, label: "missed below this line")
      }
    }
    return .chart(
      IntervalChart(
        title: Self.title("Satisfied customers", metric), summary: summary + ".", rows: rows, limit: limit))
  }

  /// All figures as a table, with their explanations.
  private var figuresSection: ReportPage.Section {
    guard let metrics, !metrics.metrics.isEmpty else {
      let none =
        launch.tier.isMeasured ? "No metrics are known." : "Launches of tier \(launch.tier.rawValue) have no metrics."
      return ReportPage.Section("figures", "Metrics", [.absence(none)])
    }
    let rows = metrics.metrics.map { metric -> [ReportPage.Cell] in
      [
        .init(metric.key), .init(.init(metric.verdict.symbol, metric.verdict.rawValue, metric.verdict.tone)),
        .init(metric.figure), .init(metric.interval), .init(metric.n.grouped),
        .init(metric.comparison), .init(metric.baseline.map { $0.stringValue ?? $0.pretty() }),
        .init(explanation(of: metric.key) ?? draft(of: metric)),
      ]
    }
    let when = plan?.sealedAt.map { " on \(zone.localDate(at: $0).words)" } ?? ""
    let sealed =
      metrics.sealed
      ? "The definition was sealed\(when)."
      : "The definition is not sealed: it could have been changed after the fact."
    var blocks: [ReportPage.Block] = [
      .table(
        .init(["metric", "verdict", "#figure", "#95% interval", "#n", "compared with", "before", "explained by"], rows)),
      .text(sealed),
    ]
    let notes = metrics.metrics.flatMap { metric in metric.notes.map { "\(metric.key): \($0)" } }
    if !notes.isEmpty { blocks.append(.list(notes)) }
    if let before = metrics.beforeAmendment {
      let verdicts = before.map { "\($0.key) \($0.verdict.rawValue)" }.joined(separator: ", ")
      blocks.append(.text("Amended after sealing; by the sealed definition: \(verdicts)."))
    }
    return ReportPage.Section("figures", "Metrics", blocks)
  }

  /// What a missed metric's gap is made of, while nobody has explained it; nil for any other metric.
  private func draft(of metric: MetricView) -> String? {
    guard metric.verdict == .missed else { return nil }
    return gap(of: metric.key)?.largestPart.map { "mostly \($0)" }
  }

  private static func noFigure(_ metric: MetricView) -> String {
    if metric.windowStart == nil { return "Nothing to show before customers have the launch." }
    let because = metric.notes.first.map { ": \($0)" } ?? ""
    return "No figure (\(metric.verdict.rawValue))\(because)."
  }
}

/// The number of tickets that a forecast expects on each day.
struct TicketExpectation {
  /// The tickets expected in the whole window; nil if unknown.
  let total: Double?
  /// The tickets expected on each day; if the plan has no shares, the mean of all days.
  let byDay: [Double]
  let label: String
  private let windowStart: Timestamp?

  init(metric: MetricView, definition: JSONValue?) {
    let entry = definition?["metrics"]?.arrayValue?.first { $0["key"]?.stringValue == metric.key }
    windowStart = metric.windowStart
    total = entry?["forecast"]?.doubleValue ?? metric.expectedNumber
    let shares = (entry?["shares"]?.arrayValue ?? []).compactMap(\.doubleValue)
    let sum = shares.reduce(0, +)
    if let total, sum > 0 {
      byDay = shares.map { total * $0 / sum }
      label = "forecast by day"
    } else if let total, let days = metric.windowDays, days > 0 {
      byDay = Array(repeating: total / Double(days), count: days)
      label = "forecast, \((total / Double(days)).decimals(1)) a day"
    } else {
      byDay = []
      label = ""
    }
  }

  /// Returns the day of the window that a moment falls on, from 1; nil if it is outside.
  func day(of moment: Timestamp) -> Int? {
    guard let windowStart, moment >= windowStart else { return nil }
    return Int((moment.microseconds - windowStart.microseconds) / 86_400_000_000) + 1
  }
}
