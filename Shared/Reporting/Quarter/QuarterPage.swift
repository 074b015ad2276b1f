import Contract
import LaunchModel

extension QuarterReport {
  /// The report as a page: the numbers, then the launches at risk, decisions and verdicts.
  var page: ReportPage {
    ReportPage(
      title: "Launches of \(title)",
      facts: ["\(from.words) to \(to.words)", counted(launches.count, "launch", plural: "launches")],
      conclusion: conclusion.words, tone: conclusion.tone, lead: lead, tiles: tiles,
      missing: missing.map { "\($0.part): \($0.reason)" },
      sections: [calendarSection, countSection, riskSection, decisionSection, verdictSection],
      footer: ["gonogo report --from \(from) --to \(to)", "as of \(at.minute)"])
  }

  private var atRisk: [QuarterLaunch] { launches.filter { !$0.risks.isEmpty } }

  private var conclusion: (words: String, tone: Tone) {
    if launches.isEmpty { return ("No launches", .neutral) }
    let count = atRisk.count
    return count == 0 ? ("Nothing at risk", .good) : ("\(count) at risk", .warning)
  }

  private var verdicts: [(launch: LaunchSummary, metric: MetricView)] {
    launches.flatMap { entry in (entry.metrics?.metrics ?? []).map { (entry.launch, $0) } }
  }

  private var lead: [String] {
    guard !launches.isEmpty else { return ["No launch falls in this period."] }
    var sentences = ["\(counted(shipped.count, "launch", plural: "launches")) shipped, \(ahead.count) ahead."]
    let missed = verdicts.filter { $0.metric.verdict == .missed }
    if !verdicts.isEmpty {
      let met = verdicts.count { $0.metric.verdict == .met }
      let which = missed.map { "\($0.launch.name): \($0.metric.key)" }.joined(separator: ", ")
      sentences.append(
        "\(met) of \(counted(verdicts.count, "metric")) met" + (missed.isEmpty ? "." : "; missed: \(which)."))
    }
    sentences += atRisk.prefix(3).map { "\($0.launch.name) (\($0.launch.date.dayAndMonth)): \($0.risks[0].clause)." }
    if atRisk.count > 3 {
      sentences.append("\(counted(atRisk.count - 3, "more launch", plural: "more launches")) at risk; see below.")
    }
    return sentences
  }

  private var shipped: [QuarterLaunch] {
    launches.filter { [.live, .hypercare, .measuring, .inReview, .closed].contains($0.launch.status) }
  }

  private var ahead: [QuarterLaunch] { launches.filter(\.launch.status.isAhead) }

  private var tiles: [ReportPage.Tile] {
    let going = launches.count { $0.decision?.decision == .go }
    let stale = launches.count { $0.decision?.stale == true }
    let missed = verdicts.count { $0.metric.verdict == .missed }
    let met = verdicts.count { $0.metric.verdict == .met }
    let undone = launches.count { [.postponed, .rolledBack, .cancelled].contains($0.launch.status) }
    return [
      .init(
        label: "shipped", value: "\(shipped.count) of \(launches.count)",
        detail: "\(undone) postponed, rolled back or cancelled"),
      .init(
        label: "at risk", value: String(atRisk.count), detail: "of \(ahead.count) ahead",
        mark: atRisk.isEmpty ? .init("✓", "none", .good) : .init("!", "look at these", .warning)),
      .init(
        label: "GO given", value: String(going), detail: "\(stale) stale",
        mark: stale == 0 ? nil : .init("!", "decide again", .warning)),
      .init(
        label: "metrics met", value: "\(met) of \(verdicts.count)", detail: "\(missed) missed",
        mark: missed == 0 ? nil : .init("✗", "missed", .bad)),
    ]
  }

  private var calendarSection: ReportPage.Section {
    guard !launches.isEmpty else { return .init("launches", "Launches", [.absence("None in this period.")]) }
    let rows = launches.map { entry -> [ReportPage.Cell] in
      let launch = entry.launch
      return [
        .init(launch.name), .init(launch.date.words), .init(String(launch.tier.rawValue)), .init(launch.status.words),
        .init(launch.owner), .init(entry.decision?.decision?.words),
        .init(
          entry.metrics.map { view in
            view.metrics.map { "\($0.key) \($0.verdict.symbol)" }.joined(separator: ", ")
          }),
      ]
    }
    return .init(
      "launches", "Launches",
      [.table(.init(["launch", "@date", "#tier", "status", "owner", "decision", "metrics"], rows))])
  }

  /// The number of launches by tier and status.
  private var countSection: ReportPage.Section {
    let statuses = LaunchStatus.allCases.filter { status in launches.contains { $0.launch.status == status } }
    guard !statuses.isEmpty else { return .init("counts", "By tier and status", [.absence("None in this period.")]) }
    let rows = Tier.allCases.map { tier -> [ReportPage.Cell] in
      let own = launches.filter { $0.launch.tier == tier }
      let counts = statuses.map { status in own.count { $0.launch.status == status } }
      return [.init("\(tier.rawValue) \(tier.title)")] + counts.map { .init($0 == 0 ? "-" : String($0)) } + [
        .init(String(own.count))
      ]
    }
    let columns = ["tier"] + statuses.map { "#\($0.words)" } + ["#all"]
    return .init("counts", "By tier and status", [.table(.init(columns, rows))])
  }

  private var riskSection: ReportPage.Section {
    let rows = atRisk.map { entry -> [ReportPage.Cell] in
      [.init(entry.launch.name), .init(entry.launch.date.words), .init(entry.risks.joined(separator: "; "))]
    }
    return .init(
      "risks", "At risk",
      [
        rows.isEmpty
          ? .absence("Nothing: no blocked function, stale GO or date that is too early.")
          : .table(.init(["launch", "@date", "because"], rows))
      ])
  }

  private var decisionSection: ReportPage.Section {
    let rows = launches.compactMap { entry -> [ReportPage.Cell]? in
      guard let view = entry.decision, let kind = view.decision else { return nil }
      let standing: ReportPage.Mark? =
        view.stale ? .init("!", "stale", .warning) : view.inForce ? .init("✓", "in force", .good) : nil
      return [
        .init(entry.launch.name), .init(kind.words), .init(actorName(view.by ?? "-")), .init(view.at?.minute),
        .init(view.override ? "against the recommendation" : nil, mark: standing), .init(view.reason),
      ]
    }
    return .init(
      "decisions", "Decisions",
      [
        rows.isEmpty
          ? .absence("Nothing has been decided.")
          : .table(.init(["launch", "decision", "by", "@when", "standing", "reason"], rows))
      ])
  }

  private var verdictSection: ReportPage.Section {
    let rows = verdicts.map { launch, metric -> [ReportPage.Cell] in
      [
        .init(launch.name), .init(metric.key),
        .init(.init(metric.verdict.symbol, metric.verdict.rawValue, metric.verdict.tone)),
        .init(metric.figure), .init(metric.comparison),
      ]
    }
    return .init(
      "verdicts", "Verdicts",
      [
        rows.isEmpty
          ? .absence("No launch of this period has been measured yet.")
          : .table(.init(["launch", "metric", "verdict", "#figure", "compared with"], rows))
      ])
  }
}

extension QuarterLaunch {
  /// The reasons why it needs attention before it ships; empty if there are none.
  var risks: [String] {
    guard launch.status.isAhead else { return [] }
    var risks: [String] = []
    if decision?.stale == true { risks.append("the GO went stale") }
    if launch.shortfallDays > 0, !launch.shortfallWaived {
      risks.append("the date is \(counted(launch.shortfallDays, "day")) too early")
    }
    for state in [ReadinessState.blocked, .unknown, .atRisk] {
      let functions = (readiness?.functions ?? []).filter { $0.state == state }.map(\.function.title)
      if !functions.isEmpty { risks.append("\(state.mark.word): \(functions.joined(separator: ", "))") }
    }
    return risks
  }
}

extension QuarterReport {
  /// The report as one table with a line for each launch and metric.
  var table: [[String]] {
    let columns = [
      "launch", "name", "tier", "status", "date", "owner", "decision", "stale", "risks", "metric", "verdict", "value",
    ]
    return [columns]
      + launches.flatMap { entry -> [[String]] in
        let launch = entry.launch
        let own = [
          launch.id.rawValue, CSVText.words(launch.name), String(launch.tier.rawValue), launch.status.rawValue,
          launch.date.description, CSVText.words(launch.owner), entry.decision?.decision?.rawValue ?? "",
          entry.decision.map { $0.stale ? "yes" : "no" } ?? "", entry.risks.joined(separator: "; "),
        ]
        let metrics = (entry.metrics?.metrics ?? []).map { metric in
          [metric.key, metric.verdict.rawValue, metric.known?.value?.allDigits ?? ""]
        }
        return (metrics.isEmpty ? [["", "", ""]] : metrics).map { own + $0 }
      }
  }
}
