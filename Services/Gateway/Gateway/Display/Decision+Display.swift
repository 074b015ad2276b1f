import Contract
import LaunchModel

extension DecisionView: Displayable {
  func display(on page: inout Page) {
    guard let decision else {
      page.paragraph("Nothing has been decided for \(launch).")
      page.bullets(reasons.map { Text($0.detail) })
      return
    }
    page.fields([
      "Decision": Text(decision.label.string + (override ? ", against the recommendation" : ""), decision.label.tone),
      "In force": standing,
      "By": Text([by, at?.short].compactMap(\.self).joined(separator: ", ")),
      "Confirmed": confirmedAt.map { Text($0.short) },
      "Reason": reason.map { Text($0) },
      "Recommended": recommendation?.label,
      "Digest": digest.map { Text($0.shortDigest, .faint) },
    ])
    page.bullets(reasons.map { Text($0.detail) })
  }

  private var standing: Text {
    if inForce { return Text("yes", .good) }
    if stale { return Text("no, stale: something it rests on has changed", .bad) }
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

extension ExposureView: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Exposed": Text("\(percentage.digits(2))%"),
      "Backdated": backdated ? Text("yes: recorded later than it happened", .warning) : nil,
    ])
    var table = Table(
      columns: [.right("attempt"), .left("from"), .left("rolled back")], whenEmpty: "not exposed yet")
    table.rows = attempts.map { [Text($0.attempt), Text($0.startedAt.short), Text($0.rolledBackAt?.short)] }
    page.table(table)
    page.section("Violations", violations.map { Text($0, .bad) })
  }
}
