public import Contract
import LaunchModel

extension Evaluation {
  /// A metric by day, up to now; nil if the plan has no metric with this key.
  ///
  /// For adoption, point n has the figure of the first n complete days; for every other kind, that of day n alone.
  /// While the metric's figure is unknown, days without any event of its type have no value.
  public func series(_ key: String) -> [SeriesPoint]? {
    guard let metric = plan.metrics.first(where: { $0.key == key }) else { return nil }
    guard let attempt else { return [] }
    let window = attempt.window(days: metric.days)
    let points = points(of: metric, in: window)
    guard isUnknown(metric, in: window) else { return points }
    let observed = observedDays(of: metric, points, in: window)
    return points.map { point in
      var point = point
      if !observed.contains(point.day) { point.value = nil }
      return point
    }
  }

  /// The days with any event of the metric's type, whatever it is about. For adoption, the days with a use of any
  /// feature or, if feeds are not judged, the days by which the feature had been used.
  private func observedDays(of metric: Metric, _ points: [SeriesPoint], in window: MeasurementWindow) -> Set<Int> {
    switch metric.measure {
    case .adoption:
      Set(
        points.filter { point in
          guard let feeds = evidence.feeds else { return point.numerator > 0 }
          let start = window.start.adding(days: point.day - 1)
          return feeds.delivered(metric.requiredTypes, in: start..<start.adding(days: 1))
        }.map(\.day))
    case .tickets: Set(openedTickets(in: window).map { window.day(of: $0.opening.at) })
    // Days without a score or vote have no value anyway.
    case .csat: Set(points.map(\.day))
    case .articles(let measure) where measure.target.unit == .helpful: Set(points.map(\.day))
    case .articles, .custom: Set(projection(of: metric).tallies.keys.map(\.day))
    }
  }

  private func points(of metric: Metric, in window: MeasurementWindow) -> [SeriesPoint] {
    switch metric.measure {
    case .adoption(let target):
      return (adoption(metric, target, in: window).curve ?? []).map {
        point($0.day, $0.numerator, of: $0.denominator)
      }
    case .tickets:
      let days = openedTickets(in: window).filter(isAboutFeature).map { window.day(of: $0.opening.at) }
      return counted(days, in: window)
    case .csat:
      let own = interactions(in: window).filter { $0.subject == .feature }
      return shares(own.map { (window.day(of: $0.at), $0.isSatisfied) }, in: window)
    case .articles(let measure) where measure.target.unit == .helpful:
      return shares(
        votes(on: articles(of: measure), in: window).map { (window.day(of: $0.at), $0.isHelpful) }, in: window)
    case .articles(let measure):
      let articles = articles(of: measure)
      return tallied(metric, in: window) {
        articles.contains($0.subject)
      } value: { rows in
        Double(rows.values.reduce(0) { $0 + $1.hits })
      }
    case .custom(let measure): return custom(metric, measure, over: window)
    }
  }

  private func custom(_ metric: Metric, _ measure: CustomMeasure, over window: MeasurementWindow) -> [SeriesPoint] {
    tallied(metric, in: window, where: { _ in true }) { rows in
      let hits = rows.values.reduce(0) { $0 + $1.hits }
      let total = rows.values.reduce(0) { $0 + $1.total }
      switch measure.aggregate {
      case .count: return Double(hits)
      case .distinct: return hits > 0 || rows.isEmpty ? Double(distinct(rows, of: measure, in: window)) : nil
      case .ratio: return total == 0 ? nil : Double(hits) / Double(total)
      case .sum: return hits > 0 || rows.isEmpty ? Self.sum(of: rows)?.sum ?? 0 : nil
      case .mean: return Self.mean(of: rows)
      }
    }
  }

  private func tallied(
    _ metric: Metric, in window: MeasurementWindow, where isIncluded: (TallyKey) -> Bool,
    value: ([TallyKey: Tally]) -> Double?
  ) -> [SeriesPoint] {
    let rows = projection(of: metric).tallies.filter { isIncluded($0.key) && counts($0.key.account, in: window) }
    let byDay = Dictionary(grouping: rows) { $0.key.day }
    return days(of: window).map { day in
      let rows = Dictionary(uniqueKeysWithValues: byDay[day] ?? [])
      return SeriesPoint(
        day: day, numerator: rows.values.reduce(0) { $0 + $1.hits },
        denominator: rows.values.reduce(0) { $0 + $1.total }, value: value(rows))
    }
  }

  private func counted(_ days: [Int], in window: MeasurementWindow) -> [SeriesPoint] {
    let counts = Dictionary(days.map { ($0, 1) }, uniquingKeysWith: +)
    return self.days(of: window).map {
      SeriesPoint(day: $0, numerator: counts[$0] ?? 0, value: Double(counts[$0] ?? 0))
    }
  }

  private func shares(_ answers: [(day: Int, isYes: Bool)], in window: MeasurementWindow) -> [SeriesPoint] {
    let byDay = Dictionary(grouping: answers, by: \.day)
    return days(of: window).map { day in
      point(day, byDay[day]?.count(where: \.isYes) ?? 0, of: byDay[day]?.count ?? 0)
    }
  }

  private func point(_ day: Int, _ numerator: Int, of denominator: Int) -> SeriesPoint {
    SeriesPoint(
      day: day, numerator: numerator, denominator: denominator,
      value: denominator == 0 ? nil : Double(numerator) / Double(denominator))
  }

  /// The days of the window that have begun.
  func days(of window: MeasurementWindow) -> ClosedRange<Int> {
    let last = min(window.effectiveEnd, now).microseconds - 1
    return 1...max(1, window.day(of: Timestamp(microseconds: max(last, window.start.microseconds))))
  }
}
