import Contract
import LaunchModel

/// The words for how a launch went: the conclusion, and one line for an executive.
struct LaunchSummaryText {
  private let report: LaunchReport
  private let zone: ZoneRules

  init(_ report: LaunchReport) {
    self.report = report
    zone = report.zone
  }

  /// The conclusion from status and verdicts; verdicts count only once customers have had the launch.
  var outcome: LaunchReport.Outcome {
    switch report.launch.status {
    case .cancelled: return .cancelled
    case .postponed: return .postponed
    case .rolledBack: return .rolledBack
    case .proposed, .preparing, .decided: return .notShipped
    case .live, .hypercare, .measuring, .inReview, .closed: break
    }
    guard let verdicts = report.metrics?.metrics.map(\.verdict) else {
      return report.launch.tier.isMeasured ? .unknown : .notMeasured
    }
    return Self.outcome(of: verdicts)
  }

  static func outcome(of verdicts: [Verdict]) -> LaunchReport.Outcome {
    if verdicts.isEmpty { return .notMeasured }
    let (met, missed) = (verdicts.contains(.met), verdicts.contains(.missed))
    if verdicts.contains(.pending), !missed { return .tooEarly }
    if missed { return met || verdicts.contains(.pending) ? .workedInPart : .didNotWork }
    return verdicts.allSatisfy { $0 == .met } ? .worked : .unclear
  }

  /// The facts of the launch, most wanted first.
  var facts: [String] {
    let plan = report.launch.plan
    var facts = ["tier \(report.launch.tier.rawValue)", exposed, decided]
    if report.launch.override != nil { facts[0] += " (by override)" }
    facts.append("owner \(plan.owner)")
    return facts
  }

  var headline: String {
    ([report.launch.plan.name] + facts.prefix(3) + [verdicts]).compactMap(\.self).joined(separator: " · ")
  }

  /// When customers got it: `shipped 2 Mar 2027`.
  private var exposed: String {
    let date = report.launch.plan.date.words
    switch report.launch.status {
    case .cancelled: return "cancelled, was planned for \(date)"
    case .postponed: return "postponed, was planned for \(date)"
    case .proposed, .preparing, .decided: return "planned for \(date)"
    case .live, .hypercare, .measuring, .inReview, .closed, .rolledBack: break
    }
    guard let attempt = report.exposure?.attempts.last else {
      return "planned for \(date), \(report.launch.status.words)"
    }
    let shipped = "shipped \(zone.localDate(at: attempt.startedAt).words)"
    let again = attempt.attempt > 1 ? " (attempt \(attempt.attempt))" : ""
    let back = attempt.rolledBackAt.map { ", rolled back \(zone.localDate(at: $0).words)" } ?? ""
    return shipped + again + back
  }

  /// Who decided, and what: `GO by dana`.
  private var decided: String {
    guard let view = report.decision else { return "decision not known" }
    guard let decision = view.decision else { return "no decision" }
    let against = view.override ? ", against the recommendation" : ""
    return "\(decision.words) by \(actorName(view.by ?? "-"))\(against)"
  }

  /// The verdicts in words: `3 of 4 metrics met; adoption missed by 4 points because …`; nil without verdicts.
  var verdicts: String? {
    guard let metrics = report.metrics?.metrics, !metrics.isEmpty else {
      return report.launch.tier.isMeasured ? nil : "tier \(report.launch.tier.rawValue) has no metrics"
    }
    guard metrics.contains(where: { $0.windowStart != nil }) else {
      return "\(counted(metrics.count, "metric")) planned"
    }
    let met = metrics.count { $0.verdict == .met }
    var parts = [
      met == metrics.count && met > 1 ? "all \(met) metrics met" : "\(met) of \(counted(metrics.count, "metric")) met"
    ]
    parts += misses(metrics.filter { $0.verdict == .missed })
    for verdict in [Verdict.inconclusive, .unknown, .pending] {
      let keys = metrics.filter { $0.verdict == verdict }.map(\.key)
      if !keys.isEmpty { parts.append("\(keys.joined(separator: ", ")) \(verdict.rawValue)") }
    }
    return parts.joined(separator: "; ")
  }

  /// Returns by how much metrics missed their targets, and the reason if it was explained; a reason shared by several
  /// metrics is given once.
  private func misses(_ metrics: [MetricView]) -> [String] {
    var misses: [(metrics: [String], reason: String?)] = []
    for metric in metrics {
      let miss = "\(metric.key) missed\(report.gap(of: metric.key).map(Self.size) ?? "")"
      let reason = report.explanation(of: metric.key).map { Self.asReason($0.clause.shortened(to: 160)) }
      if let same = reason.flatMap({ reason in misses.firstIndex { $0.reason == reason } }) {
        misses[same].metrics.append(miss)
      } else {
        misses.append(([miss], reason))
      }
    }
    return misses.map { miss in
      let words = miss.metrics.joined(separator: " and ")
      let together = [1: "", 2: ", both"][miss.metrics.count] ?? ", all"
      return miss.reason.map { "\(words)\(together) because \($0)" } ?? words
    }
  }

  /// Returns by how much a missed metric differs from what it is compared with.
  private static func size(_ view: GapView) -> String {
    guard let gap = view.gap else { return "" }
    switch view.comparedWith {
    case .target: return " by \(view.amount(gap))"
    case .others: return " by \(view.amount(gap)) against other features"
    // Even fewer tickets than expected can be a miss: if a spike's alarm is still raised at the end.
    case .forecast: return gap > 0 ? " by \(view.amount(gap)) over the forecast" : " by a spike"
    }
  }

  /// Returns the text with a lower-case first letter if it begins with a common word.
  private static func asReason(_ text: String) -> String {
    let words = ["The ", "A ", "An ", "It ", "We ", "There ", "Customers ", "Most ", "Many ", "Some ", "Few ", "No "]
    let isCommon = words.contains { text.hasPrefix($0) }
    return isCommon ? text.prefix(1).lowercased() + text.dropFirst() : text
  }

  /// Sentences that justify the conclusion.
  var reasons: [String] {
    var sentences: [String] = []
    if let verdicts { sentences.append(verdicts.sentenceCase + ".") }
    sentences += (report.metrics?.metrics ?? []).filter { $0.verdict == .missed }.compactMap { metric in
      guard report.explanation(of: metric.key) == nil, let gap = report.gap(of: metric.key) else { return nil }
      return gap.largestPart.map { "Not explained yet: \(metric.key) is mostly \($0)." }
    }
    let violations = report.exposure?.violationCount ?? report.exposure?.violations.count ?? 0
    if violations > 0 {
      sentences.append(
        "\(counted(violations, "shipping rule")) \(violations == 1 ? "was" : "were") broken; see below.")
    }
    return sentences
  }
}

extension LaunchReport {
  /// The launch's time zone; UTC if this system does not know it.
  var zone: ZoneRules {
    do {
      return try ZoneRules(launch.plan.timeZone)
    } catch {
      return .utc
    }
  }

  func gap(of metric: String) -> GapView? { gaps.first { $0.key == metric && $0.gap != nil } }

  /// Returns a person's recorded explanation of a metric's gap; nil if there is none.
  func explanation(of metric: String) -> String? {
    review?.explanations[metric] ?? agenda?.metrics.first { $0.metric.key == metric }?.explanation
  }
}

extension GapView {
  /// Returns an amount without its sign in the unit of the gap: `4 points`, `22`.
  func amount(_ value: Double) -> String {
    switch unit {
    case .share:
      let points = (value.magnitude * 100).decimals(1)
      return points == "1" ? "1 point" : "\(points) points"
    case .number: return value.magnitude.decimals(1)
    }
  }

  /// The part with the largest contribution in the direction of the gap, for example `segment enterprise (−3.1
  /// points)`; nil without one.
  var largestPart: String? {
    guard let gap else { return nil }
    let parts = dimensions.filter { $0.kind != .steps && $0.kind != .day }.flatMap { dimension in
      dimension.parts.compactMap { part -> (name: String, value: Double)? in
        guard let value = part.contribution, value * gap > 0, ![Self.notGiven, Self.other].contains(part.label) else {
          return nil
        }
        let name =
          part.label.hasPrefix(dimension.kind.rawValue) ? part.label : "\(dimension.kind.rawValue) \(part.label)"
        return (name, value)
      }
    }
    return parts.max { $0.value.magnitude < $1.value.magnitude }.map { part in
      "\(part.name) (\(part.value < 0 ? "−" : "+")\(amount(part.value)))"
    }
  }
}

extension LaunchReport.Outcome {
  /// The conclusion as shown at the top of the page.
  var words: String {
    switch self {
    case .worked: "Worked"
    case .workedInPart: "Worked in part"
    case .didNotWork: "Did not work"
    case .tooEarly: "Too early to say"
    case .unclear: "Not clear"
    case .notMeasured: "Not measured"
    case .notShipped: "Not shipped yet"
    case .rolledBack: "Rolled back"
    case .postponed: "Postponed"
    case .cancelled: "Cancelled"
    case .unknown: "Figures not available"
    }
  }

  var tone: Tone {
    switch self {
    case .worked: .good
    case .workedInPart, .unclear, .postponed, .unknown: .warning
    case .didNotWork, .rolledBack: .bad
    case .tooEarly, .notMeasured, .notShipped, .cancelled: .neutral
    }
  }
}

extension DecisionKind {
  var words: String {
    switch self {
    case .go: "GO"
    case .noGo: "NO-GO"
    case .hold: "HOLD"
    }
  }
}

extension LaunchStatus {
  /// The status in plain words: `in review`.
  var words: String { rawValue.split(separator: "-").joined(separator: " ") }
}
