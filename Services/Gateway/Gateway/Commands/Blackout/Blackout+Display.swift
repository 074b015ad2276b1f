import Contract
import LaunchModel

extension BlackoutList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("blackout"), .left("from"), .left("to"), .left("tiers"), .right("stops"), .right("exempts"),
        .flexible("reason"),
      ],
      whenEmpty: "no blackouts; set one with gonogo calendar blackout set")
    table.rows = blackouts.map { view in
      let blackout = view.blackout
      return [
        Text(blackout.key), Text(blackout.from), Text(blackout.to), Text(blackout.tiersText),
        Text(view.stopped.count), Text(blackout.exceptions.count), Text(blackout.reason),
      ]
    }
    page.table(table)
  }
}

extension BlackoutPreview: Displayable {
  func display(on page: inout Page) {
    page.heading(Text("Blackout \(blackout.key), \(blackout.from) to \(blackout.to), tiers \(blackout.tiersText)"))
    var table = Table(
      columns: [.left("stops"), .left("t"), .left("date"), .left("owner"), .left("go"), .flexible("name")],
      whenEmpty: "stops no launch")
    table.rows = stops.map { stop in
      [
        Text(stop.launch), Text(stop.tier.rawValue), Text(stop.date), Text(stop.owner), stop.effect, Text(stop.name),
      ]
    }
    page.table(table)
    page.section("No longer stopped", releases.map { Text($0.description) })
  }
}

extension BlackoutPreview.Launch {
  /// What happens to the launch's GO.
  fileprivate var effect: Text {
    switch endsGo {
    case true?: Text("ends", .bad)
    case false?: Text("-")
    case nil: Text("unknown", .warning)
    }
  }
}

extension BlackoutView: Displayable {
  func display(on page: inout Page) {
    page.heading(Text("Blackout \(blackout.key)"))
    page.fields([
      "From": Text("\(blackout.from) (\(blackout.from.weekday.rawValue))"),
      "To": Text("\(blackout.to) (\(blackout.to.weekday.rawValue))"),
      "Tiers": Text(blackout.tiersText),
      "Reason": Text(blackout.reason),
      "Set": Text("\(blackout.at.short) by \(blackout.by)"),
    ])
    page.section("Stops", stopped.map { Text($0.description, .warning) })
    page.section(
      "Exemptions",
      blackout.exceptions.map { Text("\($0.launch), by \($0.accepted.by): \($0.accepted.reason)") })
  }
}

extension Blackout {
  /// `all`, or the numbers of the tiers: `0 1`.
  var tiersText: String {
    tiers == Tier.allCases ? "all" : tiers.map { String($0.rawValue) }.joined(separator: " ")
  }
}
