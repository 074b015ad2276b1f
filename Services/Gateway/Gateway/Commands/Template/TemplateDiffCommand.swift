import ArgumentParser
import Contract
import JSON
import LaunchModel

struct TemplateDiffCommand: GatewayCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what differs between two versions of the template.",
    discussion: """
      Without versions, shows what the latest adoption changed; with one, what has changed since that version. \
      --proposal and --file show what adopting them would change.
      """,
    examples: [
      "gonogo template diff 1 3",
      "gonogo template diff --file template.yaml",
    ])

  @Argument(help: ArgumentHelp("Version before; default: the one before TO.", valueName: "from")) var from: Int?
  @Argument(help: ArgumentHelp("Version after; default: the current one.", valueName: "to")) var to: Int?
  @Option(help: ArgumentHelp("Compare with an open proposal, e.g. proposal-1.", valueName: "id")) var proposal: String?
  @OptionGroup var replacement: FileOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard [to != nil, proposal != nil, replacement.file != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("pass one of TO, --proposal ID and --file PATH")
    }
  }

  func run(in session: Session) async throws {
    guard let file = replacement.file else {
      try await session.show(ChecklistRoutes.diffTemplates, DiffTemplates(from: from, to: to, proposal: proposal))
      return
    }
    let document = try DocumentFile(file, for: .reading)
    try await document.explaining {
      try await session.show(ChecklistRoutes.diffTemplates, DiffTemplates(from: from, document: document.value))
    }
  }
}

extension TemplateDiff: Displayable {
  func display(on page: inout Page) {
    page.heading(Text("Template version \(from) → \(to.map(String.init) ?? "proposed")"))
    page.changes(of: self)
  }
}

extension Page {
  /// Adds the items that differ, and the number of items that do not.
  mutating func changes(of diff: TemplateDiff) {
    guard !diff.isEmpty else {
      paragraph("No item differs.")
      return
    }
    for owner in diff.owners ?? [] {
      paragraph(Text("owner of \(owner.field): \(owner.from.plainText) → \(owner.to.plainText)", .warning))
    }
    var table = Self.changeTable
    for item in diff.added {
      table.rows.append([Text(item.key, .good), Text("added", .good), "", "", Text(item.summary)])
    }
    for item in diff.removed {
      table.rows.append([Text(item.key, .bad), Text("removed", .bad), "", Text(item.summary), ""])
    }
    for item in diff.changed { table.rows += Self.rows(of: item) }
    if !table.rows.isEmpty { self.table(table) }
    let order = diff.reordered ? "; the order of items differs" : ""
    paragraph(Text("\(counted(diff.unchanged, "item")) unchanged\(order)", .faint))
  }

  /// Adds the fields in which items differ.
  mutating func changes(of items: [TemplateDiff.ChangedItem]) {
    var table = Self.changeTable
    for item in items { table.rows += Self.rows(of: item) }
    self.table(table)
  }

  private static var changeTable: Table {
    Table(columns: [.left("item"), .left("change"), .left("field"), .flexible("before"), .flexible("after")])
  }

  /// Returns one row for each field; the first has the item's key.
  private static func rows(of item: TemplateDiff.ChangedItem) -> [[Text]] {
    item.changes.enumerated().map { place, change in
      let names = place == 0 ? [item.key, "changed"] : ["", ""]
      return names.map { Text($0, .warning) } + [
        Text(change.field), Text(shown(change.from)), Text(shown(change.to)),
      ]
    }
  }

  /// Formats a list as `0, 1`, an object as YAML, and any other value unchanged.
  private static func shown(_ value: JSONValue?) -> String {
    switch value {
    case .array(let elements)?:
      elements.isEmpty ? "-" : elements.map { shown($0) }.joined(separator: ", ")
    case .object(let members)?:
      "{\(members.sorted { $0.key < $1.key }.map { "\($0.key): \(shown($0.value))" }.joined(separator: ", "))}"
    default: value.plainText
    }
  }
}

extension TemplateItem {
  /// A summary of an item that is added or removed, for example `QA passed (Engineering, 2 business days before)`.
  fileprivate var summary: String { "\(title) (\(function.title), \(due)\(gate == .advisory ? ", advisory" : ""))" }
}
