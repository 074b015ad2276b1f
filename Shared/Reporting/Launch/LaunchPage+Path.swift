import Contract
import LaunchModel

/// The launch's path: readiness, dated work, the decision and the findings on the way.
extension LaunchReport {
  var readinessSection: ReportPage.Section {
    guard let readiness else {
      return ReportPage.Section("readiness", "Readiness by function", [.absence("It could not be read.")])
    }
    let rows = readiness.functions.map { function -> [ReportPage.Cell] in
      [
        .init(function.function.title), .init(function.state.mark), .init("\(function.done) of \(function.total)"),
        .init(titles(of: function.waived)), .init(titles(of: function.blocking)),
      ]
    }
    let votes = (poll?.votes ?? []).map { vote in
      let note = vote.note.map { " (\($0))" } ?? ""
      return "\(vote.function.title): \(vote.answer == .go ? "go" : "no-go") by \(actorName(vote.by))\(note)"
    }
    let silent = (poll?.silent ?? []).map(\.title)
    var blocks: [ReportPage.Block] = [.table(.init(["function", "state", "#done", "waived", "blocking"], rows))]
    if poll?.required == true {
      let missing = silent.isEmpty ? [] : ["No answer: \(silent.joined(separator: ", "))"]
      blocks.append(.text("Poll: \((votes + missing).joined(separator: "; "))."))
    }
    return ReportPage.Section("readiness", "Readiness by function", blocks)
  }

  /// Items by their titles; by their names, such as `kb-article/de`, those that are not known.
  private func titles(of names: [String]) -> String {
    let titles = names.map { name in items?.first { $0.reference.name == name }?.displayName ?? name }
    return titles.joined(separator: ", ")
  }

  /// Every item with the day it was due and the day it was done.
  var timelineSection: ReportPage.Section {
    guard let items, !items.isEmpty else {
      let absence = items == nil ? "The items could not be read." : "There are no items."
      return ReportPage.Section("timeline", "Due and done", [.absence(absence)])
    }
    let functions = Set(items.map(\.function)).sorted()
    let groups = functions.map { function in
      TimelineChart.Group(
        name: function.title,
        rows: items.filter { $0.function == function }.sorted {
          ($0.due, $0.reference.name) < ($1.due, $1.reference.name)
        }
        .map(\.timelineRow))
    }
    var moments = [TimelineChart.Moment(date: launch.plan.date, label: "launch \(launch.plan.date.dayAndMonth)")]
    if let shipped = exposure?.attempts.last.map({ zone.localDate(at: $0.startedAt) }), shipped != launch.plan.date {
      moments = [TimelineChart.Moment(date: shipped, label: "shipped \(shipped.dayAndMonth)")]
    }
    let done = items.compactMap { item in item.doneOn.map { (item: item, on: $0) } }
    let late = done.filter { $0.on > $0.item.due }
    let worst = late.max { $0.on.ordinal - $0.item.due.ordinal < $1.on.ordinal - $1.item.due.ordinal }
    var summary =
      "\(done.count) of \(counted(items.count, "item")) done, \(done.count - late.count) on time, \(late.count) late"
    if let worst {
      summary +=
        "; the latest was \(worst.item.displayName), \(counted(worst.on.ordinal - worst.item.due.ordinal, "day")) after it was due"
    }
    let chart = TimelineChart(
      title: "Items by due date and the day they were done", summary: summary + ".", groups: groups, moments: moments)
    return ReportPage.Section("timeline", "Due and done", [.chart(chart)])
  }

  var decisionSection: ReportPage.Section {
    guard let decision else {
      return ReportPage.Section("decision", "Decision", isHalf: true, [.absence("It could not be read.")])
    }
    guard let kind = decision.decision else {
      return ReportPage.Section("decision", "Decision", isHalf: true, [.absence("Nothing has been decided.")])
    }
    let when = decision.at.map { " on \(zone.localDate(at: $0).words)" } ?? ""
    var lines = ["\(kind.words) by \(decision.by ?? "-")\(when)."]
    if let recommendation = decision.recommendation {
      let words = recommendation == .go ? "GO" : "NO-GO"
      lines.append("The recommendation was \(words)\(decision.override ? ", and was overridden" : "").")
    }
    if let reason = decision.reason { lines.append("Reason: \(reason.clause).") }
    if let confirmed = decision.confirmedAt { lines.append("Confirmed on \(zone.localDate(at: confirmed).words).") }
    if decision.stale { lines.append("It went stale: something that it was based on has changed for the worse.") }
    lines += decision.reasons.map { "\($0.detail.clause)." }
    return ReportPage.Section("decision", "Decision", isHalf: true, [.list(lines)])
  }

  /// Overrides, violations, waivers and stale decisions or items.
  var findingsSection: ReportPage.Section {
    var lines: [String] = []
    if let override = launch.override {
      lines.append(
        "Tier \(override.tier.rawValue) in place of \(launch.tierComputed.rawValue), by \(actorName(override.by)): "
          + "\(override.reason.clause).")
    }
    if let shortfall = launch.shortfall {
      let waived = shortfall.waived.map { ", waived by \(actorName($0.by)): \($0.reason.clause)" } ?? ""
      lines.append("The date was \(counted(shortfall.days, "day")) too early\(waived).")
    }
    lines += (exposure?.violations ?? []).map { "Violation: \(Self.withoutCode($0).clause)." }
    lines += (agenda?.readiness ?? []).filter { $0.kind != "violation" }.map { point in
      let outcome = words(ofOutcome: point.outcome).map { " Outcome: \($0.clause)." } ?? ""
      return
        "\(point.kind.split(separator: "-").joined(separator: " ").sentenceCase): \(point.detail.clause).\(outcome)"
    }
    if agenda == nil {
      lines += (items ?? []).filter { $0.state == .waived }.map { item in
        "Waived: \(item.displayName)\(item.reason.map { ": \($0.clause)" } ?? "")."
      }
    }
    if exposure == nil || items == nil {
      lines.append("There may be more: the exposure or the items could not be read.")
    }
    let none = ReportPage.Block.absence("None: no override, violation, waiver or late item.")
    let block: ReportPage.Block = lines.isEmpty ? none : .list(lines)
    return ReportPage.Section("findings", "Overrides, violations, waivers", isHalf: true, [block])
  }

  /// The exposure, whether the audit chains that the report cites are intact and, folded, digests, chains and codes.
  var recordSection: ReportPage.Section {
    var blocks: [ReportPage.Block] = []
    let attempts = (exposure?.attempts ?? []).map { attempt in
      let back = attempt.rolledBackAt.map { at in
        ", rolled back \(at.minute)" + (attempt.rollbackReason.map { ": \($0.clause)" } ?? "")
      }
      return "Attempt \(attempt.attempt): exposed from \(attempt.startedAt.minute)\(back ?? "")."
    }
    if !attempts.isEmpty { blocks.append(.list(attempts)) }
    if chains.isEmpty {
      blocks.append(.absence("No audit chain could be read."))
    } else {
      let broken = chains.filter { $0.broken != nil }.map(\.service.rawValue)
      let are = broken.isEmpty ? "intact" : "not all intact: \(broken.joined(separator: ", "))"
      blocks.append(.text("The audit chains are \(are)."))
    }
    let folded = proofs + codes
    if !folded.isEmpty { blocks.append(.details("Digests, audit chains and codes", folded)) }
    return ReportPage.Section("record", "Record", blocks)
  }

  /// The digests and the heads of the audit chains.
  private var proofs: [ReportPage.Block] {
    let digests = [
      ("The definition of the metrics", metrics?.digest), ("What the decision rested on", decision?.digest),
      ("The agenda of the review", review?.digest),
    ]
    let lines = digests.compactMap { subject, digest in digest.map { "\(subject): \($0)" } }
    var blocks: [ReportPage.Block] = lines.isEmpty ? [] : [.list(lines)]
    guard !chains.isEmpty else { return blocks }
    let rows = chains.map { chain -> [ReportPage.Cell] in
      let state: ReportPage.Mark = chain.broken == nil ? .init("✓", "intact", .good) : .init("✗", "broken", .bad)
      return [
        .init(chain.service.rawValue), .init(chain.broken, mark: state), .init(String(chain.head.length)),
        .init(chain.head.hash),
      ]
    }
    blocks.append(.table(.init(["audit chain", "state", "#links", "hash of the last link"], rows)))
    return blocks
  }
}

extension ItemView {
  /// The title, with the item's instance if it has one: `Help article (de)`.
  fileprivate var displayName: String { instance.map { "\(title) (\($0))" } ?? title }

  fileprivate var timelineRow: TimelineChart.Row {
    var row = TimelineChart.Row(label: displayName, due: due, done: doneOn, remark: "", tone: .neutral)
    switch state {
    case .done:
      guard let doneOn else { return row }
      let days = doneOn.ordinal - due.ordinal
      row.tone = days > 0 ? .bad : .good
      row.remark =
        days == 0 ? "on the day" : days > 0 ? "\(counted(days, "day")) late" : "\(counted(-days, "day")) early"
    case .waived: row.remark = "waived"
    case .notApplicable: row.remark = "not applicable"
    default:
      row.remark = overdue ? "not done, overdue" : "not done"
      row.tone = overdue ? .bad : .neutral
    }
    return row
  }
}

extension ReadinessState {
  var mark: ReportPage.Mark {
    switch self {
    case .ready: .init("✓", "ready", .good)
    case .onTrack: .init("·", "on track", .neutral)
    case .atRisk: .init("!", "at risk", .warning)
    case .blocked: .init("✗", "blocked", .bad)
    case .unknown: .init("?", "unknown", .warning)
    }
  }
}
