import Contract
import LaunchModel

extension ConflictList: Displayable {
  func display(on page: inout Page) {
    guard !conflicts.isEmpty else { return page.paragraph(Text("no conflicts", .faint)) }
    for (launch, group) in conflicts.grouped(by: \.conflict.launch) {
      page.heading(Text("\(launch), \(group.first.map { $0.date.description } ?? "")"))
      page.bullets(group.map(\.conflict.point))
    }
    guard total > conflicts.count else { return }
    page.blank()
    page.paragraph(Text("\(total - conflicts.count) more; name a launch or dates to see them", .faint))
  }
}

extension Array {
  /// Neighbours with the same key, in their order.
  fileprivate func grouped<Key: Equatable>(by key: (Element) -> Key) -> [(key: Key, elements: [Element])] {
    reduce(into: []) { groups, element in
      if let last = groups.indices.last, groups[last].key == key(element) {
        groups[last].elements.append(element)
      } else {
        groups.append((key(element), [element]))
      }
    }
  }
}

extension LaunchConflict {
  /// The reason, and who accepted it.
  var told: String {
    guard let accepted else { return reason }
    return "\(reason); accepted by \(accepted.by): \(accepted.reason)"
  }

  /// As a launch's page shows it.
  var point: Text { Text("\(kind.rawValue) \(other): \(told)", accepted == nil ? .warning : .plain) }
}

extension BlackoutList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("blackout"), .left("from"), .left("to"), .left("tiers"), .right("stops"), .right("excepts"),
        .flexible("why"),
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
      "Exceptions",
      blackout.exceptions.map { Text("\($0.launch), by \($0.accepted.by): \($0.accepted.reason)") })
  }
}

extension Blackout {
  /// As `all`, or `0 1`.
  var tiersText: String {
    tiers == Tier.allCases ? "all" : tiers.map { String($0.rawValue) }.joined(separator: " ")
  }
}
