import Glibc
import JSON
import LaunchModel

/// A trial of one metric of a plan, in a window that ends now.
struct MetricTrial {
  private let trial: PlanTrial
  /// The metric as planned.
  private let planned: Metric
  /// The metric with the length of the trial's window.
  let metric: Metric
  /// An attempt whose window ends now.
  let attempt: Attempt
  /// A plan with this metric and the ticket metrics whose tags attribute tickets to the feature.
  let plan: MetricPlan

  init(_ metric: Metric, of trial: PlanTrial) {
    self.trial = trial
    planned = metric
    var cut = metric
    cut.days = min(metric.days, PlanTrial.days)
    self.metric = cut
    let start = trial.now.adding(days: -cut.days)
    attempt = Attempt(number: 1, startedAt: start, knownSince: start)
    let tagged = trial.plan.metrics.filter { $0.measure.kind == .tickets && $0.key != cut.key }
    plan = MetricPlan(feature: trial.plan.feature, metrics: [cut] + tagged)
  }

  private var window: MeasurementWindow { attempt.window(days: metric.days) }

  /// Scales a number of events from the trial's window to the length of the planned window.
  private func scaled(_ count: Double) -> Double { count * Double(planned.days) / Double(metric.days) }

  private func scaled(_ count: Int) -> Int { Int(scaled(Double(count)).rounded()) }

  /// What the trial shows about the metric, apart from problems of its feeds.
  func finding(_ evidence: MetricEvidence, _ feeds: [Measurability.Feed]) -> PlanTrial.Finding {
    let evaluation = Evaluation(
      launch: trial.launch, plan: plan, attempt: attempt, evidence: evidence, now: trial.now)
    var finding = PlanTrial.Finding(metric: planned, feeds: feeds)
    switch metric.measure {
    case .adoption(let target): adoption(target, evaluation, &finding)
    case .tickets(let forecast): tickets(forecast, evaluation, &finding)
    case .csat: satisfaction(evaluation, &finding)
    case .articles(let measure) where measure.target.unit == .views: views(measure, evaluation, &finding)
    case .articles(let measure): helpfulRate(measure, evaluation, &finding)
    case .custom(let measure): custom(measure, evaluation, &finding)
    }
    return finding
  }

  private func adoption(_ target: Target, _ evaluation: Evaluation, _ finding: inout PlanTrial.Finding) {
    let figure = evaluation.adoption(metric, target, in: window)
    finding.expected = figure.n
    finding.baseline = figure.value
    finding.measurability = .share(trials: figure.n, baseline: figure.value, target: target)
  }

  /// Simulates windows that begin now, with one look per day.
  private func tickets(_ forecast: TicketForecast, _ evaluation: Evaluation, _ finding: inout PlanTrial.Finding) {
    finding.expected = Int(forecast.forecast.rounded())
    let window = Attempt(number: 1, startedAt: trial.now, knownSince: trial.now).window(days: planned.days)
    let simulation = evaluation.evidence.watch(forecast, in: window).simulation
    for multiple in PlanTrial.multiples {
      let power = simulation.power(multiple: multiple, windows: PlanTrial.simulatedWindows, looks: .eachDay)
      finding.alarms += Set([3, 7, planned.days]).sorted().filter { $0 <= power.count }.map { day in
        PlanTrial.Alarm(multiple: multiple, day: day, probability: power[day - 1])
      }
    }
    guard let found = finding.alarms.last?.probability else { return }
    finding.measurability = Measurability(
      power: found, problems: found < Measurability.wantedPower ? [.spikeMissed(power: found)] : [])
  }

  /// Judges by other features' scores alone: there must be enough of them, and the feature has none before its launch.
  private func satisfaction(_ evaluation: Evaluation, _ finding: inout PlanTrial.Finding) {
    let interactions = evaluation.interactions(in: window)
    let others = interactions.filter { $0.subject == .others }
    let expected = scaled(others.count)
    finding.expected = scaled(interactions.count(where: { $0.subject == .feature }))
    finding.others = expected
    guard !others.isEmpty else {
      finding.measurability = Measurability(problems: [.noData])
      return
    }
    finding.baseline = Double(others.count(where: \.isSatisfied)) / Double(others.count)
    let needed = SatisfactionComparison.minimumOthers
    if expected < needed { finding.measurability.problems = [.tooFew(expected: expected, needed: needed)] }
  }

  private func views(_ measure: ArticleMeasure, _ evaluation: Evaluation, _ finding: inout PlanTrial.Finding) {
    let projection = evaluation.projection(of: metric)
    guard !projection.tallies.isEmpty else {
      finding.measurability = Measurability(problems: [.noData])
      return
    }
    let articles = evaluation.articles(of: measure)
    let rows = projection.tallies.filter {
      articles.contains($0.key.subject) && evaluation.counts($0.key.account, in: window)
    }
    count(rows, number: Double(rows.values.reduce(0) { $0 + $1.hits }), measure.target, &finding)
  }

  /// Judges a helpful rate. If the articles are new and have no votes, as many are expected as other articles have on
  /// average, and the plan's baseline is used.
  private func helpfulRate(_ measure: ArticleMeasure, _ evaluation: Evaluation, _ finding: inout PlanTrial.Finding) {
    let articles = evaluation.articles(of: measure)
    let own = evaluation.votes(on: articles, in: window)
    if own.isEmpty {
      let voted = Set(evaluation.evidence.votes.map(\.article))
      let votes = evaluation.votes(on: voted, in: window).count
      let average = voted.isEmpty ? 0 : Double(votes) / Double(voted.count)
      finding.expected = Int(scaled(average * Double(max(1, articles.count))).rounded())
      finding.baseline = planned.baseline?.doubleValue
    } else {
      finding.expected = scaled(own.count)
      finding.baseline = Double(own.count(where: \.isHelpful)) / Double(own.count)
    }
    finding.measurability = .share(trials: finding.expected, baseline: finding.baseline, target: measure.target)
    if (1..<measure.minimumVotes).contains(finding.expected) {
      finding.measurability.problems.append(.tooFew(expected: finding.expected, needed: measure.minimumVotes))
    }
  }

  private func custom(_ measure: CustomMeasure, _ evaluation: Evaluation, _ finding: inout PlanTrial.Finding) {
    let rows = evaluation.projection(of: metric).tallies.filter { evaluation.counts($0.key.account, in: window) }
    let hits = rows.values.reduce(0) { $0 + $1.hits }
    let total = rows.values.reduce(0) { $0 + $1.total }
    guard measure.field == nil ? total > 0 : hits > 0 else {
      finding.measurability = Measurability(problems: [.noData])
      return
    }
    switch measure.aggregate {
    case .count: count(rows, number: Double(hits), measure.target, &finding)
    case .sum: count(rows, number: Evaluation.sum(of: rows)?.sum ?? 0, measure.target, &finding)
    case .distinct:
      let distinct = evaluation.distinct(rows, of: measure, in: window)
      finding.expected = distinct
      finding.baseline = Double(distinct)
      finding.measurability = .count(baseline: Double(distinct), target: measure.target, dispersion: 1)
    case .ratio:
      finding.expected = scaled(total)
      finding.baseline = Double(hits) / Double(total)
      finding.measurability = .share(trials: finding.expected, baseline: finding.baseline, target: measure.target)
    case .mean:
      finding.expected = scaled(hits)
      finding.baseline = Evaluation.mean(of: rows)
      finding.measurability = .mean(
        count: finding.expected, deviation: Evaluation.deviation(of: rows), baseline: finding.baseline,
        target: measure.target)
    }
  }

  /// Judges a number of events, or a sum over them, that varies from day to day.
  private func count(
    _ rows: [TallyKey: Tally], number: Double, _ target: Target, _ finding: inout PlanTrial.Finding
  ) {
    let byDay = Dictionary(grouping: rows) { $0.key.day }
    let counts = (1...metric.days).map { byDay[$0]?.reduce(0) { $0 + $1.value.hits } ?? 0 }
    let events = counts.reduce(0, +)
    finding.expected = scaled(events)
    finding.baseline = scaled(number)
    // A sum varies like its number of events, except that each event counts for more than 1.
    let size = events > 0 ? max(1, number / Double(events)) : 1
    let dispersion = Dispersion.estimate([Dispersion.Series(counts: counts)]) * size
    finding.measurability = .count(baseline: finding.baseline, target: target, dispersion: dispersion)
  }
}

extension Evaluation {
  /// The standard deviation of the numbers; 0 if there are fewer than two.
  static func deviation(of rows: [TallyKey: Tally]) -> Double {
    guard let mean = mean(of: rows), let count = sum(of: rows)?.count, count > 1 else { return 0 }
    let squares = rows.filter { $0.value.hits > 0 }.compactMap { key, tally in
      Double(key.subject).map { Double(tally.hits) * ($0 - mean) * ($0 - mean) }
    }
    return sqrt(squares.sorted().reduce(0, +) / Double(count - 1))
  }
}
