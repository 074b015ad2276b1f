import Contract
import LaunchModel

extension LaunchDiff: Displayable {
  func display(on page: inout Page) {
    guard !changed.isEmpty else {
      page.paragraph("Nothing would change.")
      return
    }
    page.heading(Text("What would change of \(launch)"))
    page.fields([
      "Version": Text("\(version), before the change"),
      "Tier": Self.change(tier.from.label.string, tier.to.label.string),
      "Computed": override == nil && tierComputed.to == tier.to
        ? nil : Self.change(tierComputed.from.label.string, tierComputed.to.label.string),
      "Override": override.map { Text("tier \($0.tier.rawValue), set by \($0.by): \($0.reason)", .warning) },
      "Date": Self.change(date.from.description, date.to.description),
      "Earliest": Self.change(earliestDate.from.description, earliestDate.to.description),
      "Shortfall": shortfall?.text,
    ])
    page.section("Changes", told.map { Text($0) })
    page.explain(shortfall)
    page.section("Why this tier", tierReasons.map(\.point))
    checklist?.display(on: &page)
    page.section("Conflicts", conflicts.map(\.point))
    page.section("Notes", notes.map { Text($0) })
    page.section("What it needs", needs.map { Text($0, .warning) })
  }

  private static func change(_ from: String, _ to: String) -> Text {
    from == to ? Text(to) : Text("\(from) → \(to)", .strong)
  }
}

extension ChecklistPreview: Displayable {
  func display(on page: inout Page) {
    page.heading("Checklist")
    page.fields([
      "Items": Text("\(added.count) added, \(removed.count) removed, \(kept) kept, \(moved.count) moved"),
      "Approvals": approvalsStanding.isEmpty && approvalsFalling.isEmpty
        ? nil : Text("\(approvalsStanding.count) stand, \(approvalsFalling.count) fall"),
      "Poll": votesFalling.isEmpty
        ? nil : Text("falls for \(votesFalling.map(\.title).joined(separator: ", "))", .warning),
    ])
    page.section("Added", added.map { Text("\($0.label), due \($0.due)") })
    page.section("Removed", removed.map { $0.removedText })
    page.section("Moved", moved.map { Text("\($0.label): due \($0.due), was \($0.wasDue.map(\.description) ?? "-")") })
    page.section("No longer possible in time", impossible.map { Text($0.detail ?? $0.label, .bad) })
    page.section("No longer valid", stale.map { Text($0.detail ?? $0.label, .warning) })
    page.section("Approvals that fall", approvalsFalling.map { Text($0, .warning) })
    page.section("The standing GO goes stale", decisionStale.map { Text($0.detail, .bad) })
  }
}

extension ChecklistPreview.Item {
  fileprivate var label: String { "\(instance.map { "\(key)/\($0)" } ?? key) (\(function.title))" }

  fileprivate var removedText: Text {
    let what = "\(label), \(state.rawValue)"
    return failing ? Text("\(what), failing: \(detail ?? "")", .bad) : Text(what)
  }
}
