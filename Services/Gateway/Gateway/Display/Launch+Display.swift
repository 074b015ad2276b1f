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
      ], whenEmpty: "no such launches; gonogo launch propose FILE proposes one")
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
  /// As `14 d`, and whether that is waived.
  fileprivate var shortfall: Text {
    if shortfallDays == 0 { return "" }
    return shortfallWaived ? Text("\(shortfallDays) d, waived") : Text("\(shortfallDays) d", .warning)
  }
}

extension LaunchHistory: Displayable {
  func display(on page: inout Page) { page.history(entries) }
}

extension Page {
  /// What was done, oldest first.
  mutating func history(_ entries: [HistoryEntry]) {
    var table = Table(
      columns: [.left("when"), .left("who"), .left("what"), .flexible("detail")], whenEmpty: "nothing yet")
    table.rows = entries.map { [Text($0.at.short), Text($0.by), Text($0.action), Text($0.detail ?? "")] }
    self.table(table)
  }

  /// Why a launch has its tier, and what would change it.
  fileprivate mutating func explain(
    reasons: [TierReason], assumed: [String], openQuestions: [String], alternatives: [TierAlternative]
  ) {
    section("Why this tier", reasons.map(\.point))
    section("Assumed", assumed.map { Text($0) })
    section("Open questions", openQuestions.map { Text($0, .warning) })
    section(
      "What would give another tier",
      Tier.allCases.flatMap { tier in Self.points(alternatives.filter { $0.tier == tier }) })
  }

  /// The smallest changes that give a tier, and how many more there are.
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

  /// Of each other tier.
  private static let shownAlternatives = 3

  /// A heading with points below it; nothing where there are none.
  mutating func section(_ title: String, _ points: [Text]) {
    guard !points.isEmpty else { return }
    heading(Text(title))
    bullets(points)
  }
}

extension Text {
  /// An earliest date and what puts it off to that day; none behind a blackout without an end.
  fileprivate static func earliest(_ date: LocalDate, because: [String]) -> Text {
    guard date.isPlain else { return Text("none: \(because.joined(separator: "; "))", .bad) }
    return Text(because.isEmpty ? "\(date)" : "\(date): \(because.joined(separator: "; "))")
  }
}

extension Shortfall {
  /// How much, and whether it is waived; why, a section says.
  var text: Text {
    guard let waived else { return Text("\(counted(days, "day")), to be waived before GO", .warning) }
    return Text("\(counted(days, "day")), waived by \(waived.by): \(waived.reason)")
  }
}

extension Page {
  /// What a date is too early for.
  mutating func explain(_ shortfall: Shortfall?) {
    section("Why the date is too early", (shortfall?.because ?? []).map { Text($0) })
  }
}

extension Facts {
  /// As a launch file states them.
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
  /// The sentence, with the facts that it rests on and the rule.
  var point: Text {
    let facts = facts.isEmpty ? "" : ": \(facts.joined(separator: ", "))"
    return Text("tier \(tier.rawValue): \(detail) (\(rule)\(facts))")
  }
}
