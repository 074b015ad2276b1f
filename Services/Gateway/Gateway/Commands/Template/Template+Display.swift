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
      .left("proposal"), .left("by"), .left("based on"), .left("change"), .left("launches"), .flexible("text"),
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
  /// The items added, replaced and removed, for example `+faq-check ~qa -all-hands`.
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
      Text("Template version \(templateVersion) adopted; new launches start from it.", .good))
    page.fields(["Items": Text(document.items.count), "Digest": Text(digest.shortDigest, .faint)])
    guard let changes else { return }
    page.heading(Text("Changes since version \(changes.from)"))
    page.changes(of: changes)
  }
}
