import LaunchModel

/// Decides which parts of a Markdown document are items of a checklist.
struct ChecklistFinder {
  private let document: MarkdownDocument
  private let mode: Mode
  /// What looks like a part of a checklist and is no item, in the order in which it was found.
  private(set) var leftOut: [ChecklistImport.LeftOut] = []

  /// What the document's items are.
  private enum Mode {
    case tasks, rows, entries
  }

  init(_ document: MarkdownDocument) {
    self.document = document
    let hasTasks = document.blocks.contains { if case .entry(let entry) = $0 { entry.isTask } else { false } }
    let hasTables = document.blocks.contains { block in
      guard case .table(let table) = block, let columns = ChecklistColumns(table) else { return false }
      return columns.isChecklist(besideTasks: false)
    }
    mode = hasTasks ? .tasks : hasTables ? .rows : .entries
  }

  /// The items, in document order.
  mutating func find() -> [FoundItem] {
    var found: [FoundItem] = []
    var headings = HeadingPath(document)
    let nested = nestedEntries()
    /// The item that each entry is, or is nested in, by the entry's index in the document.
    var owners: [Int: Int] = [:]
    for (index, block) in document.blocks.enumerated() {
      switch block {
      case .heading(let heading): headings.enter(heading)
      case .hidden(let hidden):
        let count = hidden.tasks == 1 ? "1 task" : "\(hidden.tasks) tasks"
        leaveOut(hidden.line, count, "inside \(hidden.kind)")
      case .table(let table): found += items(of: table, under: headings.path)
      case .entry(let entry):
        let owner = entry.parent.flatMap { owners[$0] }
        if let item = item(of: entry, hasNested: nested.contains(index), under: headings.path, inside: owner != nil) {
          owners[index] = found.count
          found.append(item)
        } else if let owner {
          owners[index] = owner
          found[owner].links += entry.links
        }
      }
    }
    return found
  }

  /// The indices of the entries that others are nested in; in a document with tasks, of those around tasks.
  private func nestedEntries() -> Set<Int> {
    var nested: Set<Int> = []
    for block in document.blocks {
      guard case .entry(let entry) = block, mode != .tasks || entry.isTask else { continue }
      var parent = entry.parent
      while let index = parent, nested.insert(index).inserted {
        guard case .entry(let around) = document.blocks[index] else { break }
        parent = around.parent
      }
    }
    return nested
  }

  private mutating func item(
    of entry: MarkdownDocument.Entry, hasNested: Bool, under headings: [String], inside: Bool
  ) -> FoundItem? {
    switch mode {
    case .rows: return leaveOut(entry.line, entry.text, "this file's items are read from its tables")
    case .tasks:
      guard entry.isTask else {
        // An entry around tasks becomes their group.
        if hasNested { return nil }
        let note = entry.links.isEmpty ? "a note of the item above" : "a note of the item above, which keeps its links"
        return leaveOut(entry.line, entry.text, inside ? note : "not a task")
      }
    case .entries:
      if hasNested { return nil }
      if let last = headings.last, Self.isReferenceHeading(last) {
        return leaveOut(entry.line, entry.text, "listed under \"\(last)\"")
      }
      if entry.links.count == 1, entry.links[0].hasPrefix("#") {
        return leaveOut(entry.line, entry.text, "a link within the file")
      }
    }
    if entry.text.isEmpty { return leaveOut(entry.line, "", "it has no text") }
    if entry.isStruck { return leaveOut(entry.line, entry.text, "struck through") }
    let (title, details) = FoundItem.title(of: entry.text)
    return FoundItem(
      line: entry.line, title: title, details: details, headings: headings, group: group(around: entry),
      links: entry.links)
  }

  /// The text of the entry around another one, unless it is an item itself.
  private func group(around entry: MarkdownDocument.Entry) -> String? {
    guard let parent = entry.parent, case .entry(let around) = document.blocks[parent] else { return nil }
    guard mode == .entries || !around.isTask, !around.text.isEmpty else { return nil }
    return FoundItem.title(of: around.text).title
  }

  private mutating func items(of table: MarkdownDocument.Table, under headings: [String]) -> [FoundItem] {
    guard let columns = ChecklistColumns(table), columns.isChecklist(besideTasks: mode == .tasks) else {
      if !table.rows.isEmpty {
        let columns = table.columns.filter { !$0.isEmpty }.joined(separator: ", ")
        leaveOut(table.line, columns, "a table without a column for tasks, or without owner, due date and status")
      }
      return []
    }
    return table.rows.compactMap { row in
      let text = MarkdownDocument.withoutCheckBox(row.cells[columns.title])
      guard !text.isEmpty else { return leaveOut(row.line, "", "a row without text") }
      let (title, rest) = FoundItem.title(of: text)
      let details = [rest, columns.details.map { row.cells[$0] }].compactMap(\.self).filter { !$0.isEmpty }
      return FoundItem(
        line: row.line, title: title, details: details.isEmpty ? nil : details.joined(separator: " "),
        headings: headings, owner: columns.owner.map { row.cells[$0] }, due: columns.due.map { row.cells[$0] },
        links: row.links)
    }
  }

  @discardableResult
  private mutating func leaveOut(_ line: Int, _ text: String, _ because: String) -> FoundItem? {
    leftOut.append(ChecklistImport.LeftOut(line: line, text: FoundItem.cut(text, to: 80), because: because))
    return nil
  }

  /// Whether a heading announces links rather than things to do.
  private static func isReferenceHeading(_ text: String) -> Bool {
    let words = PlainWords(text)
    return ["links", "references", "resources", "see also", "further reading", "table of contents", "contents"]
      .contains { words.contains($0) }
  }
}

/// The headings above a place in a document.
private struct HeadingPath {
  private var open: [MarkdownDocument.Heading] = []
  /// The title of the document, which says nothing about an item: its only heading of level 1.
  private let title: MarkdownDocument.Heading?

  init(_ document: MarkdownDocument) {
    let all = document.blocks.compactMap { if case .heading(let heading) = $0 { heading } else { nil } }
    let first = all.filter { $0.level == 1 }
    title = first.count == 1 && all.count > 1 ? first[0] : nil
  }

  mutating func enter(_ heading: MarkdownDocument.Heading) {
    open.removeAll { $0.level >= heading.level }
    open.append(heading)
  }

  /// The texts, innermost last.
  var path: [String] { open.filter { $0 != title }.map(\.text) }
}

/// The columns of a table of tasks, by the words in their headings.
private struct ChecklistColumns {
  let title: Int
  let details: Int?
  let owner: Int?
  let due: Int?
  let status: Int?
  /// Whether the heading of the tasks says so, rather than being as general as Name.
  let isExplicit: Bool

  /// Nil if no column can be that of the tasks.
  init?(_ table: MarkdownDocument.Table) {
    let headings = table.columns.map { PlainWords($0) }
    func column(_ words: [String], besides taken: [Int?] = []) -> Int? {
      words.lazy.compactMap { word in
        headings.indices.first { !taken.contains($0) && headings[$0].contains(word) }
      }.first
    }
    let explicit = column([
      "task", "tasks", "check", "checks", "item", "items", "action", "actions", "activity", "step", "todo", "to do",
      "deliverable", "deliverables", "requirement", "requirements", "criterion", "criteria", "question",
    ])
    guard let title = explicit ?? column(["name", "what", "title", "description"]) else { return nil }
    self.title = title
    isExplicit = explicit != nil
    owner = column(
      ["owner", "owners", "responsible", "assignee", "dri", "team", "function", "department", "lead", "who"],
      besides: [title])
    due = column(["due", "deadline", "when", "timing", "timeline", "date"], besides: [title, owner])
    status = column(["status", "done", "complete", "completed", "checked", "state"], besides: [title, owner, due])
    details = column(
      ["description", "details", "detail", "notes", "note", "guidance", "comment", "comments"],
      besides: [title, owner, due, status])
  }

  /// Whether the rows are items.
  ///
  /// - Parameter besideTasks: whether the document has tasks, so that a table may be something else.
  func isChecklist(besideTasks: Bool) -> Bool {
    let hasMore = owner != nil || due != nil || status != nil
    return besideTasks ? hasMore : hasMore || isExplicit
  }
}
