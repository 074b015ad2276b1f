public import Contract
import JSON
import LaunchModel

extension Evaluation {
  /// Explains the gap between a metric's figure and its reference (target, forecast or other features); nil
  /// if the plan has no metric with this key.
  ///
  /// An unknown figure has no gap.
  ///
  /// - Parameter sealed: the evaluation by the originally sealed plan; nil if the plan was not amended.
  public func gap(_ key: String, sealed: Evaluation? = nil) -> GapView? {
    guard let metric = plan.metrics.first(where: { $0.key == key }) else { return nil }
    let figure = view(of: metric)
    var answer = GapView(
      launch: launch, attempt: attempt?.number, key: key, kind: figure.kind, asOf: now, verdict: figure.verdict,
      unit: metric.unit, value: figure.verdict == .unknown ? nil : figure.value, comparedWith: metric.comparison,
      reference: figure.reference(of: metric))
    if let value = answer.value, let baseline = metric.baseline?.doubleValue {
      answer.baseline = baseline
      answer.sinceBaseline = value - baseline
    }
    guard let attempt, let reference = answer.reference, answer.gap != nil else { return answer }
    let parts = dimensions(of: metric, against: reference, in: attempt.window(days: metric.days))
    answer.dimensions = (parts + [steps(to: metric, from: sealed)]).compactMap(\.self)
    return answer
  }

  private func dimensions(
    of metric: Metric, against reference: Double, in window: MeasurementWindow
  ) -> [GapView.Dimension?] {
    switch metric.measure {
    case .adoption: adoptionDimensions(metric, against: reference, in: window)
    case .tickets(let forecast): ticketDimensions(forecast, in: window)
    case .csat: satisfactionDimensions(in: window)
    case .articles(let measure) where measure.target.unit == .views: viewDimensions(metric, measure, in: window)
    case .articles(let measure): voteDimensions(measure, against: reference, in: window)
    case .custom(let measure): customDimensions(metric, measure, against: reference, in: window)
    }
  }

  private func segment(of account: String?, in window: MeasurementWindow) -> String? {
    account.flatMap { evidence.accounts.segment(of: $0, before: window.statesBefore(asOf: now)) }
  }

  private static func week(ofDay day: Int) -> String { "week \((day + 6) / 7)" }
}

extension Evaluation {
  /// The gap by week and segment. Each account counts in the week of its first
  /// activity, and again in the week of its first use.
  private func adoptionDimensions(
    _ metric: Metric, against reference: Double, in window: MeasurementWindow
  ) -> [GapView.Dimension?] {
    guard let figures = projection(of: metric).adoption[metric.days] else { return [] }
    let lastDay = days(of: window).upperBound
    let ends = stride(from: 7, to: lastDay, by: 7).filter { $0 <= figures.curve.count }.map { figures.curve[$0 - 1] }
    let last = CurvePoint(day: lastDay, numerator: figures.adopted, denominator: figures.active)
    var weeks: [String: GapPart] = [:]
    var before = CurvePoint(day: 0, numerator: 0, denominator: 0)
    for end in ends + [last] {
      weeks[Self.week(ofDay: end.day)] = GapPart(
        end.numerator - before.numerator, of: end.denominator - before.denominator, against: reference)
      before = end
    }
    return [
      GapView.Dimension(.week, weeks),
      GapView.Dimension(.segment, of: figures.segments, by: \.name) { segments in
        GapPart(
          segments.reduce(0) { $0 + $1.adopted }, of: segments.reduce(0) { $0 + $1.active }, against: reference)
      },
    ]
  }

  /// The gap by week or day, channel and segment. The forecast gives expectations only by day, so for channels and
  /// segments tickets are only counted.
  private func ticketDimensions(_ forecast: TicketForecast, in window: MeasurementWindow) -> [GapView.Dimension?] {
    let own = openedTickets(in: window).filter(isAboutFeature)
    let expected = evidence.watch(forecast, in: window).expectations(asOf: now)
    // A producer's clock may be fast, so a ticket may be dated on a day that has not begun.
    let days = own.map { min(window.day(of: $0.opening.at), expected.count) }
    let counts = Dictionary(days.map { ($0, 1) }, uniquingKeysWith: +)
    let byWeek = window.days > 14
    let label = { (day: Int) -> String in byWeek ? Self.week(ofDay: day) : "day \(day)" }
    let part = { (days: [Int]) -> GapPart in
      let count = days.reduce(0) { $0 + (counts[$1] ?? 0) }
      let expectedThen = days.reduce(0.0) { $0 + expected[$1 - 1] }
      return GapPart(count: Double(count), expected: expectedThen)
    }
    let tickets = { (tickets: [TicketIndex.Ticket]) in GapPart(count: Double(tickets.count)) }
    return [
      GapView.Dimension(byWeek ? .week : .day, of: Array(1..<(expected.count + 1)), by: label, measure: part),
      GapView.Dimension(.channel, of: own, by: { $0.opening.channel }, measure: tickets),
      GapView.Dimension(.segment, of: own, by: { segment(of: $0.opening.account, in: window) }, measure: tickets),
    ]
  }

  /// The gap by channel, week and segment. Each score is expected to match the other features' share in its channel, so
  /// the mix of channels does not contribute.
  private func satisfactionDimensions(in window: MeasurementWindow) -> [GapView.Dimension?] {
    let interactions = interactions(in: window)
    let others = Dictionary(grouping: interactions.filter { $0.subject == .others }, by: \.channel).mapValues {
      Double($0.count(where: \.isSatisfied)) / Double($0.count)
    }
    let compared = interactions.filter { $0.subject == .feature && others[$0.channel] != nil }
    let part = { (interactions: [Interaction]) in
      GapPart(
        count: Double(interactions.count(where: \.isSatisfied)), total: Double(interactions.count),
        expected: interactions.compactMap { others[$0.channel] }.reduce(0, +))
    }
    return [
      GapView.Dimension(.channel, of: compared, by: { $0.channel }, measure: part),
      GapView.Dimension(.week, of: compared, by: { Self.week(ofDay: window.day(of: $0.at)) }, measure: part),
      GapView.Dimension(.segment, of: compared, by: { segment(of: $0.account, in: window) }, measure: part),
    ]
  }
}

extension Evaluation {
  private func voteDimensions(
    _ measure: ArticleMeasure, against reference: Double, in window: MeasurementWindow
  ) -> [GapView.Dimension?] {
    let votes = votes(on: articles(of: measure), in: window)
    let part = { (votes: [ArticleVote]) in
      GapPart(votes.count(where: \.isHelpful), of: votes.count, against: reference)
    }
    return [
      GapView.Dimension(.locale, of: votes, by: { $0.locale }, measure: part),
      GapView.Dimension(.article, of: votes, by: { $0.article }, measure: part),
      GapView.Dimension(.week, of: votes, by: { Self.week(ofDay: window.day(of: $0.at)) }, measure: part),
    ]
  }

  /// The gap by locale, article, week and segment. A target for views gives no
  /// expectation for parts, so views are only counted.
  private func viewDimensions(
    _ metric: Metric, _ measure: ArticleMeasure, in window: MeasurementWindow
  ) -> [GapView.Dimension?] {
    let articles = articles(of: measure)
    let rows = projection(of: metric).tallies.filter {
      articles.contains($0.key.subject) && counts($0.key.account, in: window)
    }.map { (key: $0.key, tally: $0.value) }
    let part = { (rows: [(key: TallyKey, tally: Tally)]) in
      GapPart(count: Double(rows.reduce(0) { $0 + $1.tally.hits }))
    }
    return [
      GapView.Dimension(.locale, of: rows, by: { $0.key.locale }, measure: part),
      GapView.Dimension(.article, of: rows, by: { $0.key.subject }, measure: part),
      GapView.Dimension(.week, of: rows, by: { Self.week(ofDay: $0.key.day) }, measure: part),
      GapView.Dimension(.segment, of: rows, by: { segment(of: $0.key.account, in: window) }, measure: part),
    ]
  }

  /// The gap by week and segment. Ratios and means of parts are compared with the reference; for counts and sums, parts
  /// are only counted. Distinct values have no parts, because these would not add up.
  private func customDimensions(
    _ metric: Metric, _ measure: CustomMeasure, against reference: Double, in window: MeasurementWindow
  ) -> [GapView.Dimension?] {
    guard measure.aggregate != .distinct else { return [] }
    let rows = projection(of: metric).tallies.filter { counts($0.key.account, in: window) }
      .map { (key: $0.key, tally: $0.value) }
    let part = { (rows: [(key: TallyKey, tally: Tally)]) -> GapPart in
      let hits = rows.reduce(0) { $0 + $1.tally.hits }
      let sum = Self.sum(of: Dictionary(uniqueKeysWithValues: rows.map { ($0.key, $0.tally) }))
      switch measure.aggregate {
      case .count, .distinct: return GapPart(count: Double(hits))
      case .ratio: return GapPart(hits, of: rows.reduce(0) { $0 + $1.tally.total }, against: reference)
      case .sum: return GapPart(count: sum?.sum ?? 0)
      case .mean:
        let count = Double(sum?.count ?? 0)
        return GapPart(count: sum?.sum ?? 0, total: count, expected: reference * count)
      }
    }
    return [
      GapView.Dimension(.week, of: rows, by: { Self.week(ofDay: $0.key.day) }, measure: part),
      GapView.Dimension(.segment, of: rows, by: { segment(of: $0.key.account, in: window) }, measure: part),
    ]
  }
}

extension Evaluation {
  /// A figure with its reference.
  private struct Compared: Hashable {
    var value: Double
    var reference: Double

    init?(value: Double?, reference: Double?) {
      guard let value, let reference else { return nil }
      self.value = value
      self.reference = reference
    }
  }

  /// The history of a final figure's gap: when it became final, then late events,
  /// then amendments; nil if neither changed it.
  private func steps(to metric: Metric, from sealed: Evaluation?) -> GapView.Dimension? {
    let first = sealed ?? self
    guard let sealedMetric = first.plan.metrics.first(where: { $0.key == metric.key }),
      let window = attempt?.window(days: sealedMetric.days), window.effectiveEnd <= now,
      let final = first.final(sealedMetric, in: window), let restated = first.compared(sealedMetric),
      let present = compared(metric)
    else { return nil }
    var steps = [GapExplanation.Step(GapView.atWindowEnd, value: final.value, target: final.reference)]
    if restated != final {
      steps.append(GapExplanation.Step("late events", value: restated.value, target: restated.reference))
    }
    if present != restated {
      steps.append(GapExplanation.Step("amendments", value: present.value, target: present.reference))
    }
    guard steps.count > 1 else { return nil }
    let parts = GapExplanation(steps: steps).contributions.map {
      GapView.Part(label: $0.label, contribution: $0.amount)
    }
    return GapView.Dimension(kind: .steps, parts: parts)
  }

  private func compared(_ metric: Metric) -> Compared? {
    let figure = view(of: metric)
    return Compared(value: figure.value, reference: figure.reference(of: metric))
  }

  /// The figure and its reference as of when the figure became final.
  private func final(_ metric: Metric, in window: MeasurementWindow) -> Compared? {
    guard case .adoption(let target) = metric.measure else {
      var before = self
      before.evidence = evidence.stored(before: window.finalAt)
      return before.compared(metric)
    }
    guard let figures = projection(of: metric).adoption[metric.days], figures.finalActive > 0 else { return nil }
    return Compared(value: Double(figures.finalAdopted) / Double(figures.finalActive), reference: target.value)
  }
}

extension MetricView {
  /// The reference that the figure is compared with; nil if there is none.
  fileprivate func reference(of metric: Metric) -> Double? {
    switch metric.measure {
    case .tickets: spike?.expected
    case .csat: satisfaction?.othersShare
    case .adoption, .articles, .custom: metric.target?.value
    }
  }
}

extension Metric {
  fileprivate var comparison: GapView.Comparison {
    switch measure {
    case .tickets: .forecast
    case .csat: .others
    case .adoption, .articles, .custom: .target
    }
  }

  fileprivate var unit: GapView.Unit {
    switch measure {
    case .adoption, .csat: .share
    case .articles(let articles): articles.target.unit == .views ? .number : .share
    case .custom(let custom): custom.aggregate == .ratio ? .share : .number
    case .tickets: .number
    }
  }
}

/// The count of one part, and the count with which it would have no gap.
private struct GapPart {
  var count: Double
  /// The denominator of a share or mean; nil for a mere count.
  var total: Double?
  /// The count at which the part has no gap; nil if there is no expectation for parts.
  var expected: Double?

  init(count: Double, total: Double? = nil, expected: Double? = nil) {
    self.count = count
    self.total = total
    self.expected = expected
  }

  /// Creates a part of a share with the same reference as all other parts.
  init(_ count: Int, of total: Int, against reference: Double) {
    self.init(count: Double(count), total: Double(total), expected: reference * Double(total))
  }
}

extension GapView.Dimension {
  /// The number of parts to show besides `other`.
  private static let shown = 8

  /// Groups elements by a label. Those with no or an empty label form the part `notGiven`.
  fileprivate init?<Element>(
    _ kind: Kind, of elements: [Element], by label: (Element) -> String?, measure: ([Element]) -> GapPart
  ) {
    let groups = Dictionary(grouping: elements) { element in
      label(element).flatMap { $0.isEmpty ? nil : $0 } ?? GapView.notGiven
    }
    self.init(kind, groups.mapValues(measure))
  }

  /// Explains the gap by its parts; returns nil if no event names a part.
  fileprivate init?(_ kind: Kind, _ parts: [String: GapPart]) {
    guard parts.keys.contains(where: { $0 != GapView.notGiven }) else { return nil }
    let isExpected = parts.values.allSatisfy { $0.expected != nil }
    let total = parts.sorted { $0.key < $1.key }.reduce(0) { $0 + ($1.value.total ?? 0) }
    let scale = total > 0 ? total : 1
    // Without expectations, this sorts the parts by their counts.
    let explanation = GapExplanation(
      parts.sorted { $0.key < $1.key }.map { label, part in
        GapExplanation.CountedPart(label, count: part.count / scale, expected: (part.expected ?? 0) / scale)
      })
    let all = explanation.contributions.map { contribution in
      GapView.Part(
        label: contribution.label, contribution: isExpected ? contribution.amount : nil,
        count: parts[contribution.label]?.count, total: parts[contribution.label]?.total)
    }
    self.init(kind: kind, parts: Self.limited(all))
  }

  /// The largest parts, with all others combined into one.
  private static func limited(_ parts: [GapView.Part]) -> [GapView.Part] {
    guard parts.count > shown else { return parts }
    let rest = parts[shown...]
    let total = { (amounts: [Double]) -> Double? in amounts.isEmpty ? nil : amounts.reduce(0, +) }
    let other = GapView.Part(
      label: GapView.other, contribution: total(rest.compactMap(\.contribution)),
      count: total(rest.compactMap(\.count)), total: total(rest.compactMap(\.total)))
    return Array(parts.prefix(shown)) + [other]
  }
}
