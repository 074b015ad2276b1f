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
    page.paragraph(Text("\(total - conflicts.count) more; filter by --launch, --from and --to to see them", .faint))
  }
}

extension Array {
  /// Groups adjacent elements that have the same key, in order.
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
  /// The conflict as an item of a list.
  var point: Text {
    let text = "\(kind.rawValue) \(other): \(reason)"
    guard let accepted else { return Text(text, .warning) }
    return Text("\(text); accepted by \(accepted.by): \(accepted.reason)")
  }
}

extension CalendarView: Displayable {
  func display(on page: inout Page) {
    page.fields([
      "Calendar": Text(calendar ?? "default"),
      "Weekend": Text(weekend.isEmpty ? "none" : weekend.joined(separator: ", ")),
      "Known": Text(known.isEmpty ? "only the default" : known.joined(separator: ", ")),
    ])
    var table = Table(columns: [.left("date"), .left("holiday")], whenEmpty: "no holidays")
    table.rows = holidays.sorted { $0.key < $1.key }.map { [Text($0.key), Text($0.value)] }
    page.table(table)
  }
}

extension WorkdayAnswer: Displayable {
  func display(on page: inout Page) {
    page.paragraph(Text(date))
    page.bullets(notes.map { Text($0, .warning) })
  }
}

extension CalendarPreview: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [
        .left("launch"), .left("date"), .right("items moved"), .right("too late then"), .left("go"), .flexible("name"),
      ],
      whenEmpty: "\(calendar) moves no item of a running launch")
    table.rows = launches.map { launch in
      [
        Text(launch.launch), Text(launch.date), Text(launch.moved), Text(launch.impossible),
        launch.endsGo ? Text("ends", .bad) : Text("-"), Text(launch.name),
      ]
    }
    page.table(table)
  }
}
