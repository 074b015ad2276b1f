import LaunchModel

/// Decides which parts of a Markdown document are items of a checklist.
struct ChecklistFinder {
  private let document: MarkdownDocument
  private let mode: Mode
  /// Parts that look like a checklist but are not items, in the order in which they were found.
  private(set) var leftOut: [ChecklistImport.LeftOut] = []
  /// The entries that are no items, because they stand around items, in document order.
  private(set) var sections: [ChecklistImport.LeftOut] = []

  /// What counts as an item in the document.
  private enum Mode {
    case tasks, rows, entries
  }

  init(_ document: MarkdownDocument) {
    self.document = document
    let hasTasks = document.blocks.contains { block in
      switch block {
      case .entry(let entry): entry.isTask
      case .heading(let heading): heading.isTask
      case .table, .hidden: false
      }
    }
    let hasTables = document.blocks.contains { block in
      guard case .table(let table) = block, let columns = ChecklistColumns(table) else { return false }
      return columns.isChecklist(besideTasks: false)
    }
    let hasCellTasks = document.blocks.contains { block in
      guard case .table(let table) = block else { return false }
      return table.rows.contains { row in row.cells.contains { !MarkdownDocument.tasks(ofCell: $0).tasks.isEmpty } }
    }
    mode = hasTasks ? .tasks : hasTables ? .rows : hasCellTasks ? .tasks : .entries
  }

  /// The items, in document order.
  mutating func find() -> [FoundItem] {
    var found: [FoundItem] = []
    var headings = HeadingPath(document)
    let nested = nestedEntries()
    /// For each entry that is an item, or is nested in one, by its index in the document: the item.
    var owners: [Int: Int] = [:]
    for (index, block) in document.blocks.enumerated() {
      switch block {
      case .heading(let heading):
        if let item = item(of: heading, under: headings) { found.append(item) }
        headings.enter(heading)
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

  /// Returns the indices of the entries that contain other entries; in a document with tasks, of those that contain
  /// tasks.
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

  /// The item of a heading with a check box, which is the section of what is below it too.
  private mutating func item(of heading: MarkdownDocument.Heading, under path: HeadingPath) -> FoundItem? {
    guard heading.isTask else { return nil }
    if heading.text.isEmpty { return leaveOut(heading.line, "", "it has no text") }
    if heading.isStruck { return leaveOut(heading.line, heading.text, "struck through") }
    let (title, details) = FoundItem.title(of: heading.text)
    return FoundItem(
      line: heading.line, title: title, details: details, headings: path.texts(above: heading.level),
      links: heading.links)
  }

  private mutating func item(
    of entry: MarkdownDocument.Entry, hasNested: Bool, under headings: [String], inside: Bool
  ) -> FoundItem? {
    switch mode {
    case .rows: return leaveOut(entry.line, entry.text, "this file's items are read from its tables")
    case .tasks:
      guard entry.isTask else {
        if hasNested { return makeSection(of: entry) }
        let note = entry.links.isEmpty ? "a note of the item above" : "a note of the item above, which keeps its links"
        return leaveOut(entry.line, entry.text, inside ? note : "not a task")
      }
    case .entries:
      if hasNested { return makeSection(of: entry) }
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
      line: entry.line, title: title, details: details, headings: headings, groups: groups(around: entry),
      links: entry.links)
  }

  /// Notes that an entry is the section of the items below it.
  private mutating func makeSection(of entry: MarkdownDocument.Entry) -> FoundItem? {
    guard !entry.text.isEmpty else { return nil }
    sections.append(
      ChecklistImport.LeftOut(
        line: entry.line, text: FoundItem.cut(entry.text, to: 80), because: "the section of the items below it"))
    return nil
  }

  /// The texts of the entries around another one, innermost last, up to the first that is an item itself: two, which is
  /// how many a section names.
  private func groups(around entry: MarkdownDocument.Entry) -> [String] {
    var groups: [String] = []
    var parent = entry.parent
    while groups.count < 2, let index = parent, case .entry(let around) = document.blocks[index] {
      guard mode == .entries || !around.isTask else { break }
      if !around.text.isEmpty { groups.insert(FoundItem.title(of: around.text).title, at: 0) }
      parent = around.parent
    }
    return groups
  }

  private mutating func items(of table: MarkdownDocument.Table, under headings: [String]) -> [FoundItem] {
    guard let columns = ChecklistColumns(table), columns.isChecklist(besideTasks: mode == .tasks) else {
      return tasks(in: table, under: headings)
    }
    for column in columns.unknown(in: table) {
      leaveOut(table.line, table.columns[column], "a column that no field of an item stands for")
    }
    return table.rows.flatMap { row in items(of: row, columns, under: headings) }
  }

  /// The tasks in the cells of a table that is no checklist by its columns.
  private mutating func tasks(in table: MarkdownDocument.Table, under headings: [String]) -> [FoundItem] {
    var found: [FoundItem] = []
    for row in table.rows {
      for (index, cell) in row.cells.enumerated() {
        let (lead, tasks) = MarkdownDocument.tasks(ofCell: cell)
        guard !tasks.isEmpty else { continue }
        guard !row.struck[index] else {
          leaveOut(row.line, cell, "struck through")
          continue
        }
        found += tasks.map { task in
          let (title, details) = FoundItem.title(of: task)
          return FoundItem(
            line: row.line, title: title, details: details, headings: headings, groups: Self.groups(lead),
            links: row.links)
        }
      }
    }
    if found.isEmpty, !table.rows.isEmpty {
      let columns = table.columns.filter { !$0.isEmpty }.joined(separator: ", ")
      leaveOut(table.line, columns, "a table without a column for tasks, or without owner, due date and status")
    }
    return found
  }

  /// The text before the tasks of a cell, as their group.
  private static func groups(_ lead: String) -> [String] { lead.isEmpty ? [] : [FoundItem.title(of: lead).title] }

  /// The item of a row; several if its cell has several tasks.
  private mutating func items(
    of row: MarkdownDocument.Table.Row, _ columns: ChecklistColumns, under headings: [String]
  ) -> [FoundItem] {
    let (lead, tasks) = MarkdownDocument.tasks(ofCell: row.cells[columns.title])
    guard !(lead.isEmpty && tasks.isEmpty) else {
      leaveOut(row.line, "", "a row without text")
      return []
    }
    guard !row.struck[columns.title] else {
      leaveOut(row.line, row.cells[columns.title], "struck through")
      return []
    }
    let cells = RowCells(row, columns)
    for fault in cells.leftOut { leaveOut(row.line, fault.text, fault.because) }
    return (tasks.isEmpty ? [lead] : tasks).map { text in
      let (title, rest) = FoundItem.title(of: text)
      let details = [rest, cells.details].compactMap(\.self).filter { !$0.isEmpty }
      return FoundItem(
        line: row.line, title: title, details: details.isEmpty ? nil : details.joined(separator: " "),
        headings: headings, groups: tasks.isEmpty ? [] : Self.groups(lead),
        gate: cells.gate, owner: cells.owner, due: cells.due, links: row.links)
    }
  }

  @discardableResult
  private mutating func leaveOut(_ line: Int, _ text: String, _ because: String) -> FoundItem? {
    leftOut.append(ChecklistImport.LeftOut(line: line, text: FoundItem.cut(text, to: 80), because: because))
    return nil
  }

  /// Returns whether a heading announces links rather than things to do.
  private static func isReferenceHeading(_ text: String) -> Bool {
    let words = PlainWords(text)
    return ["links", "references", "resources", "see also", "further reading", "table of contents", "contents"]
      .contains { words.contains($0) }
  }
}

/// The headings above a position in a document.
private struct HeadingPath {
  private var open: [MarkdownDocument.Heading] = []
  /// The title of the document, which characterizes no item: its only heading of level 1.
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
  var path: [String] { texts(above: .max) }

  /// The texts of the headings that are more important than a level, innermost last.
  func texts(above level: Int) -> [String] {
    open.filter { $0 != title && $0.level < level && !$0.text.isEmpty }.map(\.text)
  }
}

/// The columns of a table of tasks, recognized by words in their headings.
private struct ChecklistColumns {
  let title: Int
  let details: Int?
  let owner: Int?
  let due: Int?
  let status: Int?
  let blocking: Int?
  /// Whether the heading of the tasks says so, rather than being as general as Name.
  let isExplicit: Bool

  /// Finds the columns; nil if none can be the column of the tasks.
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
    blocking = column(
      ["blocking", "blocker", "blocks", "required", "mandatory", "gate"], besides: [title, owner, due, status])
    details = column(
      ["description", "details", "detail", "notes", "note", "guidance", "comment", "comments"],
      besides: [title, owner, due, status, blocking])
  }

  /// The other columns, as far as they have a name and text.
  func unknown(in table: MarkdownDocument.Table) -> [Int] {
    let known = [title, details, owner, due, status, blocking]
    return table.columns.indices.filter { column in
      !known.contains(column) && !table.columns[column].isEmpty
        && table.rows.contains { $0.cells.indices.contains(column) && !$0.cells[column].isEmpty }
    }
  }

  /// Returns whether the rows are items.
  ///
  /// - Parameter besideTasks: whether the document has tasks, so that a table may be something else.
  func isChecklist(besideTasks: Bool) -> Bool {
    let hasMore = owner != nil || due != nil || status != nil
    return besideTasks ? hasMore : hasMore || isExplicit
  }
}

/// What the cells of a row say about its item, and what of it no field of an item can hold.
private struct RowCells {
  private(set) var owner: String?
  private(set) var due: String?
  private(set) var gate: (kind: GateKind, words: String)?
  /// More text about the item.
  private(set) var details: String
  /// The cells, as `Owner: lena`, that are not imported, and why.
  private(set) var leftOut: [(text: String, because: String)] = []

  /// Cells that say that there is nothing to say.
  private static let blanks: Set<String> = ["", "-", "–", "—", "…", "?", "n/a", "na", "none", "tbd", "tba"]

  init(_ row: MarkdownDocument.Table.Row, _ columns: ChecklistColumns) {
    func cell(_ column: Int?) -> String? {
      guard let column, row.cells.indices.contains(column) else { return nil }
      return Self.blanks.contains(row.cells[column].lowercased()) ? nil : row.cells[column]
    }
    owner = cell(columns.owner)
    due = cell(columns.due)
    details = columns.details.map { row.cells[$0] } ?? ""
    if let owner, FunctionWords.hasMore(in: owner) {
      details += details.isEmpty ? "Owner: \(owner)." : " Owner: \(owner)."
      leftOut.append(("Owner: \(owner)", "an item has a function, not a person; the text is kept in why"))
    }
    if let due, !DuePhrase.isRule(due) {
      let because =
        DuePhrase.isDate(due)
        ? "a date; items are due a number of days before or after the launch, such as T-5 or T-10bd"
        : "not a number of days before or after the launch, such as T-5 or T-10bd"
      leftOut.append(("Due: \(due)", because))
    }
    if let status = cell(columns.status), MarkdownDocument.isTicked(status) != false {
      let shown = MarkdownDocument.isTicked(status) == true ? "done" : status
      leftOut.append(("Status: \(shown)", "a template has no status; the item is open on each new launch"))
    }
    if let blocking = cell(columns.blocking) { read(blocking: blocking) }
  }

  private mutating func read(blocking cell: String) {
    let words = "Blocking: \(cell)"
    let text = cell.lowercased()
    if MarkdownDocument.isTicked(cell) == true
      || ["yes", "y", "true", "x", "✓", "✔", "blocking", "required", "mandatory", "must", "hard"].contains(text)
    {
      gate = (.blocking, words)
    } else if MarkdownDocument.isTicked(cell) == false
      || ["no", "n", "false", "✗", "✘", "❌", "advisory", "optional", "should", "could", "soft"].contains(text)
    {
      gate = (.advisory, words)
    } else {
      leftOut.append((words, "neither yes nor no"))
    }
  }
}
