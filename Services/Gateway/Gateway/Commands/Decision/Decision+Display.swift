import Contract
import LaunchModel

/// A launch's readiness, with its reasons: one line per function, or all of them.
struct ReadinessPage: Displayable {
  var view: ReadinessView
  var showsAll: Bool

  func display(on page: inout Page) {
    page.heading("\(view.name) (\(view.launch)), tier \(view.tier.rawValue), \(view.date)")
    page.halt(view.halt)
    var table = Table(columns: [
      .left("function"), .left("state"), .right("done"), .left("next due"), .left("owners"), .flexible("blocking"),
    ])
    table.rows = view.functions.map { function in
      [
        Text(function.function.title), function.stateText, Text("\(function.done)/\(function.total)"),
        Text(function.nextDue), Text(function.owners.isEmpty ? nil : function.owners.joined(separator: ", ")),
        Text(function.blocking.joined(separator: ", "), .faint),
      ]
    }
    page.table(table)
    page.bullets(view.localeLines.map { Text($0) })
    page.blank()
    page.fields([
      "Recommendation": view.recommendation.label, "Forecast": view.forecast?.summary(by: view.date),
      "Hypercare": view.hypercare?.line,
    ])
    displayReasons(on: &page)
    page.section("At risk", (view.risks ?? []).map { Text($0.detail, .warning) })
    page.section("Waived", view.functions.flatMap(\.waived).map { Text($0, .warning) })
    page.section("Waiver requests", view.functions.flatMap { $0.waiverRequests ?? [] }.map { Text($0, .warning) })
  }

  private func displayReasons(on page: inout Page) {
    guard let groups = view.groups else {
      page.bullets(view.reasons.map { Text($0.detail) })
      return
    }
    guard showsAll else {
      let shown = groups.map { lines(of: $0) }
      page.bullets(shown.joined().map { Text($0) })
      let isFolded = zip(groups, shown).contains { $0.reasons.count > $1.count }
      if isFolded { page.paragraph(Text("gonogo ready \(view.launch) --all shows every reason", .faint)) }
      return
    }
    for group in groups { page.section(group.title, reasons(of: group).map { Text($0.detail) }) }
  }

  private func reasons(of group: ReasonGroup) -> [ReadinessReason] {
    group.reasons.filter(view.reasons.indices.contains).map { view.reasons[$0] }
  }

  /// The lines shown for a group unless all are requested. For the launch as a whole: every reason. For a function: one
  /// line, plus approvals that nobody can give and people who have left, because working on the items does not resolve
  /// those.
  private func lines(of group: ReasonGroup) -> [String] {
    let reasons = reasons(of: group)
    guard group.function != nil else { return reasons.map { "\(group.title): \($0.detail)" } }
    return [group.summary(of: view.reasons)]
      + reasons.dropFirst().filter { ReferenceFault.Code(rawValue: $0.code) != nil }.map(\.detail)
  }
}

extension ForecastView {
  /// `72% chance to be ready by 2027-03-02; likely 2027-02-27 to 2027-03-08; most affected by: load-test (+8%)`.
  fileprivate func summary(by date: LocalDate) -> Text {
    guard chance < 1 || !drivers.isEmpty else { return Text("every blocking item is done", .good) }
    let span = low == high ? "\(low)" : "\(low) to \(high)"
    var text = "\(chance.wholePercent) chance to be ready by \(date); likely \(span)"
    let names = drivers.map { driver in
      let name = ItemReference(key: driver.item, instance: driver.instance).name
      return driver.gain >= 0.005 ? "\(name) (+\(driver.gain.wholePercent))" : name
    }
    if !names.isEmpty { text += "; most affected by: \(names.joined(separator: ", "))" }
    if let note { text += "; \(note)" }
    return Text(text, tone)
  }

  fileprivate var tone: Text.Tone { note != nil ? .faint : chance >= 0.8 ? .good : chance >= 0.5 ? .warning : .bad }
}

extension Double {
  /// A share in whole percent; 0% and 100% are shown only if the share is exactly that.
  fileprivate var wholePercent: String {
    switch self {
    case 0.995..<1: ">99%"
    case ..<0.005 where self > 0: "<1%"
    default: "\(Int((self * 100).rounded()))%"
    }
  }
}

extension BoardView: Displayable {
  func display(on page: inout Page) {
    let functions = LaunchFunction.allCases.sorted()
    let hasForecast = launches.contains { $0.forecast != nil }
    var columns: [Table.Column] = [.flexible("launch"), .left("t"), .left("date"), .left("call")]
    if hasForecast { columns.append(.right("chance").omittable(0)) }
    columns += functions.map { .left($0.boardTitle) }
    var table = Table(columns: columns, whenEmpty: "no launches are running")
    table.rows = launches.map { launch in
      var row = [Text(launch.launch), Text(launch.tier.rawValue), Text(launch.date), launch.recommendation.label]
      if hasForecast { row.append(launch.forecast.map { Text($0.chance.wholePercent, $0.tone) } ?? Text("")) }
      row += functions.map { function in
        launch.functions.first { $0.function == function }?.boardCell ?? Text("")
      }
      return row
    }
    page.halt(halt)
    page.table(table)
    let risks = launches.flatMap { launch in (launch.risks ?? []).map { "\(launch.launch): \($0.detail)" } }
    page.bullets(risks.map { Text($0, .warning) })
    if !launches.isEmpty {
      let isWaived = launches.contains { $0.functions.contains { !$0.waived.isEmpty } }
      let legend = "✓ ready  · on track  ! at risk  ✗ blocked  ? unknown; items done/total"
      page.paragraph(Text(isWaived ? "\(legend); 2w: 2 waived" : legend, .faint))
    }
    page.section(
      "Locales", launches.flatMap { launch in launch.localeLines.map { Text("\(launch.launch): \($0)") } })
    page.section(
      "Hypercare",
      launches.compactMap { launch in
        launch.hypercare.map { Text("\(launch.launch): \($0.line.string)", $0.line.tone) }
      })
  }
}

extension ReadinessView {
  /// The functions that are ready in some locales and not in others, for example `Support: ready in en and de, fr
  /// missing`.
  fileprivate var localeLines: [String] {
    functions.compactMap { function in
      guard let locales = function.locales, !locales.ready.isEmpty, !locales.missing.isEmpty else { return nil }
      return "\(function.function.title): \(locales)"
    }
  }
}

extension FunctionReadiness {
  fileprivate var boardCell: Text {
    Text("\(state.symbol) \(done)/\(total)\(waived.isEmpty ? "" : " \(waived.count)w")", state.tone)
  }

  /// The state, always with the number of waived items, for example `ready, 2 waived`.
  fileprivate var stateText: Text {
    waived.isEmpty ? state.label : Text("\(state.label.string), \(waived.count) waived", state.label.tone)
  }
}

extension LaunchFunction {
  /// The title in a form short enough for a board of seven columns.
  fileprivate var boardTitle: String {
    switch self {
    case .engineering: "eng"
    case .product: "prod"
    case .marketing: "mktg"
    case .cs: "cs"
    case .sales: "sales"
    case .support: "supp"
    case .productOps: "ops"
    }
  }
}

extension PollView: Displayable {
  func display(on page: inout Page) {
    page.halt(halt)
    guard required else {
      page.paragraph("\(launch) needs no poll: launches of its tier have none.")
      return
    }
    var table = Table(
      columns: [.left("function"), .left("vote"), .left("by"), .left("when"), .flexible("note")])
    table.rows =
      votes.map { vote in
        [Text(vote.function.title), vote.answer.label, Text(vote.by), Text(vote.at.short), Text(vote.note ?? "")]
      } + silent.map { [Text($0.title), Text("no answer", .warning), "", "", ""] }
    page.table(table)
  }
}

extension PollAnswer.Answer {
  fileprivate var label: Text {
    switch self {
    case .go: Text("go", .good)
    case .noGo: Text("no-go", .bad)
    }
  }
}

extension DecisionView: Displayable {
  func display(on page: inout Page) {
    guard let decision else {
      page.paragraph("Nothing has been decided on \(launch).")
      page.bullets(reasons.map { Text($0.detail) })
      return
    }
    page.fields([
      "Decision": Text(decision.label.string + (override ? ", against the recommendation" : ""), decision.label.tone),
      "In force": standing,
      "By": Text([by, at?.short].compactMap(\.self).joined(separator: ", ")),
      "Confirmed": confirmedAt.map { Text($0.short) },
      "Reason": reason.map { Text($0) },
      "Artifact": artifact.map { Text($0) },
      "Recommended": recommendation?.label,
      "Digest": digest.map { Text($0.shortDigest, .faint) },
    ])
    page.bullets(reasons.map { Text($0.detail) })
  }

  private var standing: Text {
    if inForce { return Text("yes", .good) }
    if reasons.contains(where: { $0.code == "halted" }) { return Text("no, the line is halted", .bad) }
    if stale { return Text("no, stale: something that it is based on has changed", .bad) }
    if provisional { return Text("not yet: provisional until the launch date", .warning) }
    return Text("no", .warning)
  }
}

extension GateView: Displayable {
  func display(on page: inout Page) {
    page.paragraph(
      open
        ? Text("open: \(launch) may ship (\(decision?.label.string ?? "-") by \(by ?? "-"))", .good)
        : Text("closed: \(launch) may not ship", .bad))
    page.bullets(reasons.map { Text($0.detail) })
  }
}

extension ExposurePreview: Displayable {
  func display(on page: inout Page) {
    exposure.display(on: &page)
    page.section("Breaks", breaks.map { Text(withoutViolationCode($0), .bad) })
  }
}

extension ExposureView: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Exposed": Text("\(percentage.digits(2))%"),
      "Backdated": backdated ? Text("yes: recorded after the fact", .warning) : nil,
    ])
    let isRolledBack = attempts.contains { $0.rolledBackBy != nil }
    var table = Table(
      columns: [.right("attempt"), .left("from"), .left("rolled back")]
        + (isRolledBack ? [.left("by"), .flexible("because")] : []),
      whenEmpty: "not exposed yet")
    table.rows = attempts.map { attempt in
      [Text(attempt.attempt), Text(attempt.startedAt.short), Text(attempt.rolledBackAt?.short)]
        + (isRolledBack ? [Text(attempt.rolledBackBy ?? ""), Text(attempt.rollbackReason ?? "")] : [])
    }
    page.table(table)
    page.section(
      violationCount.map { "Violations (\($0), the first and the last 10)" } ?? "Violations",
      violations.map { Text(withoutViolationCode($0), .bad) })
  }
}

/// Returns a violation without its leading code, such as `no-go-in-force: `, which is meant for programs.
func withoutViolationCode(_ violation: String) -> String {
  guard let mark = violation.firstRange(of: ": ") else { return violation }
  let isCode = violation[..<mark.lowerBound].allSatisfy { $0.isLowercase || $0 == "-" }
  return isCode ? String(violation[mark.upperBound...]) : violation
}
