import JSON
import Contract
import LaunchModel

extension TemplateList: Displayable {
  func display(on page: inout Page) {
    var table = Table(
      columns: [.right("version"), .left("adopted"), .left("by"), .right("items"), .left("digest")])
    table.rows = versions.map { version in
      let isCurrent = version.version == current
      return [
        Text(version.version.description + (isCurrent ? " *" : ""), isCurrent ? .strong : .plain),
        Text(version.adoptedAt.short), Text(version.adoptedBy), Text(version.items),
        Text(version.digest.shortDigest, .faint),
      ]
    }
    page.table(table)
    let open = proposals.filter { $0.adoptedAs == nil }
    guard !open.isEmpty else { return }
    page.heading("Open proposals")
    page.table(TemplateProposalView.table(of: open))
  }
}

extension TemplateProposalView: Displayable {
  func display(on page: inout Page) { page.table(Self.table(of: [self])) }

  fileprivate static func table(of proposals: [TemplateProposalView]) -> Table {
    var table = Table(columns: [
      .left("proposal"), .left("by"), .left("on"), .left("change"), .left("launches"), .flexible("text"),
    ])
    table.rows = proposals.map { proposal in
      [
        Text(proposal.id), Text(proposal.proposedBy), Text("v\(proposal.change.baseVersion)"),
        Text(proposal.change.summary), Text(proposal.launches.map(\.description).joined(separator: ", ")),
        Text(proposal.text),
      ]
    }
    return table
  }
}

extension TemplateChange {
  /// As `+faq-check ~qa -all-hands`.
  var summary: String {
    (add.map { "+\($0.key)" } + replace.map { "~\($0.key)" } + remove.map { "-\($0)" }).joined(separator: " ")
  }
}

extension ChecklistTemplate: Displayable {
  func display(on page: inout Page) {
    page.heading("Template version \(version)")
    var table = Table(columns: [
      .left("item"), .left("function"), .left("tiers"), .left("due"), .left("gate"), .flexible("title"),
    ])
    table.rows = items.map { item in
      [
        Text(item.key), Text(item.function.title), Text(item.tiers.map { String($0.rawValue) }.joined(separator: " ")),
        Text(item.due), Text(item.gate.rawValue), Text(item.title),
      ]
    }
    page.table(table)
  }
}

extension TemplateAdopted: Displayable {
  func display(on page: inout Page) {
    page.paragraph(
      Text("Template version \(templateVersion) is adopted; launches proposed from now on start from it.", .good))
    page.fields(["Items": Text(document.items.count), "Digest": Text(digest.shortDigest, .faint)])
  }
}

extension RosterView: Displayable {
  func display(on page: inout Page) {
    guard rosterVersion > 0 else {
      page.paragraph("No roster has been adopted: names are taken as given, and everybody may do everything.")
      return
    }
    page.heading("Roster version \(rosterVersion)")
    page.roster(document)
  }
}

extension RosterAdopted: Displayable {
  func display(on page: inout Page) {
    page.heading(Text("Roster version \(rosterVersion) is adopted", .good))
    page.roster(document)
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
    section(
      "Grants",
      roster.grants.map { grant in
        let acts = grant.onBehalfOf.map { ["may act for \($0)"] } ?? []
        let publishes = grant.publish.map { publish in
          ["may publish \(publish.types.joined(separator: ", ")) from \(publish.sources.joined(separator: ", "))"]
        }
        return Text("\(grant.principal) \((acts + (publishes ?? [])).joined(separator: " and "))")
      })
  }
}

extension PolicyView: Displayable {
  func display(on page: inout Page) {
    page.fields(["Version": Text(documentVersion), "Digest": Text(digest.shortDigest, .faint)])
    page.rules(rules)
    page.blank()
    // A document that YAML cannot express is shown as JSON.
    let text = (try? YAMLText.of(document)) ?? document.pretty()
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      page.paragraph(Text(String(line)))
    }
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
