import Contract
import LaunchModel

extension LaunchRecord: Displayable {
  func display(on page: inout Page) {
    page.heading("\(plan.name) (\(plan.launch))")
    page.fields([
      "Tier": override.map { Text("\(tier.label.string), set by \($0.by): \($0.reason)", .warning) } ?? tier.label,
      "Computed": override == nil ? nil : tierComputed.label,
      "Policy": policyVersion.map { Text("version \($0)") },
      "Date": Text("\(plan.date) (\(plan.date.weekday.rawValue)), \(plan.timeZone)"),
      "Earliest": .earliest(earliestDate, because: earliestBecause),
      "Shortfall": shortfall?.text,
      "Status": status.label,
      "Owner": Text(plan.owner),
      "Feature": Text(plan.feature),
      "Calendar": plan.calendar.map { Text($0) },
      "Calendars": plan.calendars.isEmpty
        ? nil : Text(plan.calendars.sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")),
      "Locales": Text(plan.locales.joined(separator: ", ")),
      "Segments": plan.segments.isEmpty ? nil : Text(plan.segments.joined(separator: ", ")),
      "All-Hands": plan.allHands.map { Text($0) },
      "Facts": Text(plan.facts.summary),
      "Rollout": plan.rollout.map { Text($0.summary) },
      "Version": Text(version),
      "Proposed": Text("\(proposedAt.short) by \(proposedBy)"),
      "Confirmed": confirmation.map { Text("\($0.at.short) by \($0.by)") },
    ])
    page.explain(shortfall)
    page.explain(
      reasons: tierReasons, assumed: assumed, openQuestions: openQuestions, alternatives: alternatives)
    page.section("Conflicts", conflicts.map(\.point))
    page.section("Notes", notes.map { Text($0) })
  }
}

extension Classification: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Tier": tier.label, "Earliest": earliestDate.map { .earliest($0, because: earliestBecause) },
      "Shortfall": shortfall?.text,
    ])
    page.explain(shortfall)
    page.explain(
      reasons: tierReasons, assumed: assumed, openQuestions: openQuestions, alternatives: alternatives)
    page.section("Conflicts", conflicts.map(\.point))
    page.section("Notes", notes.map { Text($0) })
  }
}

extension LaunchList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("launch"), .flexible("name"), .left("tier"), .left("date"), .left("status"), .left("owner"),
        .right("short by"),
      ], whenEmpty: "no launches; propose one with gonogo launch propose FILE")
    table.rows = launches.map { launch in
      [
        Text(launch.id), Text(launch.name), launch.tier.label, Text(launch.date), launch.status.label,
        Text(launch.owner), launch.shortfall,
      ]
    }
    page.table(table)
  }
}

extension LaunchSummary {
  /// `14 d`, or `14 d, waived`.
  fileprivate var shortfall: Text {
    if shortfallDays == 0 { return "" }
    return shortfallWaived ? Text("\(shortfallDays) d, waived") : Text("\(shortfallDays) d", .warning)
  }
}

extension LaunchHistory: Displayable {
  func display(on page: inout Page) { page.history(entries) }
}

extension Page {
  /// Adds the changes, oldest first.
  mutating func history(_ entries: [HistoryEntry]) {
    var table = Table(
      columns: [.left("when"), .left("who"), .left("what"), .flexible("detail")], whenEmpty: "nothing yet")
    table.rows = entries.map { [Text($0.at.short), Text($0.by), Text($0.action), Text($0.detail ?? "")] }
    self.table(table)
  }

  /// Adds why a launch has its tier, and what would change the tier.
  fileprivate mutating func explain(
    reasons: [TierReason], assumed: [String], openQuestions: [String], alternatives: [TierAlternative]
  ) {
    section("Why this tier", reasons.map(\.point))
    section("Assumed", assumed.map { Text($0) })
    section("Open questions", openQuestions.map { Text($0, .warning) })
    section(
      "What would change the tier",
      Tier.allCases.flatMap { tier in Self.points(alternatives.filter { $0.tier == tier }) })
  }

  /// Returns the smallest changes that would result in a tier, and the number of further ones.
  private static func points(_ alternatives: [TierAlternative]) -> [Text] {
    let smallest = alternatives.enumerated().sorted {
      ($0.element.changes.count, $0.offset) < ($1.element.changes.count, $1.offset)
    }
    let shown = smallest.prefix(shownAlternatives).map { _, alternative in
      Text("tier \(alternative.tier.rawValue): \(alternative.changes.joined(separator: "; "))")
    }
    guard let tier = alternatives.first?.tier, alternatives.count > shown.count else { return shown }
    return shown + [Text("tier \(tier.rawValue): \(alternatives.count - shown.count) more with -o json", .faint)]
  }

  /// The number of alternatives shown for each tier.
  private static let shownAlternatives = 3
}

extension Text {
  /// Returns an earliest date and the reasons for it; no date if a blackout has no end.
  fileprivate static func earliest(_ date: LocalDate, because: [String]) -> Text {
    guard date.isPlain else { return Text("none: \(because.joined(separator: "; "))", .bad) }
    return Text(because.isEmpty ? "\(date)" : "\(date): \(because.joined(separator: "; "))")
  }
}

extension Shortfall {
  /// The number of days, and whether they are waived; the reasons are listed in a separate section.
  var text: Text {
    guard let waived else { return Text("\(counted(days, "day")) too early; waive it before GO", .warning) }
    return Text("\(counted(days, "day")) too early, waived by \(waived.by): \(waived.reason)")
  }
}

extension Page {
  /// Adds the reasons why a date is too early.
  mutating func explain(_ shortfall: Shortfall?) {
    section("Why the date is too early", (shortfall?.because ?? []).map { Text($0) })
  }
}

extension Facts {
  /// The facts in the wording of a launch file.
  fileprivate var summary: String {
    var parts = ChangeKind.allCases.filter(kinds.contains).map(\.rawValue)
    switch audience {
    case .known(let known)?: parts.append("audience \(known.rawValue)")
    case .unknown?: parts.append("audience unknown")
    case nil: break
    }
    for flag in LaunchModel.Flag.allCases {
      switch flags[flag] {
      case .known(true)?: parts.append(flag.rawValue)
      case .known(false)?: parts.append("not \(flag.rawValue)")
      case .unknown?: parts.append("\(flag.rawValue) unknown")
      case nil: break
      }
    }
    return parts.joined(separator: ", ")
  }
}

extension Rollout {
  fileprivate var summary: String {
    let steps = stages.isEmpty ? "" : " " + stages.map { "\($0.digits(2))%" }.joined(separator: " → ")
    return "\(kind.rawValue)\(steps)" + (flag.map { ", flag \($0)" } ?? "")
  }
}

extension TierReason {
  /// The reason with its rule, and the facts that it is based on.
  var point: Text {
    let facts = facts.isEmpty ? "" : ": \(facts.joined(separator: ", "))"
    return Text("tier \(tier.rawValue): \(detail) (\(rule)\(facts))")
  }
}

extension LaunchDiff: Displayable {
  func display(on page: inout Page) {
    guard !changed.isEmpty else {
      page.paragraph("Nothing would change.")
      return
    }
    page.heading(Text("Changes to \(launch)"))
    page.fields([
      "Version": Text("\(version) (before the change)"),
      "Tier": Self.change(tier.from.label.string, tier.to.label.string),
      "Computed": override == nil && tierComputed.to == tier.to
        ? nil : Self.change(tierComputed.from.label.string, tierComputed.to.label.string),
      "Override": override.map { Text("tier \($0.tier.rawValue), set by \($0.by): \($0.reason)", .warning) },
      "Date": Self.change(date.from.description, date.to.description),
      "Earliest": Self.change(earliestDate.from.description, earliestDate.to.description),
      "Shortfall": shortfall?.text,
    ])
    page.section("Fields", told.map { Text($0) })
    page.explain(shortfall)
    page.section("Why this tier", tierReasons.map(\.point))
    checklist?.display(on: &page)
    page.section("Conflicts", conflicts.map(\.point))
    page.section("Notes", notes.map { Text($0) })
    page.section("Required", needs.map { Text($0, .warning) })
  }

  private static func change(_ from: String, _ to: String) -> Text {
    from == to ? Text(to) : Text("\(from) → \(to)", .strong)
  }
}

extension ChecklistPreview: Displayable {
  func display(on page: inout Page) {
    page.heading("Checklist")
    page.fields([
      "Items": Text("\(added.count) added, \(removed.count) removed, \(kept) unchanged, \(moved.count) rescheduled"),
      "Approvals": approvalsStanding.isEmpty && approvalsFalling.isEmpty
        ? nil : Text("\(approvalsStanding.count) kept, \(approvalsFalling.count) lost"),
      "Poll": votesFalling.isEmpty
        ? nil : Text("votes lost: \(votesFalling.map(\.title).joined(separator: ", "))", .warning),
    ])
    page.section("Added", added.map { Text("\($0.label), due \($0.due)") })
    page.section("Removed", removed.map { $0.removedText })
    page.section(
      "Rescheduled", moved.map { Text("\($0.label): due \($0.due), was \($0.wasDue.map(\.description) ?? "-")") })
    page.section("No longer possible in time", impossible.map { Text($0.detail ?? $0.label, .bad) })
    page.section("No longer valid", stale.map { Text($0.detail ?? $0.label, .warning) })
    page.section("Approvals lost", approvalsFalling.map { Text($0, .warning) })
    page.section("The current GO goes stale", decisionStale.map { Text($0.detail, .bad) })
  }
}

extension ChecklistPreview.Item {
  fileprivate var label: String { "\(instance.map { "\(key)/\($0)" } ?? key) (\(function.title))" }

  fileprivate var removedText: Text {
    let what = "\(label), \(state.rawValue)"
    return failing ? Text("\(what), failing: \(detail ?? "")", .bad) : Text(what)
  }
}
