import Contract
import LaunchModel

extension RosterView: Displayable {
  func display(on page: inout Page) {
    guard rosterVersion > 0 else {
      page.paragraph(
        "No roster is adopted: names are not checked, and everyone may do everything. See gonogo roster adopt."
      )
      return
    }
    page.heading("Roster version \(rosterVersion)")
    page.roster(document)
  }
}

extension RosterAdopted: Displayable {
  func display(on page: inout Page) {
    page.heading(Text("Roster version \(rosterVersion) adopted", .good))
    page.roster(document)
    guard let departures else { return }
    page.heading("Not on the roster any more")
    page.holdings(departures, whenEmpty: "")
  }
}

extension ReferenceReport: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.left("launch"), .left("problem"), .flexible("detail")],
      whenEmpty: "everybody named by the template or a launch is on the roster")
    table.rows = faults.map { fault in
      [Text(fault.launch.map { $0.rawValue } ?? "template"), Text(fault.code.rawValue), Text(fault.detail)]
    }
    page.table(table)
  }
}

extension Page {
  fileprivate mutating func roster(_ roster: Roster) {
    var table = Table(columns: [
      .left("person"), .left("name"), .left("functions"), .left("leads"), .left("groups"), .left("roles"),
      .flexible("principals"),
    ])
    table.rows = roster.people.sorted { $0.key < $1.key }.map { key, person in
      [
        Text(key), Text(person.name), Text(person.functions.map(\.rawValue).joined(separator: " ")),
        Text(person.lead.map(\.rawValue).joined(separator: " ")), Text(person.groups.joined(separator: " ")),
        Text(person.roles.joined(separator: " ")),
        Text(person.principals.map(\.description).joined(separator: " ")),
      ]
    }
    self.table(table)
    section("Stand-ins", roster.delegates.map { Text("\($0.to) for \($0.from) until \($0.until)") })
    section(
      "Grants",
      roster.grants.map { grant in
        let acts = grant.onBehalfOf.map { ["may act on behalf of \($0)"] } ?? []
        let publishes = grant.publish.map { publish in
          [
            "may publish \(publish.types.joined(separator: ", ")) from \(publish.sources.joined(separator: ", "))"
              + (publish.items.map { ", evidence only about \($0.joined(separator: ", "))" } ?? "")
          ]
        }
        return Text("\(grant.principal) \((acts + (publishes ?? [])).joined(separator: " and "))")
      })
  }
}
